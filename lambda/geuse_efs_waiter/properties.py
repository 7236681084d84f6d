"""Reads the properties of the custom resource strictly: known keys, known forms, nothing else.

CloudFormation sends every number and boolean as a string.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geuse_efs_waiter.errors import InvalidRequestError

FILE_SYSTEM_ID = re.compile(r"fs-[0-9a-f]{8,40}")
MOUNT_TARGET_ID = re.compile(r"fsmt-[0-9a-f]{8,40}")
SECURITY_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,40}")
SUBNET_ID = re.compile(r"subnet-[0-9a-f]{8,40}")
ZONE = re.compile(r"[A-Za-z0-9-]{1,64}")
TAG_KEY = re.compile(r"(?!aws:)[^\x00-\x1f]{1,128}", re.IGNORECASE)
TAG_VALUE = re.compile(r"[^\x00-\x1f]{0,256}")

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

    def text(self, key: str, form: re.Pattern[str], default: str | None = None) -> str:
        """Take a string of that form; a missing one is the default, or an error if there is none."""
        value = self._left.pop(key, default)
        if not isinstance(value, str) or (not form.fullmatch(value) and value != default):
            raise self._wrong(key, value, f"text like {form.pattern}")
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """Take a whole number within the bounds."""
        value = self._left.pop(key, None)
        if not re.fullmatch(r"[0-9]{1,9}", str(value)) or not low <= int(str(value)) <= high:
            raise self._wrong(key, value, f"a whole number from {low} to {high}")
        return int(str(value))

    def flag(self, key: str) -> bool:
        """Take ``true`` or ``false``."""
        value = self._left.pop(key, None)
        if str(value).lower() not in ("true", "false"):
            raise self._wrong(key, value, "true or false")
        return str(value).lower() == "true"

    def texts(self, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
        """Take a list of strings of that form; a missing one is empty."""
        values = self._left.pop(key, [])
        if not isinstance(values, list) or not all(isinstance(one, str) and form.fullmatch(one) for one in values):
            raise self._wrong(key, values, f"a list of texts like {form.pattern}")
        return tuple(values)

    def pairs(self, key: str, name_form: re.Pattern[str], value_form: re.Pattern[str]) -> dict[str, str]:
        """Take a mapping of names to strings of those forms; a missing one is empty."""
        values = self._left.pop(key, {})
        if not isinstance(values, Mapping):
            raise self._wrong(key, values, "a mapping")
        for name, value in values.items():
            if not name_form.fullmatch(name):
                raise self._wrong(f"{key} has a key that", name, f"text like {name_form.pattern}")
            if not isinstance(value, str) or not value_form.fullmatch(value):
                raise self._wrong(f"{key}.{name}", value, f"text like {value_form.pattern}")
        return dict(values)

    def nested(self, key: str) -> Properties:
        """Take a mapping with keys of its own."""
        return Properties(self._left.pop(key, None), where=f"{self._where} {key}")

    def finish(self) -> None:
        """Refuse the keys that nobody took."""
        if self._left:
            known_by_nobody = ", ".join(sorted(map(str, self._left)))
            raise InvalidRequestError(f"{self._where} {known_by_nobody[:200]} is unknown; {_REDEPLOY}")

    def _wrong(self, key: str, value: Any, expected: str) -> InvalidRequestError:
        return InvalidRequestError(f"{self._where} {key} is {_shown(value)}, expected {expected}; {_REDEPLOY}")


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:100]
