"""The pieces of `make local`: what it makes, what it takes for wrong, and what it tells meanwhile."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.demo import adoption, observed
from local.demo.adoption import STACK, ForeignFileSystem, wrong_after_adoption, wrong_after_release
from local.demo.demo_run import DemoError, DemoRun
from local.demo.deploy import wrong_after_deployment
from local.demo.observed import ObservedFileSystem, ObservedMountTarget, ObservedStack
from local.demo.report import file_system_lines
from local.demo.watch import Watch
from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer

FOREIGN_TARGET = ObservedMountTarget(
    "us-east-1a", "fsmt-0123456789abcdef0", "available", "10.0.0.4", "eni-aa", {}, ("sg-foreign",)
)
OWN_TARGET = ObservedMountTarget("us-east-1b", "fsmt-bb", "available", "10.0.1.4", "eni-bb", {"Name": "x"}, ("sg-own",))
BEFORE = ObservedFileSystem("fs-1", "available", True, "bursting", (FOREIGN_TARGET,), {"owner": "another team"})
ADOPTED = dataclasses.replace(BEFORE, mount_targets=(FOREIGN_TARGET, OWN_TARGET))
FOREIGN = ForeignFileSystem(
    "fs-1", "vpc-1", {"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"}, "us-east-1b", "sg-foreign", "sg-app"
)
DEPLOYED = [ObservedStack(STACK, "CREATE_COMPLETE", {"SecurityGroupId": "sg-own"})]


def _with(target: ObservedMountTarget, **changes: Any) -> ObservedMountTarget:
    return dataclasses.replace(target, **changes)


def _file_system(*targets: ObservedMountTarget, **changes: Any) -> ObservedFileSystem:
    return dataclasses.replace(ADOPTED, mount_targets=targets, **changes)


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        (_file_system(OWN_TARGET), "cdef0 of another owner is gone"),
        (_file_system(_with(FOREIGN_TARGET, security_group_ids=("sg-own",)), OWN_TARGET), "of another owner is Obs"),
        (_file_system(_with(FOREIGN_TARGET, tags={"Name": "x"}), OWN_TARGET), "of another owner is Obs"),
        (_file_system(FOREIGN_TARGET), "created in no AZ, expected us-east-1b"),
        (_file_system(FOREIGN_TARGET, _with(OWN_TARGET, state="creating")), "fsmt-bb in us-east-1b is creating"),
        (_file_system(FOREIGN_TARGET, _with(OWN_TARGET, security_group_ids=("sg-foreign",))), "not have the group"),
        (_file_system(FOREIGN_TARGET, _with(OWN_TARGET, tags={})), "the interface of fsmt-bb is not tagged"),
        (_file_system(FOREIGN_TARGET, OWN_TARGET, tags={}), "the tags of fs-1 are {}"),
    ],
)
def test_what_is_wrong_after_the_adoption_is_told(now: ObservedFileSystem, complaint: str) -> None:
    assert complaint in "; ".join(wrong_after_adoption(BEFORE, now, FOREIGN, DEPLOYED))


def test_a_stack_that_is_not_complete_is_told() -> None:
    failed = [dataclasses.replace(DEPLOYED[0], status="ROLLBACK_COMPLETE")]
    assert "is ROLLBACK_COMPLETE" in "; ".join(wrong_after_adoption(BEFORE, ADOPTED, FOREIGN, failed))
    assert "is not there" in "; ".join(wrong_after_adoption(BEFORE, ADOPTED, FOREIGN, []))
    assert wrong_after_deployment(failed, [ADOPTED]) == [f"stack {STACK} is ROLLBACK_COMPLETE"]


def test_what_is_left_behind_is_told() -> None:
    told = "; ".join(wrong_after_release(BEFORE, dataclasses.replace(ADOPTED, tags={}), DEPLOYED))
    assert f"stack {STACK} is CREATE_COMPLETE; fsmt-bb is left behind; the tags of fs-1 are" in told


def test_what_is_as_it_should_be_is_not_complained_of() -> None:
    assert wrong_after_deployment(DEPLOYED, [ADOPTED]) == []
    assert wrong_after_adoption(BEFORE, ADOPTED, FOREIGN, DEPLOYED) == []
    assert wrong_after_release(BEFORE, BEFORE, []) == []


def test_a_deployment_without_a_mount_target_or_with_one_in_error_is_wrong() -> None:
    assert wrong_after_deployment(DEPLOYED, []) == ["there is no mount target"]
    failed = _file_system(_with(OWN_TARGET, state="error"))
    assert wrong_after_deployment(DEPLOYED, [failed]) == ["fsmt-bb in us-east-1b is error"]


def test_the_report_says_who_created_each_mount_target_in_80_columns() -> None:
    lines = list(file_system_lines(ADOPTED, adopter_made={"fsmt-bb"}))
    assert [line.split(",")[0].strip() for line in lines if "created by" in line] == [
        "created by another owner",
        "created by the adoption",
    ]
    assert "    us-east-1b  Name=x" in lines
    assert max(map(len, lines)) <= 80


def test_a_foreign_file_system_lacks_the_last_zone_of_the_stack(aws: LocalAws, network: Any) -> None:
    efs, ec2 = aws.client("efs"), aws.client("ec2")
    clients = ec2.create_security_group(GroupName="app", Description="app", VpcId=network.vpc_id)["GroupId"]
    outputs = {"VpcId": network.vpc_id, "ClientSecurityGroupId1": clients, "FileSystemId": network.file_system_id}
    stack = ObservedStack("first", "CREATE_COMPLETE", outputs)
    run = DemoRun.__new__(DemoRun)  # without the CDK CLI, which is not needed
    run.aws = aws
    efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[0])
    with pytest.raises(DemoError, match="a second AZ is needed"):
        adoption.make_foreign_file_system(run, stack)
    for subnet in network.subnet_ids[1:]:
        efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=subnet)
    foreign = adoption.make_foreign_file_system(run, stack)
    [made] = [item for item in observed.file_systems(aws) if item.file_system_id == foreign.file_system_id]
    assert foreign.missing == "us-east-1c"
    assert [target.zone for target in made.mount_targets] == ["us-east-1a", "us-east-1b"]
    assert {group for target in made.mount_targets for group in target.security_group_ids} == {foreign.group}
    assert (made.encrypted, made.tags) == (True, {"owner": "another team"})


def test_the_watch_tells_what_happens_in_its_order_and_counts_what_is_not_about_file_systems(
    aws: LocalAws, network: Any, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    aws.configure(mount_target_seconds=0)
    files = {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": True}}
    topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic", "Properties": {}} for number in range(2)}
    told = list[str]()
    with Watch(aws, told.append):
        deployer.deploy(assembly({"Resources": {"Files": files, **topics}}))
        name = aws.client("efs").create_mount_target(
            FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[0]
        )["MountTargetId"]
    events = [line.partition(" s  ")[2] for line in told]
    order = [
        events.index(f"{'creating':<12} stack Trial"),
        events.index(f"{'creating':<12} AWS::EFS::FileSystem Files"),
        events.index(f"{'created':<12} AWS::EFS::FileSystem Files"),
        events.index(f"{'created':<12} stack Trial"),
    ]
    assert order == sorted(order)
    assert sum(int(event.split()[1]) for event in events if "other resource" in event) == 2
    assert f"{'available':<12} mount target {name} us-east-1a" in events
