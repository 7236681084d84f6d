"""What would mislead every other test unseen: stale reads, faults, repeated runs, the evaluation of permissions."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from geuse_efs_waiter.aws import clients as waiter_clients
from tests.simulator.account import READ_TIMEOUT, Account
from tests.simulator.cloudformation import SECRET
from tests.simulator.faults import _STATUS as STATUS
from tests.simulator.faults import (
    KILLED,
    KINDS,
    RESET,
    TRUNCATED,
    Effect,
    Fault,
    Killed,
    Slow,
)
from tests.simulator.functions import Context, Event
from tests.simulator.iam import Demand, Named, Principal, demanded, demands
from tests.simulator.names import FILE_SYSTEM, arn
from tests.simulator.simulation import Simulation, simulate


@pytest.fixture
def aws() -> Account:
    """An account with one file system and one mount target that is just being created."""
    account = Account()
    account.add_file_system()
    account.add_mount_target()
    return account


def look(aws: Account) -> Any:
    return aws.direct().describe_mount_targets(FileSystemId=FILE_SYSTEM)["MountTargets"]


# Time


def test_reads_are_as_old_as_the_staleness_says(aws: Account) -> None:
    aws.staleness = lambda: 3.0
    aws.clock.sleep(86)
    assert look(aws)[0]["LifeCycleState"] == "creating"
    aws.set_tags({"a": "b"})
    assert aws.direct().describe_file_systems(FileSystemId=FILE_SYSTEM)["FileSystems"][0]["Tags"] == []
    aws.clock.sleep(3)
    assert look(aws)[0]["LifeCycleState"] == "available"
    assert aws.direct().describe_file_systems(FileSystemId=FILE_SYSTEM)["FileSystems"][0]["Tags"] != []


def test_the_simulator_waits_for_an_answer_as_long_as_the_waiters_clients_do() -> None:
    config: Any = waiter_clients.CONFIG
    assert config.read_timeout == READ_TIMEOUT


def test_errors_of_efs_have_the_status_of_botocores_model_but_throttling() -> None:
    model = botocore.session.get_session().get_service_model("efs")
    for name in model.shape_names:
        error = model.shape_for(name).metadata.get("error", {})
        if error and name not in {"ThrottlingException", "TooManyRequests"} and name in STATUS:
            assert Fault(name).status == error["httpStatusCode"], name
    assert {name for name, status in STATUS.items() if status == 400} == set()


# Rules


def struck(aws: Account, number: int, pause: float = 0) -> str:
    """Which of so many calls are struck: x or ."""
    struck_calls = ""
    for _ in range(number):
        try:
            look(aws)
            struck_calls += "."
        except ClientError:
            struck_calls += "x"
        aws.clock.sleep(pause)
    return struck_calls


@pytest.mark.parametrize(
    ("rule", "expected"),
    [({}, "x....."), ({"times": 3}, "xxx..."), ({"times": 9, "until": 25.0}, "xxx..."),
     ({"times": 2, "skip": 3}, "...xx."), ({"times": 9, "skip": 1, "lasting": 15.0}, ".xx..."),
     ({"times": 9, "when": lambda given: "Marker" in given}, "......")],
)  # fmt: skip
def test_a_rule_ends_by_number_by_time_and_spares_what_it_does_not_mean(
    aws: Account, rule: dict[str, Any], expected: str
) -> None:
    made = aws.fail("DescribeMountTargets", "ThrottlingException", **rule)
    assert struck(aws, 6, pause=10) == expected
    assert made.hits == expected.count("x")


ENDS: dict[object, type[BaseException] | None] = {
    KILLED: Killed,
    RESET: ConnectionClosedError,
    TRUNCATED: None,
    Slow(12): None,
    Slow(60): ReadTimeoutError,
}


@pytest.mark.parametrize(("effect", "after"), KINDS.values(), ids=KINDS)
def test_each_kind_takes_effect_or_not(aws: Account, effect: Effect, after: bool) -> None:
    name = aws.add_mount_target(ready_in=0)
    aws.fail("DeleteMountTarget", effect, after=after)
    slow, ended = isinstance(effect, Slow), None
    try:
        aws.direct().delete_mount_target(MountTargetId=name)
    except (ClientError, ConnectionClosedError, ReadTimeoutError, Killed) as error:
        ended = type(error)
    assert ended == ENDS.get(effect, ClientError)
    assert (aws.mount_targets[name].deleting_at < float("inf")) == (after or slow)
    assert aws.clock.now() == (min(effect.seconds, READ_TIMEOUT) if isinstance(effect, Slow) else 0)


# Lambda and CloudFormation


def put(**answer: Any) -> None:
    """Send an answer, as a function does."""
    request = urllib.request.Request(f"https://answer.invalid/x?{SECRET}", method="PUT", headers={"Content-Type": ""})
    request.data = json.dumps({"Reason": "", "Data": {}, **answer}).encode()
    urllib.request.urlopen(request, timeout=10)  # noqa: S310 (it is the simulator's)


Runs = list[tuple[float, Event]]


@contextmanager
def running(code: Callable[[Event, Context, Simulation], None]) -> Iterator[tuple[Simulation, Runs]]:
    """A simulation whose function does this, and when it ran with which event."""
    account, runs = Account(), Runs()

    def recording(event: Event, context: Context) -> None:
        runs.append((account.clock.now(), event))
        code(event, context, made)

    with simulate(account, code=recording) as made:
        yield made, runs


def invoke(made: Simulation, event: Event, **more: Any) -> None:
    payload = json.dumps({**event, **more})
    made.aws.direct().invoke(FunctionName="waiter", InvocationType="Event", Payload=payload)


def test_a_run_that_crashes_is_repeated_after_one_and_after_two_minutes() -> None:
    def crash(*_: Any) -> None:
        raise Killed

    with running(crash) as (made, runs), pytest.raises(Killed):
        made.stack.request("Create")
    assert [at for at, _ in runs] == [0, 60, 180]
    assert len({event["RequestId"] for _, event in runs}) == 1


def test_runs_whose_times_overlap_run_side_by_side() -> None:
    ended: list[float] = []

    def code(event: Event, context: Context, made: Simulation) -> None:
        first, seconds = len(runs) == 1, (100, 80, 90, 50)[len(runs) - 1]
        for _ in range(2 * first):
            invoke(made, event, again=1)
        context.clock.sleep(seconds)
        ended.append(context.clock.now())
        if first:
            raise Killed

    with running(code) as (made, runs):
        made.stack._send("Create", {}, {})
    assert ([at for at, _ in runs], ended) == ([0, 0, 0, 160], [80, 90, 100, 210])
    assert ["again" in event for _, event in runs] == [False, True, True, False]


def test_a_run_longer_than_fifteen_minutes_is_counted_and_properties_are_texts() -> None:
    with running(lambda _, context, __: context.clock.sleep(901)) as (made, runs):
        made.stack._send("Create", {"Number": 1, "Yes": [True, {"a": 1.5}]}, {})
    assert made.function.overrun == 1
    properties = runs[0][1]["ResourceProperties"]
    assert (properties["Number"], properties["Yes"]) == ("1", ["true", {"a": "1.5"}])


# Permissions

READ = Demand("elasticfilesystem:DescribeFileSystems", arn("elasticfilesystem", "file-system/fs-1"))


@pytest.mark.parametrize(
    ("change", "allowed"),
    [({}, True), ({"Action": "elasticfilesystem:describefilesystems"}, True), ({"Action": "elasticfilesystem:Tag*"}, False),
     ({"Resource": arn("elasticfilesystem", "file-system/fs-2")}, False), ({"Resource": ["x", "*"]}, True),
     ({"Condition": {"StringEquals": {"ec2:Region": "us-east-1"}}}, False)],
)  # fmt: skip
def test_a_statement_allows_what_it_names(change: dict[str, Any], allowed: bool) -> None:
    statement = {"Effect": "Allow", "Action": "elasticfilesystem:Describe*", "Resource": READ.resource, **change}
    principal = Principal([statement])
    assert principal.may(READ) == allowed
    assert principal.denied == ([] if allowed else [READ])


@pytest.mark.parametrize(("keys", "allowed"), [(["geuse-efs:1"], True), (["geuse-efs:1", "x"], False), ([], True)])
def test_for_all_values_every_value_must_fit(keys: list[str], allowed: bool) -> None:
    condition = {"ForAllValues:StringLike": {"aws:TagKeys": ["geuse-efs:*"]}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    assert Principal([statement]).may(Demand("a:b", keys={"aws:TagKeys": keys})) == allowed


@pytest.mark.parametrize(
    "statement",
    [{"Effect": "Deny", "Action": "*", "Resource": "*"}, {"Effect": "Allow", "NotAction": "x", "Resource": "*"}],
)
def test_a_statement_of_another_kind_is_not_taken_for_anything(statement: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError):
        Principal([statement]).may(READ)


def test_efs_needs_permissions_of_ec2_for_the_interface(aws: Account) -> None:
    everything_of_efs = Principal([{"Effect": "Allow", "Action": "elasticfilesystem:*", "Resource": "*"}])
    efs = aws.direct(everything_of_efs)
    calls: tuple[Callable[[], Any], ...] = (
        lambda: efs.create_mount_target(FileSystemId=FILE_SYSTEM, SubnetId="subnet-0000000b", SecurityGroups=[]),
        lambda: efs.modify_mount_target_security_groups(MountTargetId="fsmt-00000001", SecurityGroups=["sg-00000001"]),
        lambda: efs.delete_mount_target(MountTargetId="fsmt-00000001"),
    )
    for call in calls:
        with pytest.raises(ClientError, match="AccessDeniedException"):
            call()
    assert {demand.action for demand in everything_of_efs.denied} == {
        "ec2:DescribeSubnets",
        "ec2:DescribeNetworkInterfaces",
        "ec2:CreateNetworkInterface",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:DeleteNetworkInterface",
    }


def test_the_reference_says_which_resources_and_which_condition_keys_a_call_has(aws: Account) -> None:
    given = {"FileSystemId": FILE_SYSTEM, "SubnetId": "subnet-0000000b", "SecurityGroups": ["sg-00000001"]}
    asked = {demand.resource: demand.keys for demand in demands(aws, "CreateMountTarget", given)}
    in_vpc = {"ec2:Region": "us-east-1", "ec2:Vpc": arn("ec2", f"vpc/{aws.vpc}")}
    assert asked[arn("elasticfilesystem", f"file-system/{FILE_SYSTEM}")] == {}
    assert asked[arn("ec2", "subnet/subnet-0000000b")] == in_vpc
    assert asked[arn("ec2", "security-group/sg-00000001")] == in_vpc
    assert asked[arn("ec2", "network-interface/*")] == {"ec2:Region": "us-east-1"}


def test_a_shared_vpc_and_its_subnets_belong_to_another_account(aws: Account) -> None:
    aws.vpc_owner = "999999999999"
    given = {"Resources": ["eni-00000001", "subnet-0000000a"], "Tags": [{"Key": "Name", "Value": "x"}]}
    interface, subnet = demands(aws, "CreateTags", given)
    assert interface.resource == arn("ec2", "network-interface/eni-00000001")
    assert (
        interface.keys["ec2:Subnet"] == subnet.resource == "arn:aws:ec2:us-east-1:999999999999:subnet/subnet-0000000a"
    )


@pytest.mark.parametrize(("action", "problem"), [("ec2:Explode", "has no action"), ("ec2:DeleteSubnet", "names none")])
def test_what_the_reference_does_not_know_is_an_error(action: str, problem: str) -> None:
    with pytest.raises(LookupError, match=problem):
        list(demanded(action, [Named("vpc", ("vpc-1",))], {}))


def test_a_function_without_the_permission_to_keep_its_log_runs_all_the_same() -> None:
    role = Principal([])
    with simulate(role=role, code=lambda *_: put(Status="SUCCESS", PhysicalResourceId="mine")) as made:
        assert made.stack.ask("Create", {})
    assert [demand.action for demand in role.denied] == ["logs:CreateLogStream", "logs:PutLogEvents"]
