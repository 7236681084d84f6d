"""The response to CloudFormation: one PUT to the ResponseURL, at most 4096 bytes.

It carries what other resources read by ``Fn::GetAtt``.

Source: CloudFormation user guide, "Custom resource response objects".
"""

from __future__ import annotations

import http.client
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.cloudformation.request import Request
from geuse_efs_waiter.limits import MAX_RESPONSE_BYTES, MAX_WARNING_CHARACTERS
from geuse_efs_waiter.models import MountTargetResource

WARNINGS = "Warnings"
_PUT_SECONDS = 10


class ResponseNotDeliveredError(Exception):
    """Raised when CloudFormation could not be told; Lambda then runs the request again."""


@dataclass(frozen=True, slots=True)
class Response:
    """Success with attributes, or failure with a reason."""

    physical_id: str
    data: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def failed(self) -> bool:
        """A failure always has a reason, a success never."""
        return bool(self.reason)

    def body(self, request: Request) -> bytes:
        """The response as JSON of at most 4096 bytes.

        A reason is cut at the end, and so are the warnings of a success. The other attributes are never cut, because a
        stack that asks for a missing one fails with a worse message: too many turn the response into a failure that says so.
        """
        whole = self._fitted(request)
        if len(whole) > MAX_RESPONSE_BYTES and not self.failed:
            reason = (
                f"the attributes of the mount targets make a response of {len(whole)} bytes, CloudFormation takes "
                f"{MAX_RESPONSE_BYTES}; select fewer availability zones"
            )
            return Response(request.kept_physical_id, reason=reason).body(request)
        return whole

    def _fitted(self, request: Request) -> bytes:
        """As JSON, with so much of the reason or of the warnings as fits."""
        whole, text = self.encode(request), self.reason or self.data.get(WARNINGS, "")
        shorter = text[:MAX_RESPONSE_BYTES]
        while len(whole) > MAX_RESPONSE_BYTES and shorter:
            whole = self._with_text(f"{shorter} [cut]").encode(request)
            # A character takes up to twelve bytes in JSON: never more is cut than must be.
            shorter = shorter[: -max(1, (len(whole) - MAX_RESPONSE_BYTES) // 12)]
        return whole

    def _with_text(self, text: str) -> Response:
        return replace(self, reason=text) if self.failed else replace(self, data={**self.data, WARNINGS: text})

    def encode(self, request: Request) -> bytes:
        """The response as JSON, however long."""
        body = {
            "Status": "FAILED" if self.failed else "SUCCESS",
            "Reason": self.reason,
            "PhysicalResourceId": self.physical_id,
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_resource_id,
            "Data": dict(self.data),
        }
        return json.dumps(body, separators=(",", ":")).encode()


def attributes(file_system_id: str, by_zone: Mapping[str, MountTargetResource | None], warnings: str) -> dict[str, str]:
    """Flat names, because ``Fn::GetAtt`` knows no others: ``<zone>.<attribute>``.

    Every attribute is always there, empty where it does not apply: asking for a missing one fails a stack. The names of the
    AZs, in the order of the zones, are one attribute: those of six zones with long names just fit.
    """
    zones = sorted(by_zone.items(), key=lambda item: item[0])
    data = {"FileSystemId": file_system_id, WARNINGS: warnings[:MAX_WARNING_CHARACTERS]}
    data["AvailabilityZones"] = ",".join(target.availability_zone if target else "" for _, target in zones)
    for zone, target in zones:
        data[f"{zone}.MountTargetId"] = target.mount_target_id if target else ""
        data[f"{zone}.SubnetId"] = target.subnet_id if target else ""
        data[f"{zone}.AvailabilityZoneId"] = target.availability_zone_id if target else ""
        data[f"{zone}.NetworkInterfaceId"] = (target and target.network_interface_id) or ""
        data[f"{zone}.IpAddress"] = (target and target.ip_address) or ""
        data[f"{zone}.Ipv6Address"] = (target and target.ipv6_address) or ""
    return data


def send(url: str, body: bytes, deadline: PollingDeadline) -> None:
    """PUT the body, and again after each failure until the time is over.

    Raises:
        ResponseNotDeliveredError: without the URL, which must not reach a log.
    """
    while (trouble := _put(url, body)) is not None:
        if not deadline.pause(throttled=True):
            raise ResponseNotDeliveredError(f"CloudFormation's response address did not take the response: {trouble}")


def _put(url: str, body: bytes) -> str | None:
    """One attempt; what went wrong, without the URL, or None."""
    # S3 signs the URL for an empty content type; urllib would set one of its own.
    request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_PUT_SECONDS):  # noqa: S310
            return None
    except urllib.request.HTTPError as refused:
        return f"HTTP {refused.code}"
    except (OSError, http.client.HTTPException, ValueError) as unreachable:
        return type(unreachable).__name__
