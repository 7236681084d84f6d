"""One observation of a file system: few calls, and what is refused is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from geuse_efs_waiter.adoption.adoptions import FILE_SYSTEM_TAG, SUBNETS_TAG
from geuse_efs_waiter.adoption.checks.evaluate import evaluate
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.checks.observed import IngressRule, Observed, ObservedVpc, Unread
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.errors import AwsCallError
from tests.adoption.builders import ACCOUNT, APP, FS, NFS, REGION, VPC, desired
from tests.adoption.conftest import healthy_account
from tests.simulator.account import Account
from tests.simulator.faults import TRUNCATED, Fault

SUBNETS = {letter: f"subnet-0000000{letter}" for letter in "abc"}
EVERYTHING: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": ("pl-1",)}
"""What makes an observation call all that it may call."""
EC2, EFS = "ec2", "elasticfilesystem"
OPTIONAL = {
    "DescribeNetworkInterfaces": (EC2, ["fsmt-00000001, fsmt-00000002"]),
    "DescribeSecurityGroups": (EC2, [NFS, FS]),
    "DescribeVpcAttribute": (EC2, [VPC]),
    "GetManagedPrefixListEntries": (EC2, ["pl-1"]),
    "DescribeBackupPolicy": (EFS, [FS]),
    "DescribeFileSystemPolicy": (EFS, [FS]),
    "DescribeAccessPoints": (EFS, ["fsap-1"]),
}
"""Each call that may be refused, its service, and the resources that are unreadable then."""
REQUIRED = {"DescribeFileSystems": EFS, "DescribeMountTargets": EFS, "DescribeSubnets": EC2}


def observation_of(aws: Account, *, already_waited: float = 0.0, **changes: Any) -> Observed:
    deadline = PollingDeadline(60, already_waited=already_waited, clock=aws.clock)
    spec = desired(**({"subnets": SUBNETS} | changes))
    return observe(aws.client("efs"), aws.client("ec2"), spec, deadline, REGION, account=ACCOUNT)


def refuse(aws: Account, operation: str) -> None:
    aws.fail(operation, Fault("AccessDenied", status=403), times=float("inf"))


def codes(observed: Observed, **changes: Any) -> set[tuple[str, str]]:
    found = evaluate(desired(**({"subnets": SUBNETS} | changes)), observed).findings
    return {(finding.code, finding.resource) for finding in found.all}


def fixes(observed: Observed, **changes: Any) -> list[str]:
    """Of what is unreadable."""
    found = evaluate(desired(**({"subnets": SUBNETS} | changes)), observed).findings
    return sorted({finding.fix for finding in found.all if finding.code == "unreadable"})


def test_an_observation_is_ten_calls_however_many_mount_targets_and_groups_there_are(aws: Account) -> None:
    assert codes(observation_of(aws)) == set()
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
    observed = observation_of(aws, access_point_ids=("fsap-1",), clients=("pl-2",))
    assert observed.security_groups[NFS].ingress == (
        IngressRule("tcp", 2000, 3000, ("10.0.0.0/8",), ("2600::/32",), ("pl-1",), (APP,)),
        IngressRule("-1"),
    )
    assert observed.prefix_lists == {"pl-1": ("10.0.0.0/9",), "pl-2": ("10.1.0.0/16",)}
    assert observed.access_points == {"fsap-1": FS}
    assert observed.policy == {"Statement": []}
    assert observed.vpc == ObservedVpc(VPC, dns_support=True, dns_hostnames=True)
    assert [target.security_groups for target in observed.mount_targets] == [(NFS,), (NFS,)]
    assert (observed.region, observed.account, observed.unread) == (REGION, ACCOUNT, ())


def test_every_page_is_read(aws: Account) -> None:
    aws.page_size = 1
    aws.prefix_lists = {"pl-1": ["10.0.0.0/17", "10.0.128.0/17"]}
    observed = observation_of(aws, clients=("pl-1",))
    assert len(observed.mount_targets) == 2
    assert sorted(observed.subnets) == sorted(SUBNETS.values())
    assert observed.prefix_lists["pl-1"] == ("10.0.0.0/17", "10.0.128.0/17")


def test_a_file_system_that_does_not_exist_is_a_finding_and_not_an_error(aws: Account) -> None:
    aws.file_systems.clear()
    observed = observation_of(aws)
    assert codes(observed) == {("file-system-not-found", FS)}
    assert sorted(observed.subnets) == sorted(SUBNETS.values())


def test_a_file_system_that_goes_between_two_calls_is_not_found(aws: Account) -> None:
    aws.fail("DescribeMountTargets", "FileSystemNotFound")
    assert observation_of(aws).file_system is None


def full(aws: Account, **more: bool) -> None:
    aws.subnets[SUBNETS["c"]] |= {"AvailableIpAddressCount": 0, **more}


def without_backup(aws: Account) -> None:
    aws.file_systems[FS].backup = None


def replicated(aws: Account, state: str) -> None:
    aws.file_systems[FS].description["FileSystemProtection"] = {"ReplicationOverwriteProtection": state}


def with_policy(document: str) -> Callable[[Account], None]:
    def arrange(aws: Account) -> None:
        aws.file_systems[FS].policy = document

    return arrange


@pytest.mark.parametrize(
    ("arrange", "changes", "found"),
    [
        (lambda _: None, {"subnets": SUBNETS | {"x": "subnet-99999999"}}, {("subnet-not-found", "subnet-99999999")}),
        (
            lambda aws: full(aws, MapPublicIpOnLaunch=True),
            {},
            {("subnet-public", SUBNETS["c"]), ("subnet-full", SUBNETS["c"])},
        ),
        (lambda aws: full(aws, Ipv6Native=True), {}, set()),
        (without_backup, {}, {("backup-off", FS)}),
        (lambda aws: replicated(aws, "REPLICATING"), {}, {("replication-destination", FS)}),
        (lambda aws: replicated(aws, "ENABLED"), {}, set()),
        (lambda aws: replicated(aws, "DISABLED"), {}, set()),
        (with_policy("[]"), {}, {("unreadable", FS)}),
        (with_policy("{"), {}, {("unreadable", FS)}),
        (lambda _: None, {"access_point_ids": ("fsap-1",)}, {("access-point-not-found", "fsap-1")}),
    ],
)
def test_what_aws_says_leads_to_these_findings(
    aws: Account, arrange: Callable[[Account], None], changes: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    arrange(aws)
    assert codes(observation_of(aws, **changes), **changes) == found


def test_an_access_point_is_asked_for_once(aws: Account) -> None:
    observation_of(aws, access_point_ids=("fsap-1", "fsap-1"))
    assert aws.count("DescribeAccessPoints") == 1


def test_a_vpc_that_does_not_exist_is_a_finding_and_not_unreadable(aws: Account) -> None:
    observed = observation_of(aws, vpc_id="vpc-99999999")
    assert (observed.vpc, observed.unread) == (None, ())
    assert ("vpc-not-found", "vpc-99999999") in codes(observed, vpc_id="vpc-99999999")


@pytest.mark.parametrize("operation", OPTIONAL)
def test_a_refused_optional_read_is_reported_with_the_action_to_allow_and_the_rest_is_evaluated(
    aws: Account, operation: str
) -> None:
    service, resources = OPTIONAL[operation]
    refuse(aws, operation)
    aws.access_points, aws.prefix_lists = {"fsap-1": FS}, {"pl-1": ["10.0.0.0/24"]}
    aws.file_systems[FS].description["Encrypted"] = False
    observed = observation_of(aws, already_waited=60, **EVERYTHING)
    assert [(unread.resource, unread.why) for unread in observed.unread] == [
        (name, "AccessDenied") for name in resources
    ]
    expected = {("encryption-off", FS), *(("unreadable", name) for name in resources)}
    assert expected <= codes(observed, **EVERYTHING)
    assert fixes(observed, **EVERYTHING) == [f"allow {service}:{operation}, or check it by hand"]


def test_a_prefix_list_that_does_not_exist_is_not_a_matter_of_permissions(aws: Account) -> None:
    observed = observation_of(aws, clients=("pl-9",))
    assert [(unread.why, unread.action) for unread in observed.unread] == [("InvalidPrefixListID.NotFound", "")]
    assert fixes(observed, clients=("pl-9",)) == ["check the id, and try again later or check it by hand"]


@pytest.mark.parametrize(("operation", "service"), REQUIRED.items())
def test_a_refused_required_read_is_an_error_that_says_what_to_do(aws: Account, operation: str, service: str) -> None:
    refuse(aws, operation)
    with pytest.raises(AwsCallError, match=rf"\({service}:{operation}\) failed with AccessDenied: .*; allow the call"):
        observation_of(aws, already_waited=60)


def test_after_the_minute_a_refusal_is_final_at_once(aws: Account) -> None:
    refuse(aws, "DescribeBackupPolicy")
    assert observation_of(aws, already_waited=60).unread == (Unread(FS, "backup policy", "AccessDenied"),)
    assert (aws.clock.time, aws.count("DescribeBackupPolicy")) == (0, 1)


def test_the_minute_is_not_given_to_each_call_anew(aws: Account) -> None:
    refuse(aws, "DescribeBackupPolicy")
    refuse(aws, "DescribeFileSystemPolicy")
    assert len(observation_of(aws).unread) == 2
    assert aws.clock.time <= 60


@pytest.mark.parametrize("operation", [*REQUIRED, *OPTIONAL])
def test_a_truncated_answer_is_asked_for_again(aws: Account, operation: str) -> None:
    """Botocore reads a truncated body as an empty answer."""
    clean = healthy_account()
    for account in (aws, clean):
        account.access_points, account.prefix_lists = {"fsap-1": FS}, {"pl-1": []}
        account.file_systems[FS].policy = json.dumps({"Statement": []})
    rule = aws.fail(operation, TRUNCATED)
    assert observation_of(aws, **EVERYTHING) == observation_of(clean, **EVERYTHING)
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


def test_where_no_vpc_is_desired_that_of_the_mount_targets_is_observed(aws: Account) -> None:
    assert observation_of(aws, vpc_id=None).vpc == ObservedVpc(VPC, dns_support=True, dns_hostnames=True)
