from __future__ import annotations

import json
from typing import Any

import pytest

from geuse_efs_waiter.adoption.adoptions import FILE_SYSTEM_TAG, SUBNETS_TAG
from geuse_efs_waiter.adoption.checks.evaluate import evaluate
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.checks.observed import IngressRule, Observed, ObservedVpc, Unread
from geuse_efs_waiter.adoption.clients import Client
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.errors import AwsCallError
from tests.adoption.builders import ACCOUNT, APP, FS, NFS, REGION, VPC, desired
from tests.adoption.conftest import healthy_account
from tests.simulator.account import Account
from tests.simulator.faults import TRUNCATED, Fault

SUBNETS = {letter: f"subnet-0000000{letter}" for letter in "abc"}


def observation_of(aws: Account, *, already_waited: float = 0.0, **changes: Any) -> Observed:
    deadline = PollingDeadline(60, already_waited=already_waited, clock=aws.clock)
    wanted = desired(**({"subnets": SUBNETS} | changes))
    return observe(aws.client("efs"), aws.client("ec2"), wanted, deadline, REGION, account=ACCOUNT)


def refuse(aws: Account, operation: str, code: str = "AccessDenied", times: float = float("inf")) -> None:
    aws.fail(operation, Fault(code, status=403), times)


def codes(observed: Observed, **changes: Any) -> set[tuple[str, str]]:
    found = evaluate(desired(**({"subnets": SUBNETS} | changes)), observed).findings
    return {(one.code, one.resource) for one in found.all}


def test_a_healthy_file_system_has_no_finding(aws: Account) -> None:
    observed = observation_of(aws)
    assert codes(observed) == set()
    assert evaluate(desired(subnets=SUBNETS), observed).to_create == ("c",)


def test_an_observation_is_ten_calls_however_many_mount_targets_and_groups_there_are(aws: Account) -> None:
    observation_of(aws)
    assert aws.called == [
        "DescribeFileSystems",
        "DescribeMountTargets",
        "DescribeSubnets",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeVpcAttribute",
        "DescribeVpcAttribute",
        "DescribeBackupPolicy",
        "DescribeFileSystemPolicy",
        "DescribeSecurityGroups",
    ]


def test_a_look_only_reads(aws: Account) -> None:
    observation_of(aws, access_point_ids=("fsap-12345678",), clients=(Client.parse("pl-12345678"),), already_waited=60)
    assert {name[:8] for name in aws.called} == {"Describe", "GetManag"}


def test_what_is_read_is_what_aws_said(aws: Account) -> None:
    aws.security_groups[NFS]["IpPermissions"] = [
        {
            "IpProtocol": "tcp",
            "FromPort": 2000,
            "ToPort": 3000,
            "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            "Ipv6Ranges": [{"CidrIpv6": "2600::/32"}],
            "PrefixListIds": [{"PrefixListId": "pl-1"}],
            "UserIdGroupPairs": [{"GroupId": APP}],
        },
        {"IpProtocol": "-1"},
    ]
    aws.prefix_lists = {"pl-1": ["10.0.0.0/9"], "pl-2": ["10.1.0.0/16"]}
    aws.access_points = {"fsap-1": FS}
    aws.file_systems[FS].policy = json.dumps({"Statement": []})
    observed = observation_of(aws, access_point_ids=("fsap-1",), clients=(Client.parse("pl-2"),))
    assert observed.security_groups[NFS].ingress == (
        IngressRule("tcp", 2000, 3000, ("10.0.0.0/8",), ("2600::/32",), ("pl-1",), (APP,)),
        IngressRule("-1"),
    )
    assert observed.prefix_lists == {"pl-1": ("10.0.0.0/9",), "pl-2": ("10.1.0.0/16",)}
    assert observed.access_points == {"fsap-1": FS}
    assert observed.policy == {"Statement": []}
    assert observed.vpc == ObservedVpc(VPC, dns_support=True, dns_hostnames=True)
    assert [one.security_groups for one in observed.mount_targets] == [(NFS,), (NFS,)]
    assert (observed.region, observed.account, observed.unread) == (REGION, ACCOUNT, ())


def test_every_page_is_read(aws: Account) -> None:
    aws.page_size = 1
    aws.prefix_lists = {"pl-1": ["10.0.0.0/17", "10.0.128.0/17"]}
    observed = observation_of(aws, clients=(Client.parse("pl-1"),))
    assert len(observed.mount_targets) == 2
    assert sorted(observed.subnets) == sorted(SUBNETS.values())
    assert observed.prefix_lists["pl-1"] == ("10.0.0.0/17", "10.0.128.0/17")


def test_a_file_system_that_does_not_exist_is_a_finding_and_not_an_error(aws: Account) -> None:
    aws.file_systems.clear()
    observed = observation_of(aws)
    assert observed.file_system is None
    assert codes(observed) == {("file-system-not-found", FS)}
    assert sorted(observed.subnets) == sorted(SUBNETS.values())


def test_a_file_system_that_goes_between_two_calls_is_not_found(aws: Account) -> None:
    aws.fail("DescribeMountTargets", "FileSystemNotFound")
    assert observation_of(aws).file_system is None


