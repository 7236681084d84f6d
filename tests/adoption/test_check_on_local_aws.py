"""The command against the local AWS: what it finds on file systems of another owner."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geuse_efs_check.command import run
from geuse_efs_check.session import Session, connect
from geuse_efs_waiter.adoption.finding_codes import CODES
from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer

if TYPE_CHECKING:
    from aws_cdk import App

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
ZONES = [f"{REGION}{letter}" for letter in "abc"]
Found = set[tuple[str, str, str]]


@pytest.fixture(scope="module")
def _session(local_aws: LocalAws) -> Session:
    """The engineer's session, opened once: it reads half a second of service descriptions."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in local_aws.variables().items():
            environment.setenv(name, value)
        return connect(None)


@dataclass
class Backend:
    """A VPC with a subnet in each of three zones, two groups, and a file system with mount targets in a and b."""

    aws: LocalAws
    session: Session
    vpc_id: str
    subnets: list[str]
    nfs: str
    app: str
    file_system_id: str

    def arguments(self, *options: str, file_system: str = "") -> list[str]:
        """Those of the command."""
        names = [word for subnet in self.subnets for word in ("--subnets", subnet)] + ["--client", self.app]
        return ["check", file_system or self.file_system_id, "--json", *names, *options]

    def check(self, *options: str, file_system: str = "") -> tuple[int, Any]:
        """Exit code and JSON document of one run."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = run(self.arguments(*options, file_system=file_system), lambda *_: self.session)
        return code, json.loads(out.getvalue())

    def found(self, *options: str) -> tuple[int, Found]:
        """Exit code and findings of one run."""
        code, document = self.check(*options)
        return code, {(one["code"], one["severity"], one["resource"]) for one in document["findings"]}

    def admit(self, **source: Any) -> None:
        """Add ingress to the mount targets' group."""
        rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049} | source
        self.aws.client("ec2").authorize_security_group_ingress(GroupId=self.nfs, IpPermissions=[rule])

    def deny(self) -> None:
        """Give the file system a policy under which no client mounts."""
        deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount", "Resource": "*"}
        allow = deny | {"Effect": "Allow", "Action": "elasticfilesystem:Client*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
        self.aws.client("efs").put_file_system_policy(FileSystemId=self.file_system_id, Policy=policy)


@pytest.fixture
def place(local_aws: LocalAws, _session: Session) -> Backend:
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    ec2, efs = local_aws.client("ec2"), local_aws.client("efs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{name: {"Value": True}})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(ZONES)
    ]
    for name in subnets:
        ec2.modify_subnet_attribute(SubnetId=name, MapPublicIpOnLaunch={"Value": False})
    nfs, app = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("nfs", "app")
    )
    made = efs.create_file_system(CreationToken="theirs", Encrypted=True)["FileSystemId"]
    efs.put_backup_policy(FileSystemId=made, BackupPolicy={"Status": "ENABLED"})
    for subnet in subnets[:2]:
        efs.create_mount_target(FileSystemId=made, SubnetId=subnet, SecurityGroups=[nfs])
    return Backend(local_aws, _session, vpc, subnets, nfs, app, made)


def test_a_healthy_file_system_has_no_finding_and_its_free_zone_would_be_created(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    # As the engineer runs it: a process that finds its way to AWS in the environment.
    path = os.pathsep.join(str(ROOT / root) for root in ("cli", "lambda"))
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "geuse_efs_check", *place.arguments("--vpc", place.vpc_id)],
        env=place.aws.environment() | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    document = json.loads(ran.stdout)
    assert (ran.returncode, document["findings"], ran.stderr) == (0, [], "")
    assert document["to_create"] == [{"availability_zone": ZONES[2], "subnet_id": place.subnets[2]}]
    assert sorted(document["covered_by"]) == ZONES[:2]


