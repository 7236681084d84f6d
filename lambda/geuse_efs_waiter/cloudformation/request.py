"""The request that CloudFormation sends, and the run-again note that the waiter adds to it.

Source: CloudFormation user guide, "Custom resource request objects".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID, Properties
from geuse_efs_waiter.errors import InvalidRequestError

WAITED_KEY = "GeuseEfsWaitedSeconds"
"""Added to the event when another run goes on waiting: the seconds that earlier runs have spent."""

PHYSICAL_ID_PREFIX = "geuse-efs:"
_LONGEST_WAITED = 3600

# As text, like the forms of properties.
_STACK_ID = r"arn:[a-z-]+:cloudformation:[a-z0-9-]+:[0-9]{12}:stack/[A-Za-z0-9/-]+"
# "unknown" is what a create gets that failed before it knew its file system; it can be updated where roll-back is off.
_PHYSICAL_ID = rf"{PHYSICAL_ID_PREFIX}(unknown|{FILE_SYSTEM_ID})"


@dataclass(frozen=True, slots=True)
class Request:
    """One event of a custom resource. The ResponseURL is a secret: whoever has it can answer for us."""

    request_type: str
    response_url: str = field(repr=False)
    stack_id: str
    request_id: str
    logical_resource_id: str
    physical_resource_id: str | None
    properties: Mapping[str, Any]
    old_properties: Mapping[str, Any]
    waited: float
    event: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Request:
        """Read the event.

        Raises:
            InvalidRequestError: if it lacks what an answer needs; nobody can be told but the log.
        """
        url = _text(event, "ResponseURL")
        if not url.startswith(("https://", "http://")):
            raise InvalidRequestError("ResponseURL is not a URL; expected an event of CloudFormation")
        waited: Any = event.get(WAITED_KEY)
        return cls(
            request_type=_text(event, "RequestType"),
            response_url=url,
            stack_id=_text(event, "StackId"),
            request_id=_text(event, "RequestId"),
            logical_resource_id=_text(event, "LogicalResourceId"),
            physical_resource_id=str(event["PhysicalResourceId"]) if event.get("PhysicalResourceId") else None,
            properties=_mapping(event, "ResourceProperties"),
            old_properties=_mapping(event, "OldResourceProperties"),
            waited=float(waited) if _is_time(waited) else 0.0,
            event=event,
        )

    def check(self) -> None:
        """Refuse what CloudFormation would never send beside the properties. Not for a delete: nothing may block it.

        Raises:
            InvalidRequestError: naming the first key that is missing or malformed.
        """
        given = Properties(self.event, where="event")
        given.text("StackId", _STACK_ID)
        # A create has none yet.
        given.text("PhysicalResourceId", _PHYSICAL_ID, "" if self.request_type == "Create" else None)
        given.nested("ResourceProperties")
        given.nested("OldResourceProperties", {})
        if not _is_time(waited := self.event.get(WAITED_KEY, 0)):
            raise given.wrong(WAITED_KEY, waited, f"a number from 0 to {_LONGEST_WAITED}")

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
    def sent(self) -> float | None:
        """When CloudFormation sent the request, seconds since the epoch; None if the ResponseURL does not say.

        The URL is presigned and carries the time of its signature; Lambda's repetitions carry the same one.
        """
        signed = re.search(r"[?&]X-Amz-Date=(\d{8}T\d{6})Z", self.response_url)
        return datetime.strptime(f"{signed[1]}+0000", "%Y%m%dT%H%M%S%z").timestamp() if signed else None


def physical_id(file_system_id: str) -> str:
    """The physical id of the custom resource of a file system, cut to the 1024 characters CloudFormation takes."""
    return f"{PHYSICAL_ID_PREFIX}{file_system_id}"[:1024]


def _is_time(waited: Any) -> bool:
    # A boolean is a number to Python.
    return type(waited) in (int, float) and 0 <= waited <= _LONGEST_WAITED


def _mapping(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"the event has no {key}; expected an event of CloudFormation for a custom resource")
    return value