def test_unknown_subnets_do_not_spoil_the_known_ones(aws: Account) -> None:
    subnets = SUBNETS | {"x": "subnet-99999999"}
    assert codes(observation_of(aws, subnets=subnets), subnets=subnets) == {("subnet-not-found", "subnet-99999999")}


def test_a_full_public_subnet_is_seen_as_such(aws: Account) -> None:
    aws.subnets[SUBNETS["c"]] |= {"MapPublicIpOnLaunch": True, "AvailableIpAddressCount": 0}
    assert codes(observation_of(aws)) == {("subnet-public", SUBNETS["c"]), ("subnet-full", SUBNETS["c"])}


def test_an_ipv6_only_subnet_is_seen_as_such(aws: Account) -> None:
    aws.subnets[SUBNETS["c"]] |= {"Ipv6Native": True, "AvailableIpAddressCount": 0}
    assert codes(observation_of(aws)) == set()


def test_no_backup_policy_is_off(aws: Account) -> None:
    aws.file_systems[FS].backup = None
    assert codes(observation_of(aws)) == {("backup-off", FS)}


@pytest.mark.parametrize("document", ["[]", "{", '"text"'])
def test_a_policy_that_is_no_object_is_unreadable(aws: Account, document: str) -> None:
    aws.file_systems[FS].policy = document
    assert codes(observation_of(aws)) == {("unreadable", FS)}


def test_an_access_point_that_does_not_exist_is_told(aws: Account) -> None:
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",)}
    assert codes(observation_of(aws, **wanted), **wanted) == {("access-point-not-found", "fsap-1")}


def test_an_access_point_is_asked_for_once(aws: Account) -> None:
    observation_of(aws, access_point_ids=("fsap-1", "fsap-1"))
    assert aws.count("DescribeAccessPoints") == 1


def test_the_destination_of_a_replication_is_observed(aws: Account) -> None:
    protection = {"ReplicationOverwriteProtection": "REPLICATING"}
    aws.file_systems[FS].description["FileSystemProtection"] = protection
    assert codes(observation_of(aws)) == {("replication-destination", FS)}


@pytest.mark.parametrize("state", ["ENABLED", "DISABLED"])
def test_a_file_system_that_nothing_is_replicated_to_is_no_destination(aws: Account, state: str) -> None:
    aws.file_systems[FS].description["FileSystemProtection"] = {"ReplicationOverwriteProtection": state}
    assert codes(observation_of(aws)) == set()


def test_a_vpc_that_does_not_exist_is_a_finding_and_not_unreadable(aws: Account) -> None:
    observed = observation_of(aws, vpc_id="vpc-99999999")
    assert (observed.vpc, observed.unread) == (None, ())
    assert ("vpc-not-found", "vpc-99999999") in codes(observed, vpc_id="vpc-99999999")


OPTIONAL = {
    "DescribeNetworkInterfaces": ("fsmt-00000001, fsmt-00000002",),
    "DescribeSecurityGroups": (NFS, FS),
    "DescribeVpcAttribute": (VPC,),
    "GetManagedPrefixListEntries": ("pl-1",),
    "DescribeBackupPolicy": (FS,),
    "DescribeFileSystemPolicy": (FS,),
    "DescribeAccessPoints": ("fsap-1",),
}
"""What is told as unreadable where the call is refused."""


@pytest.mark.parametrize("operation", OPTIONAL)
def test_a_refused_optional_read_is_told_and_the_rest_is_judged(aws: Account, operation: str) -> None:
    refuse(aws, operation)
    aws.access_points, aws.prefix_lists = {"fsap-1": FS}, {"pl-1": ["10.0.0.0/24"]}
    aws.file_systems[FS].description["Encrypted"] = False
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    observed = observation_of(aws, already_waited=60, **wanted)
    told = OPTIONAL[operation]
    assert [(one.resource, one.why) for one in observed.unread] == [(resource, "AccessDenied") for resource in told]
    assert {*(("unreadable", resource) for resource in told), ("encryption-off", FS)} <= codes(observed, **wanted)


SERVICE = {"DescribeBackupPolicy", "DescribeFileSystemPolicy", "DescribeAccessPoints"}


@pytest.mark.parametrize("operation", OPTIONAL)
def test_a_refused_optional_read_names_the_action_to_allow(aws: Account, operation: str) -> None:
    refuse(aws, operation)
    aws.access_points, aws.prefix_lists = {"fsap-1": FS}, {"pl-1": ["10.0.0.0/24"]}
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    observed = observation_of(aws, already_waited=60, **wanted)
    action = f"{'elasticfilesystem' if operation in SERVICE else 'ec2'}:{operation}"
    assert {unread.action for unread in observed.unread} == {action}
    found = evaluate(desired(**({"subnets": SUBNETS} | wanted)), observed).findings.all
    assert f"allow {action}, or check it by hand" in [finding.fix for finding in found if finding.code == "unreadable"]


