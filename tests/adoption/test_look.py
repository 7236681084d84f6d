from __future__ import annotations

import json
from typing import Any

import pytest

from geuse_efs_waiter.adoption import Client, Seen, judge, look
from geuse_efs_waiter.adoption.seen import IngressRule, Unread, VpcSeen
from geuse_efs_waiter.errors import AwsCallError
from geuse_efs_waiter.patience import Patience
from tests.adoption.builders import ACCOUNT, APP, FS, NFS, REGION, VPC, A, B, C, wish
from tests.adoption.fake_aws import FakeAws, subnet_id


class FakeClock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


SUBNETS = {"a": subnet_id(A), "b": subnet_id(B), "c": subnet_id(C)}


def looked(fake: FakeAws, *, spent: float = 0.0, clock: FakeClock | None = None, **changes: Any) -> Seen:
    patience = Patience(60, spent=spent, clock=clock or FakeClock())
    wanted = wish(**({"subnets": SUBNETS} | changes))
    return look(fake.efs, fake.ec2, wanted, patience, REGION, account=ACCOUNT)


def codes(seen: Seen, **changes: Any) -> set[tuple[str, str]]:
    found = judge(wish(**({"subnets": SUBNETS} | changes)), seen).findings
    return {(one.code, one.resource) for one in found.all}


def test_a_healthy_file_system_has_no_finding(fake: FakeAws) -> None:
    seen = looked(fake)
    assert codes(seen) == set()
    assert judge(wish(subnets=SUBNETS), seen).to_create == ("c",)


def test_one_look_is_nine_calls_however_many_mount_targets_and_groups_there_are(fake: FakeAws) -> None:
    looked(fake)
    assert [name for name, _ in fake.calls] == [
        "DescribeFileSystems",
        "DescribeMountTargets",
        "DescribeSubnets",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeVpcAttribute",
        "DescribeVpcAttribute",
        "DescribeBackupPolicy",
        "DescribeFileSystemPolicy",
    ]


def test_a_look_only_reads(fake: FakeAws) -> None:
    looked(fake, access_point_ids=("fsap-12345678",), clients=(Client.parse("pl-12345678"),), spent=60)
    assert {name[:8] for name, _ in fake.calls} == {"Describe", "GetManag"}


