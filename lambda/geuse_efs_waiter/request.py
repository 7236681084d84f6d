"""The request that CloudFormation sends, and the run-again note that the waiter adds to it.

Source: CloudFormation user guide, "Custom resource request objects".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.properties import FILE_SYSTEM_ID

WAITED_KEY = "GeuseEfsWaitedSeconds"
"""Added to the event when another run goes on waiting: the seconds that earlier runs have spent."""

PHYSICAL_ID_PREFIX = "geuse-efs:"
_PARTS_OF_AN_ARN = 6
_LONGEST_WAITED = 3600


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

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Request:
        """Read the event.

        Raises:
            InvalidRequestError: if it lacks what an answer needs; nobody can be told but the log.
        """
        url = _text(event, "ResponseURL")
        if not url.startswith(("https://", "http://")):
            raise InvalidRequestError("ResponseURL is not a URL; expected an event of CloudFormation")
        return cls(
            request_type=_text(event, "RequestType"),
            response_url=url,
            stack_id=_text(event, "StackId"),
            request_id=_text(event, "RequestId"),
            logical_resource_id=_text(event, "LogicalResourceId"),
            physical_resource_id=str(event["PhysicalResourceId"]) if event.get("PhysicalResourceId") else None,
            properties=_mapping(event, "ResourceProperties"),
            old_properties=_mapping(event, "OldResourceProperties"),
            waited=_seconds(event, WAITED_KEY),
        )

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
        """The account of the stack.

        Raises:
            InvalidRequestError: if the id of the stack is no ARN.
        """
        parts = self.stack_id.split(":")
        if len(parts) < _PARTS_OF_AN_ARN:
            raise InvalidRequestError(f"StackId is {self.stack_id!r:.100}, expected the ARN of a stack")
        return parts[4]

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


def _mapping(event: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What is no mapping is an empty one: a create is then refused for what is missing, and a delete succeeds."""
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def _seconds(event: Mapping[str, Any], key: str) -> float:
    value = event.get(key, 0.0)
    return float(value) if isinstance(value, int | float) and 0 <= value <= _LONGEST_WAITED else 0.0


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"the event has no {key}; expected an event of CloudFormation for a custom resource")
    return value