def test_a_prefix_list_that_does_not_exist_is_not_a_matter_of_permissions(aws: Account) -> None:
    wanted: dict[str, Any] = {"clients": (Client.parse("pl-9"),)}
    observed = observation_of(aws, **wanted)
    assert [(unread.why, unread.action) for unread in observed.unread] == [("InvalidPrefixListID.NotFound", "")]
    found = evaluate(desired(**({"subnets": SUBNETS} | wanted)), observed).findings.all
    fixes = [finding.fix for finding in found if finding.code == "unreadable"]
    assert fixes == ["check the id, and try again later or check it by hand"]


@pytest.mark.parametrize(
    ("operation", "service"),
    [
        ("DescribeFileSystems", "elasticfilesystem"),
        ("DescribeMountTargets", "elasticfilesystem"),
        ("DescribeSubnets", "ec2"),
    ],
)
def test_a_refused_required_read_names_its_action(aws: Account, operation: str, service: str) -> None:
    refuse(aws, operation)
    with pytest.raises(AwsCallError, match=rf"\({service}:{operation}\) failed with AccessDenied"):
        observation_of(aws, already_waited=60)


@pytest.mark.parametrize("operation", OPTIONAL)
def test_no_optional_read_turns_a_refusal_into_all_is_well(aws: Account, operation: str) -> None:
    """Whatever was wrong behind the refused call, the refusal itself is told."""
    refuse(aws, operation, "UnauthorizedOperation")
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    assert any(code == "unreadable" for code, _ in codes(observation_of(aws, already_waited=60, **wanted), **wanted))


@pytest.mark.parametrize("operation", ["DescribeFileSystems", "DescribeMountTargets", "DescribeSubnets"])
def test_a_refused_required_read_is_an_error_that_says_what_to_do(aws: Account, operation: str) -> None:
    refuse(aws, operation)
    with pytest.raises(AwsCallError, match=r"failed with AccessDenied: .*; allow the call"):
        observation_of(aws, already_waited=60)


def test_a_new_role_is_given_its_minute(aws: Account) -> None:
    refuse(aws, "DescribeBackupPolicy", times=3)
    assert observation_of(aws).unread == ()
    assert 0 < aws.clock.time < 60


def test_after_the_minute_a_refusal_is_final_at_once(aws: Account) -> None:
    refuse(aws, "DescribeBackupPolicy")
    assert observation_of(aws, already_waited=60).unread == (Unread(FS, "backup policy", "AccessDenied"),)
    assert (aws.clock.time, aws.count("DescribeBackupPolicy")) == (0, 1)


def test_the_minute_is_not_given_to_each_call_anew(aws: Account) -> None:
    refuse(aws, "DescribeBackupPolicy")
    refuse(aws, "DescribeFileSystemPolicy")
    assert len(observation_of(aws).unread) == 2
    assert aws.clock.time <= 60


@pytest.mark.parametrize("operation", ["DescribeFileSystems", "DescribeSubnets", "DescribeSecurityGroups"])
@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "RequestLimitExceeded"])
def test_a_transient_error_is_retried(aws: Account, operation: str, code: str) -> None:
    aws.fail(operation, code, times=2)
    assert codes(observation_of(aws, already_waited=60)) == set()
    usual = 2 if operation == "DescribeSecurityGroups" else 1
    assert aws.count(operation) == usual + 2


EMPTY = ["DescribeFileSystems", "DescribeMountTargets", "DescribeSubnets", *OPTIONAL]


@pytest.mark.parametrize("operation", EMPTY)
def test_a_truncated_answer_is_asked_for_again(aws: Account, operation: str) -> None:
    """Botocore reads a truncated body as an empty answer."""
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    clean = healthy_account()
    for account in (aws, clean):
        account.access_points, account.prefix_lists = {"fsap-1": FS}, {"pl-1": []}
        account.file_systems[FS].policy = json.dumps({"Statement": []})
    rule = aws.fail(operation, TRUNCATED)
    assert observation_of(aws, **wanted) == observation_of(clean, **wanted)
    assert rule.hits == 1


def test_a_file_system_without_mount_targets_needs_no_interfaces_and_no_groups_of_theirs(aws: Account) -> None:
    aws.mount_targets.clear()
    assert codes(observation_of(aws)) == set()
    assert (aws.count("DescribeNetworkInterfaces"), aws.count("DescribeSecurityGroups")) == (0, 1)


def test_adoptions_are_read_with_the_zones_that_they_want(aws: Account) -> None:
    tags = {FILE_SYSTEM_TAG: FS, SUBNETS_TAG: f"{SUBNETS['a']} subnet-99999999", "aws:cloudformation:stack-name": "x"}
    aws.add_security_group("sg-00000077", tags=tags)
    [adoption] = observation_of(aws).adoptions.values()
    assert (adoption.group, adoption.stack, list(adoption.zones)) == ("sg-00000077", "x", [f"{REGION}a"])


def test_the_vpc_is_taken_from_the_mount_targets_if_the_wish_has_none(aws: Account) -> None:
    assert observation_of(aws, vpc_id=None).vpc == ObservedVpc(VPC, dns_support=True, dns_hostnames=True)
