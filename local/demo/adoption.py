"""The second scenario of `make local`: adopt a file system that was made outside CloudFormation, and give it back."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from rich.text import Text

from local.demo import observed
from local.demo.demo_run import DemoError, DemoRun
from local.demo.report import file_system_lines
from local.demo.watch import Watch

STACK = "geuse-efs-adopt"
# The wait has been shown by the first scenario.
_MOUNT_TARGET_SECONDS = 2.0
_WITHOUT_FINDINGS, _WITH_ERRORS = 0, 1


@dataclass(frozen=True)
class ForeignFileSystem:
    """A file system of another owner, in the network of a stack.

    Args:
        file_system_id: The file system.
        vpc_id: The VPC of its mount targets.
        subnets: The subnet to mount from in each AZ.
        missing: The AZ that has no mount target.
        group: The security group of its mount targets.
        clients: The security group of the instances that are to mount it; `group` does not admit it.
    """

    file_system_id: str
    vpc_id: str
    subnets: dict[str, str]
    missing: str
    group: str
    clients: str


def adopt_a_file_system(run: DemoRun) -> None:
    """Scenario: another owner's file system lacks a mount target; adopt it, then delete the stack that adopted it.

    Raises:
        CdkCliError: A command of the CLI failed.
        DemoError: Something was not created, not removed, or touched though another owner made it.
    """
    run.aws.configure(mount_target_seconds=0)
    with run.step("A file system of another owner", "Made outside CloudFormation, in the VPC of the app."):
        foreign = make_foreign_file_system(run, _first_stack(run))
        before = _show(run, foreign, frozenset())
        run.say(f"  {foreign.missing}  no mount target")
    run.aws.configure(mount_target_seconds=_MOUNT_TARGET_SECONDS)
    with run.step("geuse-efs check", "What would stop an adoption, found without deploying anything."):
        _check(run, foreign, _WITH_ERRORS)
        run.say("The group belongs to the other owner, who adds the rule. An adoption never does.")
        _admit(run, foreign)
        _check(run, foreign, _WITHOUT_FINDINGS)
    shows = "Creates only what is missing, and waits for it."
    with run.step(f"cdk deploy {STACK}", shows), Watch(run.aws, run.say):
        run.cli.deploy([STACK, "--method", "direct"], run.say, context=_context(run, foreign))
    with run.step("What the adoption created", "The other owner's mount target is as it was."):
        adopted = _show(run, foreign, before.mount_target_ids)
        run.require(wrong_after_adoption(before, adopted, foreign, observed.stacks(run.aws)))
    shows = "Removes only what the adoption created."
    with run.step(f"cdk destroy {STACK}", shows), Watch(run.aws, run.say):
        run.cli.destroy(STACK, run.say)
    with run.step("What is left", "The file system as its owner made it."):
        run.require(wrong_after_release(before, _show(run, foreign, before.mount_target_ids), observed.stacks(run.aws)))


def make_foreign_file_system(run: DemoRun, stack: observed.ObservedStack) -> ForeignFileSystem:
    """Make a file system in the VPC of a stack, with a mount target in every AZ but the last.

    Args:
        run: What every scenario has at hand.
        stack: A stack of the app, with a file system of its own.

    Raises:
        DemoError: The stack's file system is in fewer than two AZs.
    """
    ec2, efs = run.aws.client("ec2"), run.aws.client("efs")
    vpc_id, clients = stack.outputs["VpcId"], stack.outputs["ClientSecurityGroupId1"]
    targets = efs.describe_mount_targets(FileSystemId=stack.outputs["FileSystemId"])["MountTargets"]
    subnets = {target["AvailabilityZoneName"]: target["SubnetId"] for target in targets}
    *covered, missing = sorted(subnets)
    if not covered:
        raise DemoError(f"the VPC of {stack.name} has storage subnets in {missing} only: a second AZ is needed")
    group = ec2.create_security_group(GroupName="foreign", Description="Another owner's", VpcId=vpc_id)["GroupId"]
    tags = [{"Key": "owner", "Value": "another team"}]
    name = efs.create_file_system(CreationToken="foreign", Encrypted=True, Tags=tags)["FileSystemId"]
    efs.put_backup_policy(FileSystemId=name, BackupPolicy={"Status": "ENABLED"})
    for zone in covered:
        efs.create_mount_target(FileSystemId=name, SubnetId=subnets[zone], SecurityGroups=[group])
    return ForeignFileSystem(name, vpc_id, subnets, missing, group, clients)


def wrong_after_adoption(
    before: observed.ObservedFileSystem,
    now: observed.ObservedFileSystem,
    foreign: ForeignFileSystem,
    stacks: list[observed.ObservedStack],
) -> list[str]:
    """What is not as it should be once the stack is deployed, one line each."""
    wrong = _touched(before, now)
    stack = next((stack for stack in stacks if stack.name == STACK), None)
    if stack is None or stack.status != "CREATE_COMPLETE":
        wrong.append(f"stack {STACK} is {stack.status if stack else 'not there'}")
    created = [target for target in now.mount_targets if target.mount_target_id not in before.mount_target_ids]
    if [target.zone for target in created] != [foreign.missing]:
        zones = ", ".join(target.zone for target in created) or "no AZ"
        wrong.append(f"created in {zones}, expected {foreign.missing}")
    group = stack.outputs.get("SecurityGroupId") if stack else None
    for target in created:
        if target.state != "available":
            wrong.append(f"{target.mount_target_id} in {target.zone} is {target.state}")
        if group not in target.security_group_ids:
            wrong.append(f"{target.mount_target_id} does not have the group of the stack")
        if not target.tags:
            wrong.append(f"the interface of {target.mount_target_id} is not tagged")
    return wrong


def wrong_after_release(
    before: observed.ObservedFileSystem, now: observed.ObservedFileSystem, stacks: list[observed.ObservedStack]
) -> list[str]:
    """What is not as it should be once the stack is deleted, one line each."""
    wrong = _touched(before, now)
    wrong += [f"stack {stack.name} is {stack.status}" for stack in stacks if stack.name == STACK]
    wrong += [f"{name} is left behind" for name in sorted(now.mount_target_ids - before.mount_target_ids)]
    if now.tags != before.tags:
        wrong.append(f"the tags of {now.file_system_id} are {now.tags}, they were {before.tags}")
    return wrong


def _touched(before: observed.ObservedFileSystem, now: observed.ObservedFileSystem) -> list[str]:
    """What another owner made and is not as it was."""
    known = {target.mount_target_id: target for target in now.mount_targets}
    wrong = [
        f"{target.mount_target_id} of another owner is {known.get(target.mount_target_id, 'gone')}, it was {target}"
        for target in before.mount_targets
        if known.get(target.mount_target_id) != target
    ]
    if {key: now.tags.get(key) for key in before.tags} != before.tags:
        wrong.append(f"the tags of {now.file_system_id} are {now.tags}, they were {before.tags}")
    return wrong


def _first_stack(run: DemoRun) -> observed.ObservedStack:
    needed = {"VpcId", "FileSystemId", "ClientSecurityGroupId1"}
    for stack in observed.stacks(run.aws):
        if needed <= set(stack.outputs):
            return stack
    raise DemoError(f"no stack of the app has the outputs {', '.join(sorted(needed))}")


def _show(run: DemoRun, foreign: ForeignFileSystem, before: frozenset[str]) -> observed.ObservedFileSystem:
    for item in observed.file_systems(run.aws):
        if item.file_system_id == foreign.file_system_id:
            for line in file_system_lines(item, adopter_made=item.mount_target_ids - before if before else ()):
                run.say(line)
            return item
    raise DemoError(f"file system {foreign.file_system_id} of another owner is gone")


def _admit(run: DemoRun, foreign: ForeignFileSystem) -> None:
    source = {"GroupId": foreign.clients}
    rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [source]}
    run.aws.client("ec2").authorize_security_group_ingress(GroupId=foreign.group, IpPermissions=[rule])


def _check(run: DemoRun, foreign: ForeignFileSystem, expected: int) -> None:
    """Run the console command as an engineer would, and show what it prints."""
    options = {"--subnets": ",".join(foreign.subnets.values()), "--vpc": foreign.vpc_id, "--client": foreign.clients}
    run.say(f"$ geuse-efs check {foreign.file_system_id}")
    for name, value in options.items():
        run.say(f"      {name} {value}")
    words = [word for option in options.items() for word in option]
    colours = {"FORCE_COLOR": "1"} if run.console.is_terminal else {}
    done = subprocess.run(
        [sys.executable, "-m", "geuse_efs_check", "check", foreign.file_system_id, *words],
        env={**run.aws.environment(), **colours, "COLUMNS": str(run.console.width)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    run.console.print(Text.from_ansi(done.stdout.rstrip()), highlight=False)
    run.say(f"exit code {done.returncode}")
    if done.returncode != expected:
        raise DemoError(f"geuse-efs check ended with {done.returncode}, expected {expected}")


def _context(run: DemoRun, foreign: ForeignFileSystem) -> dict[str, str]:
    settings = {
        "environment": STACK.removeprefix("geuse-efs-"),
        "existing_file_system_id": foreign.file_system_id,
        "vpc_id": foreign.vpc_id,
        "account": run.aws.account,
        "region": run.aws.region,
        "client_security_group_ids": foreign.clients,
    }
    return {f"geuse-efs:{name}": value for name, value in settings.items()}