def test_a_missing_mount_target_that_may_not_be_created_is_an_error(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    assert place.found("--no-create-missing") == (1, {("mount-target-missing", "error", ZONES[2])})


def test_a_closed_group_is_an_error(place: Backend) -> None:
    assert place.found() == (1, {("ingress-missing", "error", place.nfs)})


def test_two_halves_of_the_world_are_open(place: Backend) -> None:
    place.admit(IpRanges=[{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}])
    assert place.found() == (0, {("ingress-open", "warning", place.nfs)})


def test_the_prefix_list_of_a_client_is_resolved(place: Backend) -> None:
    # Of a client only: MiniStack drops the prefix lists of a rule.
    ec2 = place.aws.client("ec2")
    inside, outside = (
        ec2.create_managed_prefix_list(
            PrefixListName=name, AddressFamily="IPv4", MaxEntries=5, Entries=[{"Cidr": "10.8.0.0/16"}, {"Cidr": cidr}]
        )["PrefixList"]["PrefixListId"]
        for name, cidr in (("inside", "10.9.0.0/16"), ("outside", "10.7.0.0/16"))
    )
    place.admit(IpRanges=[{"CidrIp": "10.8.0.0/15"}], UserIdGroupPairs=[{"GroupId": place.app}])
    assert place.found("--client", inside) == (0, set())
    assert place.found("--client", inside, "--client", outside) == (1, {("ingress-missing", "error", place.nfs)})


def test_an_unencrypted_file_system_without_backup_is_told_in_one_run(place: Backend) -> None:
    efs = place.aws.client("efs")
    place.file_system_id = efs.create_file_system(CreationToken="plain")["FileSystemId"]
    own = place.file_system_id
    assert place.found() == (1, {("encryption-off", "error", own), ("backup-off", "warning", own)})


def test_a_policy_that_denies_everyone_is_an_error(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    place.deny()
    assert place.found() == (1, {("policy-denies-clients", "error", place.file_system_id)})


def test_a_failed_mount_target_is_an_error(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    place.aws.configure(final_states={ZONES[2]: "error"})
    made = place.aws.client("efs").create_mount_target(
        FileSystemId=place.file_system_id, SubnetId=place.subnets[2], SecurityGroups=[place.nfs]
    )
    assert place.found() == (1, {("mount-target-failed", "error", made["MountTargetId"])})


def test_an_access_point_of_another_file_system_is_an_error(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    efs = place.aws.client("efs")
    other = efs.create_file_system(CreationToken="other", Encrypted=True)["FileSystemId"]
    theirs = efs.create_access_point(FileSystemId=other, ClientToken="t")["AccessPointId"]
    own = efs.create_access_point(FileSystemId=place.file_system_id, ClientToken="o")["AccessPointId"]
    nobodys = "fsap-0123456789abcdef0"
    options = [word for name in (theirs, own, nobodys) for word in ("--access-point", name)]
    expected = {("access-point-other", "error", theirs), ("access-point-not-found", "error", nobodys)}
    assert place.found(*options) == (1, expected)


def test_another_vpc_a_foreign_subnet_and_dns_off_are_told_together(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    ec2 = place.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/24", AvailabilityZone=ZONES[0])["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": False})
    place.subnets = [subnet, "subnet-0123456789abcdef0"]
    expected = {
        ("vpc-other", "error", place.file_system_id),
        ("subnet-not-found", "error", "subnet-0123456789abcdef0"),
        ("vpc-dns-off", "warning", vpc),
    }
    assert place.found("--vpc", vpc) == (1, expected)


def test_a_vpc_that_does_not_exist_is_an_error_of_its_own(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    code, document = place.check("--vpc", "vpc-0123456789abcdef0")
    assert code == 1
    assert document["findings"][0]["code"] == "vpc-not-found"
    assert "unreadable" not in {finding["code"] for finding in document["findings"]}


def test_without_subnets_those_of_the_mount_targets_are_checked(place: Backend) -> None:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    place.subnets = []
    code, document = place.check()
    assert (code, document["findings"], document["to_create"]) == (0, [], [])
    assert sorted(document["covered_by"]) == ZONES[:2]


def test_an_unknown_file_system_and_an_arn_of_another_account_are_told(place: Backend) -> None:
    arn = f"arn:aws:elasticfilesystem:{REGION}:123456789012:file-system/fs-0123456789abcdef0"
    code, document = place.check(file_system=arn)
    assert code == 1
    assert [one["code"] for one in document["findings"]] == ["file-system-not-found", "file-system-elsewhere"]
    assert f"region {REGION}, account {place.aws.account}" in document["findings"][0]["actual"]


@dataclass(frozen=True)
class Options:
    """What the command and the deployment are both told, beside the place."""

    access_points: tuple[str, ...] = ()
    kms_key: str | None = None
    create_missing: bool = True
    severities: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        """As arguments of the command."""
        words = [word for name in self.access_points for word in ("--access-point", name)]
        words += ["--kms-key", self.kms_key] if self.kms_key else []
        words += [] if self.create_missing else ["--no-create-missing"]
        return words + [word for code, severity in self.severities for word in ("--severity", f"{code}={severity}")]


def _healthy(place: Backend) -> Options:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    return Options()


def _lowered_and_warned(place: Backend) -> Options:
    # The error becomes a warning, one warning is off: the deployment goes on.
    place.aws.client("efs").put_backup_policy(FileSystemId=place.file_system_id, BackupPolicy={"Status": "DISABLED"})
    ec2 = place.aws.client("ec2")
    ec2.modify_vpc_attribute(VpcId=place.vpc_id, EnableDnsHostnames={"Value": False})
    ec2.modify_subnet_attribute(SubnetId=place.subnets[0], MapPublicIpOnLaunch={"Value": True})
    return Options(severities=(("ingress-missing", "warning"), ("backup-off", "off")))


EVERYTHING = """kms-key-other vpc-other mount-target-missing subnet-not-found subnet-vpc-other vpc-dns-off backup-off
    access-point-not-found policy-denies-clients"""


def _everything_wrong(place: Backend) -> Options:
    place.admit(UserIdGroupPairs=[{"GroupId": place.app}])
    ec2 = place.aws.client("ec2")
    place.vpc_id = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=place.vpc_id, CidrBlock="10.1.0.0/24", AvailabilityZone=ZONES[0])
    efs, key = (
        place.aws.client("efs"),
        f"arn:aws:kms:{REGION}:{place.aws.account}:key/12345678-1234-1234-1234-12345678901",
    )
    keyed = efs.create_file_system(CreationToken="keyed", Encrypted=True, KmsKeyId=f"{key}1")
    place.file_system_id = keyed["FileSystemId"]
    efs.create_mount_target(FileSystemId=place.file_system_id, SubnetId=place.subnets[0], SecurityGroups=[place.nfs])
    place.subnets = [subnet["Subnet"]["SubnetId"], place.subnets[1], "subnet-0123456789abcdef0"]
    place.deny()
    return Options(access_points=("fsap-0123456789abcdef0",), kms_key=f"{key}2", create_missing=False)


def _an_unknown_file_system(place: Backend) -> Options:
    place.file_system_id = "fs-0123456789abcdef0"
    return Options()


@pytest.mark.parametrize(
    ("arrange", "codes"),
    [
        (_healthy, ""),
        (_lowered_and_warned, "ingress-missing vpc-dns-off subnet-public"),
        (_everything_wrong, EVERYTHING),
        (_an_unknown_file_system, "file-system-not-found"),
    ],
)
def test_the_same_findings_as_the_deployment_does(
    place: Backend, new_app: Callable[[], App], arrange: Callable[[Backend], Options], codes: str
) -> None:
    options = arrange(place)
    code, found = place.found("--vpc", place.vpc_id, *options.words)
    deployed, told = _deployed(place, new_app(), options)
    assert sorted(one[0] for one in found) == sorted(codes.split())
    assert told == found
    assert deployed == (code == 0)


def _deployed(place: Backend, app: App, options: Options) -> tuple[bool, Found]:
    """Whether the deployment succeeds, and the findings in its reason or its attribute."""
    stack = _adopting_stack(place, app, options)
    result = Deployer(place.aws).deploy(Path(app.synth().directory), stack)
    text = result.outputs["Warnings"] if result.succeeded else _reason(result.failures)
    words = re.findall(rf"\b(error|warning) ({'|'.join(CODES)}) ([\w-]+)", text)
    return result.succeeded, {(code, severity, resource) for severity, code, resource in words}


def _reason(failures: tuple[str, ...]) -> str:
    return next(one for one in failures if one.startswith("EfsAdoption"))


def _adopting_stack(place: Backend, app: App, options: Options) -> str:
    # Here, so that the other tests do not start Node.
    from aws_cdk import CfnOutput, CfnResource, Stack  # noqa: PLC0415
    from aws_cdk import aws_ec2 as ec2  # noqa: PLC0415
    from aws_cdk import aws_efs as efs  # noqa: PLC0415
    from aws_cdk import aws_kms as kms  # noqa: PLC0415

    from geuse_efs import GeuseEfs  # noqa: PLC0415

    stack = Stack(app, "Adopter")
    GeuseEfs.adopt(
        stack,
        "Efs",
        file_system_id=place.file_system_id,
        vpc=ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=place.vpc_id,
            availability_zones=ZONES,
            isolated_subnet_ids=place.subnets,
            isolated_subnet_route_table_ids=["rtb-00000001", "rtb-00000002", "rtb-00000003"],
        ),
        clients=[ec2.SecurityGroup.from_security_group_id(stack, "App", place.app)],
        kms_key=kms.Key.from_key_arn(stack, "Key", options.kms_key) if options.kms_key else None,
        access_points=[efs.AccessPoint.from_access_point_id(stack, name, name) for name in options.access_points],
        create_missing=options.create_missing,
        severities=dict(options.severities),
    )
    (resource,) = (
        one
        for one in stack.node.find_all()
        if isinstance(one, CfnResource) and one.cfn_resource_type == "Custom::GeuseEfsMountTargets"
    )
    CfnOutput(stack, "Warnings", value=resource.get_att("Warnings").to_string())
    return stack.stack_name
