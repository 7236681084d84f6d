"""The arguments of ``geuse-efs check``: the forms of ids, and the desired state that the arguments make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import click

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec, FileSystemName
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.adoption.finding_codes import check_severities
from geuse_efs_waiter.errors import InvalidRequestError


class Id(click.ParamType):  # type: ignore[type-arg] # older versions take none
    """One id or ARN of a known form."""

    def __init__(self, name: str, pattern: str, expected: str) -> None:
        self.name, self._pattern, self._expected = name, pattern, expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not re.fullmatch(self._pattern, value):
            self.fail(f"{value!r:.60}, expected {self._expected}", param, ctx)
        return value


class Ids(Id):
    """One or more, with commas in between."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        return [super(Ids, self).convert(part, param, ctx) for part in parts or [""]]


def desired_state(
    name: FileSystemName,
    *,
    subnets: Iterable[Sequence[str]],
    vpc: str | None,
    clients: Iterable[str],
    kms_key: str | None,
    access_points: tuple[str, ...],
    no_create_missing: bool,
    severities: Iterable[str],
) -> AdoptionSpec:
    """What the arguments ask for.

    Raises:
        InvalidRequestError: for a client, a code or a severity that is none.
    """
    named = [subnet for given in subnets for subnet in given]
    return AdoptionSpec(
        file_system_id=name.file_system_id,
        # The AZ is read from EC2: any key will do. The number keeps a subnet that is given twice visible.
        subnets={f"{number}:{subnet}": subnet for number, subnet in enumerate(named)},
        vpc_id=vpc,
        clients=tuple(map(Client.parse, clients)),
        kms_key_arn=kms_key,
        access_point_ids=access_points,
        create_missing=not no_create_missing,
        severities=check_severities(dict(_severity(given) for given in severities)),
        region=name.region,
        account=name.account,
    )


def _severity(text: str) -> tuple[str, str]:
    code, _, severity = text.partition("=")
    return code, severity


def subnets_in_use(observed: Observed, file_system_id: str) -> dict[str, str]:
    """The subnet of the mount target in each AZ; nothing if there is no file system, which is a finding.

    Raises:
        InvalidRequestError: if the file system has no mount targets.
    """
    targets = observed.mount_targets
    if observed.file_system and not targets:
        raise InvalidRequestError(
            f"file system {file_system_id} has no mount targets to take the subnets from: give --subnets, one subnet per "
            "availability zone"
        )
    # By AZ, because there are two in one while EFS swaps one for another.
    return {target.availability_zone or target.mount_target_id: target.subnet_id for target in targets}
