"""A healthy file system as one look shows it, and small changes to it.

Three zones a, b, c; subnet-a1 and subnet-a2 are both in zone a. Mount targets in a and b, none in c. The group sg-nfs
admits sg-app and 10.0.0.0/16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.adoption.checks.observed import (
    IngressRule,
    Observed,
    ObservedSecurityGroup,
    ObservedSubnet,
    ObservedVpc,
)
from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.models import EFSResource, MountTargetResource

REGION, ACCOUNT = "us-east-1", "123456789012"
FS, VPC, NFS, APP = "fs-0123456789abcdef0", "vpc-00000001", "sg-0000000a", "sg-0000000b"
OWN, OTHERS = "sg-0000000e", "sg-0000000f"
"""The own groups of two adoptions."""
ROLE = f"arn:aws:iam::{ACCOUNT}:role/waiter"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
A, B, C = (f"{REGION}{letter}" for letter in "abc")

Change = Callable[[Observed], Observed]


def subnet(name: str, zone: str, **changes: Any) -> ObservedSubnet:
    return replace(ObservedSubnet(name, zone, f"use1-{zone[-1]}", VPC, free_addresses=200), **changes)


def target(zone: str, **changes: Any) -> MountTargetResource:
    made = MountTargetResource(
        mount_target_id=f"fsmt-{zone[-1]}",
        file_system_id=FS,
        subnet_id=f"subnet-{zone[-1]}1",
        availability_zone=zone,
        ip_address="10.0.0.4",
        lifecycle_state="available",
        security_groups=(NFS,),
        network_interface_id=f"eni-{zone[-1]}",
        vpc_id=VPC,
    )
    return replace(made, **changes)


def nfs(**sources: Any) -> IngressRule:
    return IngressRule("tcp", 2049, 2049, **sources)


def group(name: str, *rules: IngressRule) -> ObservedSecurityGroup:
    return ObservedSecurityGroup(name, rules)


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return statement("Allow", *(actions or ("ClientMount", "ClientWrite")), **more)


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return statement("Deny", *actions, **more)


def statement(effect: str, *actions: str, **more: Any) -> dict[str, Any]:
    named = [f"elasticfilesystem:{one}" for one in actions]
    return {"Sid": "S", "Effect": effect, "Principal": {"AWS": "*"}, "Action": named, "Resource": "*"} | more


def desired(clients: Iterable[str] = (APP,), **changes: Any) -> AdoptionSpec:
    """Zones a, b and c, with the VPC and the client sg-app known."""
    subnets = {"a": "subnet-a1", "b": "subnet-b1", "c": "subnet-c1"}
    made = AdoptionSpec(FS, subnets, vpc_id=VPC, clients=tuple(map(Client.parse, clients)))
    return replace(made, **changes)


def healthy() -> Observed:
    subnets = [("subnet-a1", A), ("subnet-a2", A), ("subnet-b1", B), ("subnet-c1", C)]
    return Observed(
        region=REGION,
        account=ACCOUNT,
        file_system=EFSResource(
            file_system_id=FS,
            name="shared",
            lifecycle_state="available",
            encrypted=True,
            kms_key_id=KEY,
            throughput_mode="bursting",
            performance_mode="generalPurpose",
            mount_targets=(target(A), target(B)),
        ),
        subnets={name: subnet(name, zone) for name, zone in subnets},
        security_groups={NFS: group(NFS, nfs(group_ids=(APP,), cidrs=("10.0.0.0/16",)))},
        vpc=ObservedVpc(VPC, dns_support=True, dns_hostnames=True),
        backup="ENABLED",
    )


def also(**changes: Any) -> Change:
    """Other fields of the look."""
    return lambda observed: replace(observed, **changes)


def file_system(**changes: Any) -> Change:
    """Other fields of the file system."""

    def change(observed: Observed) -> Observed:
        assert observed.file_system is not None
        return replace(observed, file_system=replace(observed.file_system, **changes))

    return change


def targets(*given: MountTargetResource) -> Change:
    """Other mount targets."""
    return file_system(mount_targets=given)


def subnets(*given: ObservedSubnet) -> Change:
    """These subnets besides, or instead of those with the same id."""
    return lambda observed: replace(observed, subnets={**observed.subnets, **{one.subnet_id: one for one in given}})


def adopted(group: str, **changes: Any) -> Change:
    """An adoption with that own group besides, of a stack of its own."""

    def change(observed: Observed) -> Observed:
        made = replace(Adoption(group, stack=f"stack-{group[-1]}", identity=group), **changes)
        admits = ObservedSecurityGroup(group, (nfs(group_ids=(APP,)),))
        return replace(
            observed,
            adoptions={**observed.adoptions, group: made},
            security_groups={**observed.security_groups, group: admits},
        )

    return change


def rules(*given: IngressRule) -> Change:
    """Other rules in sg-nfs."""
    return also(security_groups={NFS: group(NFS, *given)})


def policy(*statements: dict[str, Any]) -> Change:
    """A file-system policy."""
    return also(policy={"Version": "2012-10-17", "Statement": list(statements)})


def observed(*changes: Change) -> Observed:
    """The healthy look with these changes."""
    made = healthy()
    for change in changes:
        made = change(made)
    return made
