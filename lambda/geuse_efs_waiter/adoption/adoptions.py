"""Who adopts a file system. Each adoption has a security group of its own, and the tags of that group tell of it.

CloudFormation writes ``geuse-efs:file-system`` and ``geuse-efs:subnets``, and names the stack in tags of its own. The group is
deleted with its stack: an adoption whose group exists, lives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from geuse_efs_waiter.adoption.ownership.notes import RETAINED_TAG, RUN_TAG, Note
from geuse_efs_waiter.aws.clients import EC2Client
from geuse_efs_waiter.aws.describe import pages

FILE_SYSTEM_TAG = "geuse-efs:file-system"
"""The file system that is adopted."""
SUBNETS_TAG = "geuse-efs:subnets"
"""The subnets that are wanted, with blanks in between."""
_STACK_ID, _STACK_NAME, _LOGICAL_ID = (f"aws:cloudformation:{key}" for key in ("stack-id", "stack-name", "logical-id"))


@dataclass(frozen=True, slots=True)
class Adoption:
    """One adoption.

    Attributes:
        group: its own security group.
        stack: the name of its stack, for people.
        identity: its stack and the logical id of the group: the same for a group and the one that replaces it.
        subnets: what it wants.
        zones: the AZs of those subnets that exist, where that was asked for.
        retained: it is gone, and its mount targets and the group were retained.
        notes: of its runs, by serial.
    """

    group: str
    stack: str = "of unknown name"
    identity: str = ""
    subnets: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    retained: bool = False
    notes: Mapping[str, Note] = field(default_factory=dict)

    @classmethod
    def from_description(cls, described: Mapping[str, Any]) -> Adoption:
        """Read one entry of ``DescribeSecurityGroups``."""
        group, tags = described["GroupId"], {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
        named = _STACK_ID in tags and _LOGICAL_ID in tags
        return cls(
            group=group,
            stack=tags.get(_STACK_NAME, "of unknown name"),
            identity=f"{tags[_STACK_ID]} {tags[_LOGICAL_ID]}" if named else group,
            subnets=frozenset(tags.get(SUBNETS_TAG, "").split()),
            retained=RETAINED_TAG in tags,
            notes={
                key.removeprefix(RUN_TAG): Note.parse(value)
                for key, value in tags.items()
                if re.fullmatch(rf"{RUN_TAG}[0-9a-f]{{21,}}", key)
            },
        )

    def owns(self, carried: Iterable[str]) -> bool:
        """Whether a mount target with these groups is one that it has created and nobody else has changed."""
        known = {self.group}.union(*(note.given for note in self.notes.values()))
        return self.group in carried and known.issuperset(carried)

    def __str__(self) -> str:
        """For people: where to look."""
        return f"stack {self.stack} (security group {self.group})"


class AdoptionsReader:
    """Reads the adoptions of a file system. The AZ of a subnet never changes, so each is asked for once.

    Args:
        ec2: makes a boto3 EC2 client.
        file_system_id: the file system.
        own: the own group of the adoption that asks, whose zones need not be read; empty if none does.
    """

    def __init__(self, ec2: Callable[[], EC2Client], file_system_id: str, own: str = "") -> None:
        self._ec2, self._file_system_id, self._own = ec2, file_system_id, own
        self._zones: dict[str, str] = {}

    def read(self) -> dict[str, Adoption]:
        """Every adoption, by its own group: one call, one more where others live whose subnets are not known yet.

        Raises:
            IncompleteResponseError, botocore.exceptions.ClientError: as in `pages`.
        """
        wanted = [{"Name": f"tag:{FILE_SYSTEM_TAG}", "Values": [self._file_system_id]}]
        listed = pages(self._ec2().describe_security_groups, "SecurityGroups", Filters=wanted)
        found = [Adoption.from_description(entry) for entry in listed]
        others = [adoption for adoption in found if adoption.group != self._own and not adoption.retained]
        self._learn({subnet for other in others for subnet in other.subnets})
        return {
            adoption.group: replace(adoption, zones=frozenset(map(self._zone, adoption.subnets)) - {""})
            for adoption in found
        }

    def _zone(self, subnet: str) -> str:
        return self._zones.get(subnet, "")

    def _learn(self, names: Collection[str]) -> None:
        if unknown := sorted(name for name in names if name not in self._zones):
            wanted = [{"Name": "subnet-id", "Values": unknown}]
            found = pages(self._ec2().describe_subnets, "Subnets", Filters=wanted)
            # One that does not exist is in no zone.
            self._zones |= dict.fromkeys(unknown, "") | {one["SubnetId"]: one["AvailabilityZone"] for one in found}
