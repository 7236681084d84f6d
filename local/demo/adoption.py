"""The second scenario of `make local`: adopt a file system that was made outside CloudFormation, and give it back."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from local.demo import observed
from local.demo.report import print_adoption
from local.demo.run import Rehearsal, RehearsalError
from local.demo.watch import StateWatch

STACK = "geuse-efs-adopt"
# The wait has been shown by the first scenario.
_MOUNT_TARGET_SECONDS = 2.0
_WITHOUT_FINDINGS, _WITH_ERRORS = 0, 1


@dataclass(frozen=True)
class Theirs:
    """A file system as somebody else made it, in the network of a stack.

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


def adopt_a_file_system(rehearsal: Rehearsal) -> None:
    """Scenario: somebody else's file system lacks a mount target; adopt it, then delete the stack that adopted it.

    Raises:
        CdkCliError: A command of the CLI failed.
        RehearsalError: Something was not created, not removed, or touched though it is somebody else's.
    """
    rehearsal.aws.configure(mount_target_seconds=0)
    with rehearsal.phase("a file system made outside CloudFormation"):
        theirs = make_theirs(rehearsal, _first_stack(rehearsal))
        before = _look(rehearsal, theirs)
        print_adoption(rehearsal.console, before, ours=frozenset())
    rehearsal.aws.configure(mount_target_seconds=_MOUNT_TARGET_SECONDS)
    with rehearsal.phase("geuse-efs check"):
        _check(rehearsal, theirs, _WITH_ERRORS)
        rehearsal.say("its group is somebody else's: they add the rule, adoption never does")
        _admit(rehearsal, theirs)
        _check(rehearsal, theirs, _WITHOUT_FINDINGS)
    with rehearsal.phase(f"cdk deploy {STACK}"), StateWatch(rehearsal.aws, rehearsal.observe):
        rehearsal.cli.deploy(STACK, _context(rehearsal, theirs), rehearsal.say)
    with rehearsal.phase("what adoption created"):
        adopted = _look(rehearsal, theirs)
        print_adoption(rehearsal.console, adopted, ours=_names(adopted) - _names(before))
        _judge(wrong_after_adoption(before, adopted, theirs, observed.stacks(rehearsal.aws)))
    with rehearsal.phase(f"cdk destroy {STACK}"), StateWatch(rehearsal.aws, rehearsal.observe):
        rehearsal.cli.destroy(STACK, rehearsal.say)
    with rehearsal.phase("what is left"):
        left = _look(rehearsal, theirs)
        print_adoption(rehearsal.console, left, ours=_names(left) - _names(before))
        _judge(wrong_after_release(before, left, observed.stacks(rehearsal.aws)))
        rehearsal.say("only what adoption created is gone; the file system is as it was")


def make_theirs(rehearsal: Rehearsal, stack: observed.SeenStack) -> Theirs:
    """Make a file system in the VPC of a stack, with a mount target in every AZ but the last.

    Args:
        rehearsal: What every scenario has at hand.
        stack: A stack of the app, with a file system of its own.

    Raises:
        RehearsalError: The stack's file system is in fewer than two AZs.
    """
    ec2, efs = rehearsal.aws.client("ec2"), rehearsal.aws.client("efs")
    vpc_id, clients = stack.outputs["VpcId"], stack.outputs["ClientSecurityGroupId1"]
    targets = efs.describe_mount_targets(FileSystemId=stack.outputs["FileSystemId"])["MountTargets"]
    subnets = {one["AvailabilityZoneName"]: one["SubnetId"] for one in targets}
    *covered, missing = sorted(subnets)
    if not covered:
        raise RehearsalError(f"the VPC of {stack.name} has storage subnets in {missing} only: a second AZ is needed")
    group = ec2.create_security_group(GroupName="theirs", Description="Somebody else's", VpcId=vpc_id)["GroupId"]
    made = efs.create_file_system(CreationToken="theirs", Encrypted=True, Tags=[{"Key": "owner", "Value": "theirs"}])
    name = made["FileSystemId"]
    efs.put_backup_policy(FileSystemId=name, BackupPolicy={"Status": "ENABLED"})
    for zone in covered:
        efs.create_mount_target(FileSystemId=name, SubnetId=subnets[zone], SecurityGroups=[group])
    return Theirs(name, vpc_id, subnets, missing, group, clients)


