"""The permissions that the constructs give are those that the function needs: all of them, and not one more.

The role's statements and the properties are taken from synthesised templates; the real handler runs in the simulator, which
evaluates the statements at each call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from tests.construct.templates import import_vpc, resources_of
from tests.permissions.deployed import STACK_TAG, VPC, Deployed, permissions, without
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID, Properties
from tests.simulator.iam import Principal
from tests.simulator.names import FILE_SYSTEM
from tests.simulator.simulation import Simulation, simulate

pytestmark = pytest.mark.usefixtures("quiet")

CLIENTS, THEIRS, ACCESS_POINT, PREFIX_LIST = "sg-c0000000", "sg-f0000000", "fsap-00000001", "pl-00000001"
PHYSICAL_ID = f"geuse-efs:{FILE_SYSTEM}"
ONLY_LOGGED = {"logs:CreateLogStream", "logs:PutLogEvents", "ec2:DeleteTags"}
"""Permissions without which a request succeeds: the log is told, or lacks."""


@dataclass(frozen=True)
class Case:
    """A stack, what is in the account before it, and all that CloudFormation may ask for in its life."""

    define: Callable[[Stack, ec2.IVpc], object]
    arrange: Callable[[Account], None]
    live: Callable[[Simulation, Properties], None]
    before: Callable[[Simulation, Properties], object] = lambda *_: None
    """What an earlier deployment has done, with other permissions."""


# A file system of the stack's own


def _create(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, wait_timeout=Duration.minutes(40))


def _slow(aws: Account) -> None:
    """Longer than a run."""
    aws.creation_seconds = aws.deletion_seconds = 1000


def _life_of_a_created_file_system(made: Simulation, desired: Properties) -> None:
    """Created; back from another file system, as after a replacement that failed; and gone."""
    made.stack.request("Create", desired)
    made.aws.add_file_system("fs-00000002", tags={STACK_TAG: STACK_ID})
    swapped = {**desired, "FileSystemId": "fs-00000002", "AllowReplacement": "true"}
    made.stack.request("Update", desired, PhysicalResourceId="geuse-efs:fs-00000002", OldResourceProperties=swapped)
    # An adoption in another zone, so that the guard asks for the zones of its subnets.
    adoption = {"geuse-efs:file-system": FILE_SYSTEM, "geuse-efs:subnets": "subnet-0000000d"}
    made.aws.add_security_group("sg-40000000", tags=adoption)
    made.stack.request("Delete", desired, PhysicalResourceId=PHYSICAL_ID)


# A file system of another owner


def _adopt(stack: Stack, vpc: ec2.IVpc, *, create_missing: bool = True) -> None:
    GeuseEfs.adopt(
        stack,
        "Efs",
        file_system_id=FILE_SYSTEM,
        vpc=vpc,
        wait_timeout=Duration.minutes(40),
        clients=[ec2.SecurityGroup.from_security_group_id(stack, "C", CLIENTS), ec2.Peer.prefix_list(PREFIX_LIST)],
        access_points=[efs.AccessPoint.from_access_point_id(stack, "Point", ACCESS_POINT)],
        create_missing=create_missing,
    )


def _adopt_without_creating(stack: Stack, vpc: ec2.IVpc) -> None:
    _adopt(stack, vpc, create_missing=False)


def _foreign(aws: Account) -> None:
    _slow(aws)
    aws.add_file_system()
    aws.access_points[ACCESS_POINT], aws.prefix_lists[PREFIX_LIST] = FILE_SYSTEM, ["10.9.0.0/24"]
    for group in (CLIENTS, THEIRS, "sg-30000000"):
        aws.add_security_group(group, admits=[CLIENTS], prefix_lists=[PREFIX_LIST])
    aws.security_groups["sg-20000000"] = {**aws.security_groups[THEIRS], "GroupId": "sg-20000000"}
    aws.add_mount_target("subnet-0000000a", groups=[THEIRS], ready_in=0)


def _life_of_an_adoption(made: Simulation, desired: Properties) -> None:
    """Created in more than one run; then with another group, with a zone less, and gone."""
    made.stack.request("Create", desired)
    another_group = {**desired, "SecurityGroupIds": ["sg-30000000"]}
    _update(made, another_group, desired)
    subnets = dict(list(desired["Adopt"]["Subnets"].items())[:2])
    _update(made, {**another_group, "Adopt": {**desired["Adopt"], "Subnets": subnets}}, another_group)
    made.stack.request("Delete", another_group, PhysicalResourceId=PHYSICAL_ID)


def _adopted_with_creating(made: Simulation, desired: Properties) -> None:
    made.stack.request("Create", _creating(desired))


def _life_of_an_adoption_that_creates_no_longer(made: Simulation, desired: Properties) -> None:
    """It still has what it has created: dresses it, gives up a zone, and deletes it."""
    another_group = {**desired, "SecurityGroupIds": ["sg-30000000"]}
    _update(made, another_group, _creating(desired))
    subnets = dict(list(desired["Adopt"]["Subnets"].items())[:2])
    _update(made, {**another_group, "Adopt": {**desired["Adopt"], "Subnets": subnets}}, another_group)
    made.stack.request("Delete", another_group, PhysicalResourceId=PHYSICAL_ID)


def _creating(desired: Properties) -> Properties:
    return {**desired, "Adopt": {**desired["Adopt"], "CreateMissing": "true"}}


def _update(made: Simulation, desired: Properties, old: Properties) -> None:
    made.stack.request("Update", desired, PhysicalResourceId=PHYSICAL_ID, OldResourceProperties=old)


CASES = {
    "created": Case(_create, _slow, _life_of_a_created_file_system),
    "adopted": Case(_adopt, _foreign, _life_of_an_adoption),
    "adopted, creating no longer": Case(
        _adopt_without_creating,
        _foreign,
        _life_of_an_adoption_that_creates_no_longer,
        _adopted_with_creating,
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def template(case: Case, new_app: Callable[..., App]) -> dict[str, Any]:
    stack = Stack(new_app(), "Storage")
    case.define(stack, import_vpc(stack))
    return resources_of(stack)


def live(case: Case, template: dict[str, Any], less: tuple[str, str] | None = None) -> tuple[Principal, Simulation]:
    """The whole life of the stack, under its role less a permission."""
    aws = Account(vpc=VPC, vpc_owner="999999999999", has_efs_role=False)
    case.arrange(aws)
    deployed = Deployed(template)
    deployed.put_into(aws)
    with simulate(aws) as made:
        case.before(made, deployed.properties)
    role = Principal(without(deployed.statements, *less) if less else deployed.statements)
    with simulate(aws, role=role) as made:
        case.live(made, deployed.properties)
    return role, made


def test_nothing_is_denied_that_the_function_calls(case: Case, template: dict[str, Any]) -> None:
    role, made = live(case, template)
    assert role.denied == []
    for answer in made.address.answers:
        assert answer["Reason"] == ""
        assert answer["Data"].get("Warnings", "") == ""
    assert made.function.runs > len(made.address.answers), "no request took more than one run"


def test_each_permission_is_needed_and_named_where_it_is_missing(case: Case, template: dict[str, Any]) -> None:
    role, _ = live(case, template)
    for sid, action in permissions(role.statements):
        less, made = live(case, template, less=(sid, action))
        assert action in {demand.action for demand in less.denied}, f"nothing needs {action} of {sid}"
        told = [answer["Reason"] or answer["Data"].get("Warnings", "") for answer in made.address.answers]
        assert any(action in text for text in told) == (action not in ONLY_LOGGED), f"{action} of {sid}: {told}"
