"""How people name a file system: by its id or by its ARN. Pure, no calls."""

from __future__ import annotations

import re
from dataclasses import dataclass

from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.properties import FILE_SYSTEM_ID

_ARN = re.compile(r"arn:[a-z0-9-]+:elasticfilesystem:([a-z0-9-]+):(\d{12}):file-system/([^/:]+)")


@dataclass(frozen=True, slots=True)
class FileSystemName:
    """An id, and the region and account that an ARN adds to it."""

    file_system_id: str
    region: str | None = None
    account: str | None = None

    @classmethod
    def parse(cls, text: str) -> FileSystemName:
        """Read an id or an ARN of any partition.

        Raises:
            InvalidRequestError: if it is neither.
        """
        arn = _ARN.fullmatch(text)
        name = arn[3] if arn else text
        if not FILE_SYSTEM_ID.fullmatch(name):
            raise InvalidRequestError(
                f"file system is {text!r:.120}, expected an id (fs-…) or an ARN "
                "(arn:<partition>:elasticfilesystem:<region>:<account>:file-system/fs-…)"
            )
        return cls(name, arn[1], arn[2]) if arn else cls(name)
