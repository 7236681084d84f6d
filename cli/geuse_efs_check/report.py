"""What a check has found: blocks of lines for people, a JSON document for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from geuse_efs_check.outcome import FORMAT
from geuse_efs_check.terminal import columns_of, fold, styled
from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.evaluate import CheckResult
from geuse_efs_waiter.adoption.checks.findings import Finding
from geuse_efs_waiter.adoption.checks.observed import Observed


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something that the check says nothing about.

    Attributes:
        what: what was not checked.
        why: the reason.
        action: the IAM action to allow, if AWS refused to read it.
    """

    what: str
    why: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One check: what was desired, what was observed, and what follows.

    Attributes:
        subnets_given: whether the subnets were given; if not, they are those of the mount targets.
    """

    desired: AdoptionSpec
    observed: Observed
    result: CheckResult
    subnets_given: bool = True

    @property
    def to_create(self) -> list[dict[str, str]]:
        """The mount targets that adoption would create: the AZ and the subnet of each."""
        subnets = [self.observed.subnets[self.desired.subnets[key]] for key in self.result.to_create]
        return [{"availability_zone": subnet.availability_zone, "subnet_id": subnet.subnet_id} for subnet in subnets]

    @property
    def not_checked(self) -> list[NotChecked]:
        """What the check says nothing about."""
        unread = [
            NotChecked(f"{unread.what} of {unread.resource}", f"AWS answered {unread.why}", unread.action or None)
            for unread in self.observed.unread
        ]
        if self.observed.file_system is None:
            return [NotChecked("everything but subnets and VPC", "there is no file system"), *unread]
        given = {
            ("the VPC of the mount targets", "--vpc"): self.desired.vpc_id,
            ("ingress from the clients", "--client"): self.desired.clients,
            ("the key of the encryption", "--kms-key"): self.desired.kms_key_arn,
            ("zones without a mount target", "--subnets"): self.subnets_given,
        }
        return [
            NotChecked(what, f"no {option} was given") for (what, option), value in given.items() if not value
        ] + unread

    @property
    def adoptions(self) -> list[dict[str, Any]]:
        """Who adopts the file system: where to look, the AZs that are wanted, and the mount targets that are its own."""
        return [
            {
                "stack": adoption.stack,
                "security_group": adoption.group,
                "availability_zones": sorted(adoption.zones),
                "mount_targets": [
                    target.mount_target_id
                    for target in self.observed.mount_targets
                    if adoption.owns(target.security_groups)
                ],
                "retained": adoption.retained,
            }
            for adoption in sorted(self.observed.adoptions.values(), key=str)
        ]

    def as_json(self) -> str:
        """The JSON document."""
        observed, result = self.observed, self.result
        document = {
            "format": FORMAT,
            "file_system_id": self.desired.file_system_id,
            "region": observed.region,
            "account": observed.account,
            "errors": len(result.findings.errors),
            "warnings": len(result.findings.warnings),
            "findings": [dataclasses.asdict(finding) for finding in result.findings.all],
            "not_checked": [dataclasses.asdict(item) for item in self.not_checked],
            "to_create": self.to_create,
            "covered_by": {target.availability_zone: target.mount_target_id for target in result.covered_by.values()},
            "adoptions": self.adoptions,
        }
        return json.dumps(document, indent=2)

    def as_text(self, stream: TextIO | None = None) -> str:
        """Blocks with a blank line in between, for that stream; default is stdout."""
        stream = stream or sys.stdout
        columns = columns_of(stream)
        blocks = [
            fold("", f"File system {self.desired.file_system_id} in {_place(self.observed)}", columns, indent=2),
            *(_finding(finding, columns, stream) for finding in self.result.findings.all),
            _section("Mount targets", self._mount_targets(columns), stream),
            _section("Adoptions", self._adoptions(columns), stream),
            _section("Not checked", self._not_checked(columns), stream),
            fold("", self._summary(), columns, indent=2),
        ]
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def _mount_targets(self, columns: int) -> Iterator[str]:
        zones = {
            target.availability_zone: f"{target.mount_target_id} ({target.lifecycle_state})"
            for target in self.result.covered_by.values()
        }
        zones |= {new["availability_zone"]: f"to be created in {new['subnet_id']}" for new in self.to_create}
        widest = max(map(len, zones), default=0)
        for zone, text in sorted(zones.items()):
            yield from fold(f"  {zone:{widest}}  ", text, columns, indent=widest + 4)

    def _adoptions(self, columns: int) -> Iterator[str]:
        for one in self.adoptions:
            wants = f"wants {', '.join(one['availability_zones']) or 'no zone'}"
            text = "its stack is gone" if one["retained"] else wants
            created = f"; created {', '.join(one['mount_targets'])}" if one["mount_targets"] else ""
            yield from fold("  ", f"stack {one['stack']} ({one['security_group']}): {text}{created}", columns, indent=4)

    def _not_checked(self, columns: int) -> Iterator[str]:
        for item in self.not_checked:
            allow = f"; allow {item.action}" if item.action else ""
            yield from fold("  ", f"{item.what}: {item.why}{allow}", columns, indent=4)

    def _summary(self) -> str:
        findings, number = self.result.findings, len(self.to_create)
        if findings.errors:
            return f"{findings.count}: an adoption would fail"
        new = f"{number} mount target{'' if number == 1 else 's'}" if number else "nothing"
        return f"{findings.count}: an adoption would create {new}"


def _place(observed: Observed) -> str:
    return f"{observed.region}, account {observed.account or 'unknown'}"


def _finding(finding: Finding, columns: int, stream: TextIO) -> list[str]:
    first, *rest = fold(f"{finding.severity} {finding.code}: ", finding.resource, columns, indent=2)
    lines = [styled(finding.severity, finding.severity, stream) + first.removeprefix(finding.severity), *rest]
    for name in ("actual", "expected", "fix"):
        lines += fold(f"  {name:10}", getattr(finding, name), columns, indent=12)
    return lines


def _section(heading: str, lines: Iterator[str], stream: TextIO) -> list[str]:
    listed = list(lines)
    return [styled(heading, "heading", stream), *listed] if listed else []
