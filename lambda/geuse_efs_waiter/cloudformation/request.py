"""The request that CloudFormation sends, and the time already waited that the waiter adds when it continues.

Source: CloudFormation user guide, "Custom resource request objects".
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID, PropertyReader
from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.limits import MAX_PHYSICAL_ID_CHARACTERS, MAX_WAITED_SECONDS

WAITED_KEY = "GeuseEfsWaitedSeconds"
"""Added to the event when another invocation continues: the seconds that earlier ones have waited."""

PHYSICAL_ID_PREFIX = "geuse-efs:"

# As text, like the patterns of properties.
_STACK_ID = r"arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/[A-Za-z0-9/-]+"
# Any text: where roll-back is off, an update may carry an id that CloudFormation invented for a create without a response.
_PHYSICAL_ID = rf".{{1,{MAX_PHYSICAL_ID_CHARACTERS}}}"
# The bucket is AWS's own, one per region; its address has several forms, each below a partition's own domain.
_RESPONSE_HOST = (
    r"cloudformation-custom-resource-response-({region})\.s3([.-][a-z0-9-]+)*"
    r"\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|csp\.hci\.ic\.gov|cloud\.adc-e\.uk)"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One event of a custom resource. The ResponseURL is a secret: who has it can respond in our place."""

    request_type: str
    response_url: str = field(repr=False)
    stack_id: str
    request_id: str
    logical_resource_id: str
    physical_resource_id: str | None
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any]
    already_waited: float
    event: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Request:
        """Read the event.

        Raises:
            InvalidRequestError: if it lacks what a response needs; then only the log can tell.
        """
        url = _string(event, "ResponseURL")
        if not url.startswith(("https://", "http://")):
            raise InvalidRequestError("ResponseURL is not a URL; expected an event of CloudFormation")
        waited: Any = event.get(WAITED_KEY)
        return cls(
            request_type=_string(event, "RequestType"),
            response_url=url,
            stack_id=_string(event, "StackId"),
            request_id=_string(event, "RequestId"),
            logical_resource_id=_string(event, "LogicalResourceId"),
            physical_resource_id=str(event["PhysicalResourceId"]) if event.get("PhysicalResourceId") else None,
            properties=_mapping(event, "ResourceProperties"),
            old_properties=_mapping(event, "OldResourceProperties"),
            already_waited=float(waited) if _is_time(waited) else 0.0,
            event=event,
        )

    def check(self) -> None:
        """Refuse what CloudFormation would never send beside the properties. Not for a delete: nothing may block it.

        Raises:
            InvalidRequestError: naming the first key that is missing or malformed.
        """
        given = PropertyReader(self.event, where="event")
        given.string("StackId", _STACK_ID)
        # A create has none yet.
        given.string("PhysicalResourceId", _PHYSICAL_ID, "" if self.request_type == "Create" else None)
        given.nested("ResourceProperties")
        given.nested("OldResourceProperties", {})
        if not _is_time(waited := self.event.get(WAITED_KEY, 0)):
            raise given.error(WAITED_KEY, waited, f"a number from 0 to {MAX_WAITED_SECONDS}")

    def check_origin(self, stack_id: str, local_response_host: str | None = None) -> None:
        """Refuse what did not come from CloudFormation for this function's stack: who may invoke it could forge an event.

        Args:
            stack_id: the function's own stack.
            local_response_host: a host that takes responses as well, also without TLS; on AWS there is none.

        Raises:
            InvalidRequestError: then nothing is done and nothing is answered.
        """
        if self.stack_id != stack_id:
            raise InvalidRequestError(
                f"the event is of stack {self.stack_id!r:.200}, expected the function's own: {stack_id}"
            )
        url = urllib.parse.urlsplit(self.response_url)
        region = (self.stack_id.split(":") + [""] * 4)[3]
        expected = _RESPONSE_HOST.format(region=f"{region}|{region.replace('-', '')}")
        if url.hostname == local_response_host or (
            url.scheme == "https" and re.fullmatch(expected, url.hostname or "")
        ):
            return
        raise InvalidRequestError(
            f"the ResponseURL is at {url.scheme}://{url.hostname}, expected CloudFormation's bucket for responses in {region}"
        )

    @property
    def present_file_system_id(self) -> str | None:
        """The file system that the present resource stands for, None if its id was given by CloudFormation."""
        physical = (self.physical_resource_id or "").removeprefix(PHYSICAL_ID_PREFIX)
        return physical if re.fullmatch(FILE_SYSTEM_ID, physical) else None

    @property
    def kept_physical_id(self) -> str:
        """The physical id where nothing is replaced: the one given, else the one that success would have had.

        Another id on a failed update would be a replacement, and CloudFormation would delete the present resource.
        """
        name = str(self.properties.get("FileSystemId")).rpartition("/")[2]
        known = name if re.fullmatch(FILE_SYSTEM_ID, name) else "unknown"
        return self.physical_resource_id or physical_id(known)

    @property
    def has_invented_id(self) -> bool:
        """Whether CloudFormation has invented the physical id, because nobody answered the create.

        That create may still be running, or be run again.
        """
        return not (self.physical_resource_id or "").startswith(PHYSICAL_ID_PREFIX)

    def id_after(self, file_system_id: str) -> str:
        """The physical id of an adoption after a success: another one only if it adopts another file system.

        An invented id is kept: another one would make CloudFormation delete the present adoption as replaced.
        """
        kept = self.has_invented_id and self.old_properties.get("FileSystemId") == self.properties.get("FileSystemId")
        return (self.physical_resource_id if kept else None) or physical_id(file_system_id)

    @property
    def account(self) -> str:
        """The account of the stack, of a request that was checked."""
        return self.stack_id.split(":")[4]

    @property
    def sent_at(self) -> float | None:
        """When CloudFormation sent the request, seconds since the epoch; None if the ResponseURL does not say.

        The URL is presigned and carries the time of its signature; Lambda's repetitions carry the same one.
        """
        signed = re.search(r"[?&]X-Amz-Date=(\d{8}T\d{6})Z", self.response_url)
        return datetime.strptime(f"{signed[1]}+0000", "%Y%m%dT%H%M%S%z").timestamp() if signed else None


def physical_id(file_system_id: str) -> str:
    """The physical id of the custom resource of a file system, cut to what CloudFormation takes."""
    return f"{PHYSICAL_ID_PREFIX}{file_system_id}"[:MAX_PHYSICAL_ID_CHARACTERS]


def _is_time(waited: Any) -> bool:
    # A boolean is a number to Python.
    return type(waited) in (int, float) and 0 <= waited <= MAX_WAITED_SECONDS


def _mapping(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def _string(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"the event has no {key}; expected an event of CloudFormation for a custom resource")
    return value
