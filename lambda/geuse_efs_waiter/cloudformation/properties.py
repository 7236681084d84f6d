"""Reads the properties of the custom resource strictly: known keys, known forms, nothing else. `Wanted` is what they say.

CloudFormation sends every number and boolean as a string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.errors import InvalidRequestError

# As text: each is compiled when it is first needed, not while the function starts.
FILE_SYSTEM_ID = r"fs-[0-9a-f]{8,40}"
MOUNT_TARGET_ID = r"fsmt-[0-9a-f]{8,40}"
SECURITY_GROUP_ID = r"sg-[0-9a-f]{8,40}"
SUBNET_ID = r"subnet-[0-9a-f]{8,40}"
ZONE = r"[A-Za-z0-9-]{1,64}"
# No half of a surrogate pair: it could not be sent to AWS.
TAG_KEY = r"(?!(?i:aws:))[^\x00-\x1f\ud800-\udfff]{1,128}"
TAG_VALUE = r"[^\x00-\x1f\ud800-\udfff]{0,256}"

LONGEST_WAIT = 2400
MOST_TAGS = 50
"""EC2 takes no more on a network interface."""
MOST_SECURITY_GROUPS = 5
"""EFS takes no more on a mount target."""
ADOPT_KEY = "Adopt"
"""The property that tells an adoption from a file system of the stack's own."""

CLOUDFORMATIONS_OWN = frozenset({"ServiceToken", "ServiceTimeout"})

_REDEPLOY = "deploy with the construct and the Lambda of the same version of geuse-efs"