def test_what_is_read_is_what_aws_said(fake: FakeAws) -> None:
    fake.permissions = [
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
    fake.prefix_lists = {"pl-1": ["10.0.0.0/9"], "pl-2": ["10.1.0.0/16"]}
    fake.access_points = {"fsap-1": FS}
    fake.policy = json.dumps({"Statement": []})
    seen = looked(fake, access_point_ids=("fsap-1",), clients=(Client.parse("pl-2"),))
    assert seen.security_groups[NFS].ingress == (
        IngressRule("tcp", 2000, 3000, ("10.0.0.0/8",), ("2600::/32",), ("pl-1",), (APP,)),
        IngressRule("-1"),
    )
    assert seen.prefix_lists == {"pl-1": ("10.0.0.0/9",), "pl-2": ("10.1.0.0/16",)}
    assert seen.access_points == {"fsap-1": FS}
    assert seen.policy == {"Statement": []}
    assert seen.vpc == VpcSeen(VPC, dns_support=True, dns_hostnames=True)
    assert [one.security_groups for one in seen.mount_targets] == [(NFS,), (NFS,)]
    assert (seen.region, seen.account, seen.unread) == (REGION, ACCOUNT, ())


def test_every_page_is_read(fake: FakeAws) -> None:
    fake.page_size = 1
    fake.prefix_lists = {"pl-1": ["10.0.0.0/17", "10.0.128.0/17"]}
    seen = looked(fake, clients=(Client.parse("pl-1"),))
    assert len(seen.mount_targets) == 2
    assert sorted(seen.subnets) == sorted(SUBNETS.values())
    assert seen.prefix_lists["pl-1"] == ("10.0.0.0/17", "10.0.128.0/17")


def test_a_file_system_that_does_not_exist_is_a_finding_and_not_an_error(fake: FakeAws) -> None:
    fake.file_systems = []
    seen = looked(fake)
    assert seen.file_system is None
    assert codes(seen) == {("file-system-not-found", FS)}
    assert sorted(seen.subnets) == sorted(SUBNETS.values())


def test_a_file_system_that_goes_between_two_calls_is_not_found(fake: FakeAws) -> None:
    fake.refuse("DescribeMountTargets", "FileSystemNotFound", status=404)
    assert looked(fake).file_system is None


def test_unknown_subnets_do_not_spoil_the_known_ones(fake: FakeAws) -> None:
    subnets = SUBNETS | {"x": "subnet-99999999"}
    assert codes(looked(fake, subnets=subnets), subnets=subnets) == {("subnet-not-found", "subnet-99999999")}


def test_a_full_public_subnet_is_seen_as_such(fake: FakeAws) -> None:
    fake.subnets[2] |= {"MapPublicIpOnLaunch": True, "AvailableIpAddressCount": 0}
    assert codes(looked(fake)) == {("subnet-public", subnet_id(C)), ("subnet-full", subnet_id(C))}


def test_an_ipv6_only_subnet_is_seen_as_such(fake: FakeAws) -> None:
    fake.subnets[2] |= {"Ipv6Native": True, "AvailableIpAddressCount": 0}
    assert codes(looked(fake)) == set()


def test_no_backup_policy_is_off(fake: FakeAws) -> None:
    fake.backup = None
    assert codes(looked(fake)) == {("backup-off", FS)}


@pytest.mark.parametrize("document", ["[]", "{", '"text"'])
def test_a_policy_that_is_no_object_is_unreadable(fake: FakeAws, document: str) -> None:
    fake.policy = document
    assert codes(looked(fake)) == {("unreadable", FS)}


def test_an_access_point_that_does_not_exist_is_told(fake: FakeAws) -> None:
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",)}
    assert codes(looked(fake, **wanted), **wanted) == {("access-point-not-found", "fsap-1")}


def test_an_access_point_is_asked_for_once(fake: FakeAws) -> None:
    looked(fake, access_point_ids=("fsap-1", "fsap-1"))
    assert fake.count("DescribeAccessPoints") == 1


OPTIONAL = {
    "DescribeNetworkInterfaces": "fsmt-a, fsmt-b",
    "DescribeSecurityGroups": NFS,
    "DescribeVpcAttribute": VPC,
    "GetManagedPrefixListEntries": "pl-1",
    "DescribeBackupPolicy": FS,
    "DescribeFileSystemPolicy": FS,
    "DescribeAccessPoints": "fsap-1",
}


@pytest.mark.parametrize("operation", OPTIONAL)
def test_a_refused_optional_read_is_told_and_the_rest_is_judged(fake: FakeAws, operation: str) -> None:
    fake.refuse(operation, "AccessDenied")
    fake.access_points, fake.prefix_lists = {"fsap-1": FS}, {"pl-1": ["10.0.0.0/24"]}
    fake.file_systems[0]["Encrypted"] = False
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    seen = looked(fake, spent=60, **wanted)
    assert [(one.resource, one.why) for one in seen.unread] == [(OPTIONAL[operation], "AccessDenied")]
    assert {("unreadable", OPTIONAL[operation]), ("encryption-off", FS)} <= codes(seen, **wanted)


@pytest.mark.parametrize("operation", OPTIONAL)
def test_no_optional_read_turns_a_refusal_into_all_is_well(fake: FakeAws, operation: str) -> None:
    """Whatever was wrong behind the refused call, the refusal itself is told."""
    fake.refuse(operation, "UnauthorizedOperation")
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    assert any(code == "unreadable" for code, _ in codes(looked(fake, spent=60, **wanted), **wanted))


@pytest.mark.parametrize("operation", ["DescribeFileSystems", "DescribeMountTargets", "DescribeSubnets"])
def test_a_refused_required_read_is_an_error_that_says_what_to_do(fake: FakeAws, operation: str) -> None:
    fake.refuse(operation, "AccessDenied")
    with pytest.raises(AwsCallError, match=r"failed with AccessDenied: .*; allow the call"):
        looked(fake, spent=60)


def test_a_new_role_is_given_its_minute(fake: FakeAws) -> None:
    fake.refuse("DescribeBackupPolicy", "AccessDenied", times=3)
    clock = FakeClock()
    assert looked(fake, clock=clock).unread == ()
    assert 0 < clock.time < 60


def test_after_the_minute_a_refusal_is_final_at_once(fake: FakeAws) -> None:
    fake.refuse("DescribeBackupPolicy", "AccessDenied")
    clock = FakeClock()
    assert looked(fake, spent=60, clock=clock).unread == (Unread(FS, "backup policy", "AccessDenied"),)
    assert (clock.time, fake.count("DescribeBackupPolicy")) == (0, 1)


def test_the_minute_is_not_given_to_each_call_anew(fake: FakeAws) -> None:
    fake.refuse("DescribeBackupPolicy", "AccessDenied")
    fake.refuse("DescribeFileSystemPolicy", "AccessDenied")
    clock = FakeClock()
    assert len(looked(fake, clock=clock).unread) == 2
    assert clock.time <= 60


@pytest.mark.parametrize("operation", ["DescribeFileSystems", "DescribeSubnets", "DescribeSecurityGroups"])
@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "RequestLimitExceeded"])
def test_a_transient_error_is_retried(fake: FakeAws, operation: str, code: str) -> None:
    fake.refuse(operation, code, times=2)
    assert codes(looked(fake, spent=60)) == set()
    assert fake.count(operation) == 3


EMPTY = ["DescribeFileSystems", "DescribeMountTargets", "DescribeSubnets", *OPTIONAL]


@pytest.mark.parametrize("operation", EMPTY)
def test_a_truncated_answer_is_asked_for_again(fake: FakeAws, operation: str) -> None:
    """Botocore reads a truncated body as an empty answer."""
    whole = getattr(fake, f"_{operation}")
    fake.access_points, fake.prefix_lists = {"fsap-1": FS}, {"pl-1": []}
    fake.policy = json.dumps({"Statement": []})
    fake.answers[operation] = lambda params: whole(params) if fake.count(operation) > 1 else {}
    clean = FakeAws()
    clean.access_points, clean.prefix_lists, clean.policy = fake.access_points, fake.prefix_lists, fake.policy
    wanted: dict[str, Any] = {"access_point_ids": ("fsap-1",), "clients": (Client.parse("pl-1"),)}
    assert looked(fake, **wanted) == looked(clean, **wanted)


def test_a_file_system_without_mount_targets_needs_no_interfaces_and_no_groups(fake: FakeAws) -> None:
    fake.mount_targets = []
    assert codes(looked(fake)) == set()
    assert fake.count("DescribeNetworkInterfaces") == fake.count("DescribeSecurityGroups") == 0


def test_the_vpc_is_taken_from_the_mount_targets_if_the_wish_has_none(fake: FakeAws) -> None:
    assert looked(fake, vpc_id=None).vpc == VpcSeen(VPC, dns_support=True, dns_hostnames=True)
