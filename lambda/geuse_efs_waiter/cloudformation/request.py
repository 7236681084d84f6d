"""The request that CloudFormation sends, and the time already waited that the waiter adds when it continues.

Source: CloudFormation user guide, "Custom resource request objects".
"""

from __future__ import annotations

import re
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
# "unknown" is what a create gets that failed before it knew its file system; it can be updated where roll-back is off.
_PHYSICAL_ID = rf"{PHYSICAL_ID_PREFIX}(unknown|{FILE_SYSTEM_ID})"


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
            InvalidRequestError: if it lacks a response needs; then only the log can tell.
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

    @property
    def kept_physical_id(self) -> str:
        """The physical id where nothing is replaced: the one given, else the one that success would have had.

        Another id on a failed update would be a replacement, and CloudFormation would delete the present resource.
        """
        name = str(self.properties.get("FileSystemId")).rpartition("/")[2]
        known = name if re.fullmatch(FILE_SYSTEM_ID, name) else "unknown"
        return self.physical_resource_id or physical_id(known)

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