class Properties:
    """One mapping of properties. Every key must be taken once; `finish` refuses what is left.

    Args:
        values: the mapping as CloudFormation sent it.
        where: how errors call it.
        ignored: keys that are CloudFormation's own business.
    """

    def __init__(self, values: Any, *, where: str = "property", ignored: frozenset[str] = frozenset()) -> None:
        if not isinstance(values, Mapping):
            raise InvalidRequestError(f"{where} is {_shown(values)}, expected a mapping; {_REDEPLOY}")
        self._left = {key: value for key, value in values.items() if key not in ignored}
        self._where = where

    def text(self, key: str, form: str, default: str | None = None) -> str:
        """Take a string of that form; a missing one is the default, or an error if there is none."""
        value = self._left.pop(key, default)
        if not isinstance(value, str) or (not re.fullmatch(form, value) and value != default):
            raise self.wrong(key, value, f"text like {form}")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """Take a whole number within the bounds."""
        value = self._left.pop(key, None)
        if not re.fullmatch(r"[0-9]{1,9}", str(value)) or not low <= int(str(value)) <= high:
            raise self.wrong(key, value, f"a whole number from {low} to {high}")
        return int(str(value))

    def flag(self, key: str) -> bool:
        """Take ``true`` or ``false``."""
        value = self._left.pop(key, None)
        if str(value).lower() not in ("true", "false"):
            raise self.wrong(key, value, "true or false")
        return str(value).lower() == "true"

    def texts(self, key: str, form: str, most: int = 0) -> tuple[str, ...]:
        """Take a list of strings of that form, or at most so many different ones; a missing one is empty."""
        values = self._left.pop(key, [])
        if (
            not isinstance(values, list)
            or not all(isinstance(one, str) and re.fullmatch(form, one) for one in values)
            or (most and not len(set(values)) == len(values) <= most)
        ):
            raise self.wrong(key, values, f"a list of {f'at most {most} different ' if most else ''}texts like {form}")
        return tuple(values)

    def tags(self) -> dict[str, str]:
        """Take the tags, in the form in which the CDK writes them: a list of mappings with ``key`` and ``value``.

        A missing one is empty: somebody removed every tag.
        """
        given = self._left.pop("Tags", [])
        values = {one["key"]: one["value"] for one in given} if _are_tags(given) else {}
        if not isinstance(given, list) or len(values) != len(given) or len(given) > MOST_TAGS:
            raise self.wrong("Tags", given, f"a list of mappings with key and value, each key once, {MOST_TAGS} in all")
        return self._pairs("Tags", values, TAG_KEY, TAG_VALUE)

    def pairs(self, key: str, name_form: str, value_form: str) -> dict[str, str]:
        """Take a mapping of names to strings of those forms; a missing one is empty."""
        return self._pairs(key, self._left.pop(key, {}), name_form, value_form)

    def _pairs(self, key: str, values: Any, name_form: str, value_form: str) -> dict[str, str]:
        if not isinstance(values, Mapping):
            raise self.wrong(key, values, "a mapping")
        for name, value in values.items():
            if not re.fullmatch(name_form, name):
                raise self.wrong(f"{key} has a key that", name, f"text like {name_form}")
            if not isinstance(value, str) or not re.fullmatch(value_form, value):
                raise self.wrong(f"{key}.{name}", value, f"text like {value_form}")
        return dict(values)

    def nested(self, key: str, default: Any = None) -> Properties:
        """Take a mapping with keys of its own; a missing one is the default, or an error if there is none."""
        return Properties(self._left.pop(key, default), where=f"{self._where} {key}")

    def finish(self) -> None:
        """Refuse the keys that nobody took."""
        if self._left:
            known_by_nobody = ", ".join(sorted(self._left))
            raise InvalidRequestError(f"{self._where} {known_by_nobody:.200} is unknown; {_REDEPLOY}")

    def wrong(self, key: str, value: Any, expected: str) -> InvalidRequestError:
        """The error that a value is not what was expected."""
        return InvalidRequestError(f"{self._where} {key} is {_shown(value)}, expected {expected}; {_REDEPLOY}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The wish, checked.

    Attributes:
        file_system_id: the file system.
        mount_target_ids: the mount target of each AZ, as the construct names it.
        security_group_ids: the groups that CloudFormation gives the mount targets; a change makes it call us.
        tags: what the mount targets' network interfaces are to carry.
        wait_timeout: seconds to wait for the mount targets, 1 to 2400.
        allow_replacement: whether an update may swap the file system for another.
    """

    file_system_id: str
    mount_target_ids: Mapping[str, str]
    security_group_ids: tuple[str, ...]
    tags: Mapping[str, str]
    wait_timeout: int
    allow_replacement: bool

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Wanted:
        """Read the properties.

        Raises:
            InvalidRequestError: naming the first property that is missing, malformed or unknown.
        """
        given = Properties(values, ignored=CLOUDFORMATIONS_OWN)
        wanted = cls(
            file_system_id=given.text("FileSystemId", FILE_SYSTEM_ID),
            mount_target_ids=given.pairs("MountTargets", ZONE, MOUNT_TARGET_ID),
            security_group_ids=given.texts("SecurityGroupIds", SECURITY_GROUP_ID, MOST_SECURITY_GROUPS),
            tags=given.tags(),
            wait_timeout=given.whole("WaitTimeoutSeconds", 1, LONGEST_WAIT),
            allow_replacement=given.flag("AllowReplacement"),
        )
        given.finish()
        names = list(wanted.mount_target_ids.values())
        if not 0 < len(names) == len(set(names)):
            raise given.wrong("MountTargets", names, "one mount target an availability zone")
        return wanted


def check_zone(key: str, zone: str, subnet_id: str, region: str) -> None:
    """Refuse a key that is the name of another zone than the one its subnet is in.

    Only a zone of the region is compared. Where zones are not known at synth, a key is the subnet's construct id.
    """
    if re.fullmatch(f"{region}[a-z]", key) and zone not in ("", key):
        raise InvalidRequestError(
            f"subnet {subnet_id} is in {zone}, expected {key}; give the availability_zone it is in where it is imported"
        )


def _are_tags(given: Any) -> bool:
    return isinstance(given, list) and all(
        isinstance(one, Mapping) and one.keys() == {"key", "value"} and isinstance(one["key"], str) for one in given
    )


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:100]
