"""Reads the properties of the custom resource strictly: known keys, known patterns, nothing else.

CloudFormation sends every number and boolean as a string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.limits import MAX_TAGS

# As text: each is compiled when it is first needed, not while the function starts.
FILE_SYSTEM_ID = r"fs-[0-9a-f]{8,40}"
MOUNT_TARGET_ID = r"fsmt-[0-9a-f]{8,40}"
SECURITY_GROUP_ID = r"sg-[0-9a-f]{8,40}"
SUBNET_ID = r"subnet-[0-9a-f]{8,40}"
ZONE = r"[A-Za-z0-9-]{1,64}"
# No half of a surrogate pair: it could not be sent to AWS.
TAG_KEY = r"(?!(?i:aws:))[^\x00-\x1f\ud800-\udfff]{1,128}"
TAG_VALUE = r"[^\x00-\x1f\ud800-\udfff]{0,256}"

ADOPT_KEY = "Adopt"
"""The property that tells an adoption from a file system of the stack's own."""

ALLOW_DELETION_KEY = "AllowDeletionWhileAdopted"
"""Says that mount targets may be deleted although other adoptions want them; false where it is missing."""

CLOUDFORMATION_KEYS = frozenset({"ServiceToken", "ServiceTimeout"})

_REDEPLOY = "deploy with the construct and the Lambda of the same version of geuse-efs"


class PropertyReader:
    """One mapping of properties. Every key must be taken once; `reject_unknown` refuses what is left.

    Args:
        values: the mapping as CloudFormation sent it.
        where: what errors call it.
        ignored: keys that are CloudFormation's own business.
    """

    def __init__(self, values: Any, *, where: str = "property", ignored: frozenset[str] = frozenset()) -> None:
        if not isinstance(values, Mapping):
            raise InvalidRequestError(f"{where} is {_shown(values)}, expected a mapping; {_REDEPLOY}")
        self._left = {key: value for key, value in values.items() if key not in ignored}
        self._where = where

    def string(self, key: str, pattern: str, default: str | None = None) -> str:
        """Take a string of that pattern; a missing one is the default, or an error if there is none."""
        value = self._left.pop(key, default)
        if not isinstance(value, str) or (not re.fullmatch(pattern, value) and value != default):
            raise self.error(key, value, f"text like {pattern}")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """Take a whole number within the bounds."""
        value = self._left.pop(key, None)
        if not re.fullmatch(r"[0-9]{1,9}", str(value)) or not low <= int(str(value)) <= high:
            raise self.error(key, value, f"a whole number from {low} to {high}")
        return int(str(value))

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """Take ``true`` or ``false``; a missing one is the default, or an error if there is none."""
        value = self._left.pop(key, default)
        if str(value).lower() not in ("true", "false"):
            raise self.error(key, value, "true or false")
        return is_true(value)

    def strings(self, key: str, pattern: str, max_items: int = 0) -> tuple[str, ...]:
        """Take a list of strings of that pattern, with a maximum also all different; a missing one is empty."""
        values = self._left.pop(key, [])
        if (
            not isinstance(values, list)
            or not all(isinstance(value, str) and re.fullmatch(pattern, value) for value in values)
            or (max_items and not len(set(values)) == len(values) <= max_items)
        ):
            limit = f"at most {max_items} different " if max_items else ""
            raise self.error(key, values, f"a list of {limit}texts like {pattern}")
        return tuple(values)

    def tags(self) -> dict[str, str]:
        """Take the tags, in the form in which the CDK writes them: a list of mappings with ``key`` and ``value``.

        A missing one is empty: every tag was removed.
        """
        given = self._left.pop("Tags", [])
        values = {tag["key"]: tag["value"] for tag in given} if _are_tags(given) else {}
        if not isinstance(given, list) or len(values) != len(given) or len(given) > MAX_TAGS:
            raise self.error("Tags", given, f"a list of mappings with key and value, each key once, {MAX_TAGS} in all")
        return self._mapping("Tags", values, TAG_KEY, TAG_VALUE)

    def mapping(self, key: str, name_pattern: str, value_pattern: str) -> dict[str, str]:
        """Take a mapping of names to strings of those patterns; a missing one is empty."""
        return self._mapping(key, self._left.pop(key, {}), name_pattern, value_pattern)

    def _mapping(self, key: str, values: Any, name_pattern: str, value_pattern: str) -> dict[str, str]:
        if not isinstance(values, Mapping):
            raise self.error(key, values, "a mapping")
        for name, value in values.items():
            if not re.fullmatch(name_pattern, name):
                raise self.error(f"{key} has a key that", name, f"text like {name_pattern}")
            if not isinstance(value, str) or not re.fullmatch(value_pattern, value):
                raise self.error(f"{key}.{name}", value, f"text like {value_pattern}")
        return dict(values)

    def nested(self, key: str, default: Any = None) -> PropertyReader:
        """Take a mapping with keys of its own; a missing one is the default, or an error if there is none."""
        return PropertyReader(self._left.pop(key, default), where=f"{self._where} {key}")

    def reject_unknown(self) -> None:
        """Refuse the keys that were not taken."""
        if self._left:
            unknown = ", ".join(sorted(self._left))
            raise InvalidRequestError(f"{self._where} {unknown:.200} is unknown; {_REDEPLOY}")

    def error(self, key: str, value: Any, expected: str) -> InvalidRequestError:
        """The error that a value is not what was expected."""
        return InvalidRequestError(f"{self._where} {key} is {_shown(value)}, expected {expected}; {_REDEPLOY}")


def is_true(value: Any) -> bool:
    """Whether a property says ``true``; whatever else it says counts as false."""
    return str(value).lower() == "true"


def _are_tags(given: Any) -> bool:
    return isinstance(given, list) and all(
        isinstance(tag, Mapping) and tag.keys() == {"key", "value"} and isinstance(tag["key"], str) for tag in given
    )


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:100]
