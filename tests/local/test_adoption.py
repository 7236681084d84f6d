"""The pieces of the second scenario of `make local`: what it makes, what it judges, and what it tells meanwhile."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from local.demo import adoption, observed
from local.demo.adoption import STACK, Theirs, wrong_after_adoption, wrong_after_release
from local.demo.report import print_adoption
from local.demo.run import Rehearsal, RehearsalError
from local.demo.watch import StateWatch
from local.emulator.local_aws import LocalAws

THEIR_TARGET = observed.SeenMountTarget(
    "us-east-1a", "fsmt-aa", "available", "10.0.0.4", "name", "eni-aa", {}, ("sg-theirs",)
)
OUR_TARGET = observed.SeenMountTarget(
    "us-east-1b", "fsmt-bb", "available", "10.0.1.4", "n", "eni-bb", {"Name": "x"}, ("sg-ours",)
)
BEFORE = observed.SeenFileSystem(
    "fs-1", "available", True, "bursting", "generalPurpose", (THEIR_TARGET,), {"owner": "theirs"}
)
ADOPTED = dataclasses.replace(
    BEFORE, mount_targets=(THEIR_TARGET, OUR_TARGET), tags={"owner": "theirs", "geuse-efs:1": "v1 c=a.b m=b:bb g=ours"}
)
THEIRS = Theirs(
    "fs-1", "vpc-1", {"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"}, "us-east-1b", "sg-theirs", "sg-app"
)
DEPLOYED = [observed.SeenStack(STACK, "CREATE_COMPLETE", {}, {"SecurityGroupId": "sg-ours"})]


def _with(target: observed.SeenMountTarget, **changes: Any) -> observed.SeenMountTarget:
    return dataclasses.replace(target, **changes)


def _file_system(*targets: observed.SeenMountTarget, tags: dict[str, str] | None = None) -> observed.SeenFileSystem:
    return dataclasses.replace(ADOPTED, mount_targets=targets, tags=ADOPTED.tags if tags is None else tags)


def test_an_adoption_as_it_should_be_and_its_release_are_not_complained_of() -> None:
    assert wrong_after_adoption(BEFORE, ADOPTED, THEIRS, DEPLOYED) == []
    assert wrong_after_release(BEFORE, BEFORE, []) == []


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        (_file_system(OUR_TARGET), "fsmt-aa of somebody else is gone"),
        (_file_system(_with(THEIR_TARGET, security_group_ids=("sg-ours",)), OUR_TARGET), "fsmt-aa of somebody else is"),
        (_file_system(_with(THEIR_TARGET, tags={"Name": "x"}), OUR_TARGET), "fsmt-aa of somebody else is"),
        (_file_system(THEIR_TARGET), "created in no AZ, expected us-east-1b"),
        (_file_system(THEIR_TARGET, _with(OUR_TARGET, state="creating")), "fsmt-bb in us-east-1b is creating"),
        (_file_system(THEIR_TARGET, _with(OUR_TARGET, security_group_ids=("sg-theirs",))), "not have the group"),
        (_file_system(THEIR_TARGET, _with(OUR_TARGET, tags={})), "the interface of fsmt-bb is not tagged"),
        (_file_system(THEIR_TARGET, OUR_TARGET, tags={"owner": "theirs"}), "the ledger is []"),
        (_file_system(THEIR_TARGET, OUR_TARGET, tags={"geuse-efs:1": "v1 m=b:bb"}), "the tags of fs-1 are"),
    ],
)
def test_what_is_wrong_after_the_adoption_is_told(now: observed.SeenFileSystem, complaint: str) -> None:
    assert complaint in "; ".join(wrong_after_adoption(BEFORE, now, THEIRS, DEPLOYED))


@pytest.mark.parametrize(
    ("stacks", "complaint"),
    [([], "is not there"), ([dataclasses.replace(DEPLOYED[0], status="ROLLBACK_COMPLETE")], "is ROLLBACK_COMPLETE")],
)
def test_a_stack_that_is_not_complete_is_told(stacks: list[observed.SeenStack], complaint: str) -> None:
    assert complaint in "; ".join(wrong_after_adoption(BEFORE, ADOPTED, THEIRS, stacks))


def test_what_is_left_behind_is_told() -> None:
    told = "; ".join(wrong_after_release(BEFORE, ADOPTED, DEPLOYED))
    assert f"stack {STACK} is CREATE_COMPLETE; fsmt-bb is left behind; the tags of fs-1 are" in told


def test_the_report_tells_whose_each_mount_target_is() -> None:
    console = Console(file=io.StringIO(), width=140)
    print_adoption(console, ADOPTED, ours={"fsmt-bb"})
    lines = cast(io.StringIO, console.file).getvalue().splitlines()
    assert [("adoption" in line, "somebody else" in line) for line in lines if "us-east-1" in line] == [
        (False, True),
        (True, False),
    ]
    assert lines[-1] == "ledger geuse-efs:1 = v1 c=a.b m=b:bb g=ours"


def test_their_file_system_lacks_the_last_zone_of_the_stack(aws: LocalAws, network: Any) -> None:
    efs, ec2 = aws.client("efs"), aws.client("ec2")
    clients = ec2.create_security_group(GroupName="app", Description="app", VpcId=network.vpc_id)["GroupId"]
    outputs = {"VpcId": network.vpc_id, "ClientSecurityGroupId1": clients, "FileSystemId": network.file_system_id}
    stack = observed.SeenStack("first", "CREATE_COMPLETE", {}, outputs)
    rehearsal = Rehearsal.__new__(Rehearsal)  # without the CDK CLI, which is not needed
    rehearsal.aws = aws
    efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[0])
    with pytest.raises(RehearsalError, match="a second AZ is needed"):
        adoption.make_theirs(rehearsal, stack)
    for subnet in network.subnet_ids[1:]:
        efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=subnet)
    theirs = adoption.make_theirs(rehearsal, stack)
    (made,) = (one for one in observed.file_systems(aws) if one.file_system_id == theirs.file_system_id)
    assert theirs.missing == "us-east-1c"
    assert [target.zone for target in made.mount_targets] == ["us-east-1a", "us-east-1b"]
    assert {group for target in made.mount_targets for group in target.security_group_ids} == {theirs.group}
    assert (made.encrypted, made.tags, made.ledgers) == (True, {"owner": "theirs"}, {})


def test_the_watch_tells_what_is_new_what_changes_and_what_goes(aws: LocalAws, network: Any) -> None:
    efs, told = aws.client("efs"), list[str]()
    aws.configure(mount_target_seconds=0)
    names = [
        efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=subnet)["MountTargetId"]
        for subnet in network.subnet_ids[:2]
    ]
    with StateWatch(aws, told.append):
        efs.delete_mount_target(MountTargetId=names[1])
    assert told == [f"us-east-1b {names[1]} available -> gone"]


@pytest.mark.skipif(not Path("/proc").exists(), reason="there is no /proc to read it from")
def test_lambda_workers_are_told_that_reads_are_consistent(aws: LocalAws) -> None:
    environment = Path(f"/proc/{aws.pid}/environ").read_bytes()
    assert b"GEUSE_EFS_QUIET_SECONDS=0.3" in environment.split(b"\0")