def wrong_after_adoption(
    before: observed.SeenFileSystem, now: observed.SeenFileSystem, theirs: Theirs, stacks: list[observed.SeenStack]
) -> list[str]:
    """What is not as it should be once the stack is deployed, one line each."""
    wrong = _touched(before, now)
    stack = next((one for one in stacks if one.name == STACK), None)
    if stack is None or stack.status != "CREATE_COMPLETE":
        wrong.append(f"stack {STACK} is {stack.status if stack else 'not there'}")
    wrong += [f"{t.mount_target_id} in {t.zone} is {t.state}" for t in now.mount_targets if t.state != "available"]
    ours = [target for target in now.mount_targets if target.mount_target_id not in _names(before)]
    if [target.zone for target in ours] != [theirs.missing]:
        wrong.append(f"created in {', '.join(t.zone for t in ours) or 'no AZ'}, expected {theirs.missing}")
    group = stack.outputs.get("SecurityGroupId") if stack else None
    wrong += [
        f"{t.mount_target_id} does not have the group of the stack" for t in ours if group not in t.security_group_ids
    ]
    wrong += [f"the interface of {t.mount_target_id} is not tagged" for t in ours if not t.tags]
    # Beside each ledger stands a tag that names the run that was last at work.
    ledgers = [value for key, value in now.ledgers.items() if not key.endswith(".run")]
    if len(ledgers) != 1 or not all(t.mount_target_id.removeprefix("fsmt-") in ledgers[0] for t in ours):
        wrong.append(f"the ledger is {ledgers}, expected one that names what was created")
    return wrong


def wrong_after_release(
    before: observed.SeenFileSystem, now: observed.SeenFileSystem, stacks: list[observed.SeenStack]
) -> list[str]:
    """What is not as it should be once the stack is deleted, one line each."""
    wrong = _touched(before, now)
    wrong += [f"stack {one.name} is {one.status}" for one in stacks if one.name == STACK]
    wrong += [f"{name} is left behind" for name in sorted(_names(now) - _names(before))]
    if now.tags != before.tags:
        wrong.append(f"the tags of {now.file_system_id} are {now.tags}, they were {before.tags}")
    return wrong


def _touched(before: observed.SeenFileSystem, now: observed.SeenFileSystem) -> list[str]:
    """What somebody else made and is not as it was."""
    known = {target.mount_target_id: target for target in now.mount_targets}
    wrong = [
        f"{one.mount_target_id} of somebody else is {known.get(one.mount_target_id, 'gone')}, it was {one}"
        for one in before.mount_targets
        if known.get(one.mount_target_id) != one
    ]
    if {key: now.tags.get(key) for key in before.tags} != before.tags:
        wrong.append(f"the tags of {now.file_system_id} are {now.tags}, they were {before.tags}")
    return wrong


def _judge(wrong: list[str]) -> None:
    if wrong:
        raise RehearsalError("; ".join(wrong))


def _names(item: observed.SeenFileSystem) -> frozenset[str]:
    return frozenset(target.mount_target_id for target in item.mount_targets)


def _first_stack(rehearsal: Rehearsal) -> observed.SeenStack:
    needed = {"VpcId", "FileSystemId", "ClientSecurityGroupId1"}
    found = next((one for one in observed.stacks(rehearsal.aws) if needed <= set(one.outputs)), None)
    if found is None:
        raise RehearsalError(f"no stack of the app has the outputs {', '.join(sorted(needed))}")
    return found


def _look(rehearsal: Rehearsal, theirs: Theirs) -> observed.SeenFileSystem:
    found = [one for one in observed.file_systems(rehearsal.aws) if one.file_system_id == theirs.file_system_id]
    if not found:
        raise RehearsalError(f"file system {theirs.file_system_id} of somebody else is gone")
    return found[0]


def _admit(rehearsal: Rehearsal, theirs: Theirs) -> None:
    source = {"GroupId": theirs.clients}
    rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [source]}
    rehearsal.aws.client("ec2").authorize_security_group_ingress(GroupId=theirs.group, IpPermissions=[rule])


def _check(rehearsal: Rehearsal, theirs: Theirs, expected: int) -> None:
    """Run the console command as an engineer would, and show what it prints."""
    words = ["check", theirs.file_system_id, "--subnets", ",".join(theirs.subnets.values())]
    words += ["--vpc", theirs.vpc_id, "--client", theirs.clients]
    rehearsal.say(f"$ geuse-efs {' '.join(words)}")
    ran = subprocess.run(
        [sys.executable, "-m", "geuse_efs_check", *words],
        env=rehearsal.aws.environment(),
        stdin=subprocess.DEVNULL,
        # On a terminal it writes there itself: its table fits the width then.
        stdout=None if rehearsal.console.is_terminal else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ran.stdout:
        rehearsal.say(ran.stdout.rstrip())
    rehearsal.say(f"exit code {ran.returncode}")
    if ran.returncode != expected:
        raise RehearsalError(f"geuse-efs check ended with {ran.returncode}, expected {expected}")


def _context(rehearsal: Rehearsal, theirs: Theirs) -> dict[str, str]:
    settings = {
        "environment": STACK.removeprefix("geuse-efs-"),
        "existing_file_system_id": theirs.file_system_id,
        "vpc_id": theirs.vpc_id,
        "account": rehearsal.aws.account,
        "region": rehearsal.aws.region,
        "client_security_group_ids": theirs.clients,
    }
    return {f"geuse-efs:{name}": value for name, value in settings.items()}
