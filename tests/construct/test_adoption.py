"""`GeuseEfs.adopt`: the same object as on the create path, for a file system that CloudFormation does not own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from geuse_efs import GeuseEfs, GeuseEfsBase, IpAddressType
from tests.construct.adopting import ARN, ID, adopt, adopt_known, group, known
from tests.construct.templates import (
    FILE_SYSTEM,
    FUNCTION,
    MOUNT_TARGET,
    READINESS,
    ROLE,
    SECURITY_GROUP,
    import_vpc,
    of_type,
    properties_of,
    resources_of,
    statements_of,
    tags_of,
    the,
    without_joins,
)

KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"


def _adoption(stack: Stack) -> dict[str, Any]:
    return dict(properties_of(READINESS, stack)["Adopt"])


def test_the_properties_are_exactly_these(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, deployment="gpu-7")
    resources = resources_of(stack)
    [function], [role], [own] = (list(of_type(resources, kind)) for kind in (FUNCTION, ROLE, SECURITY_GROUP))
    assert properties_of(READINESS, stack) == {
        "ServiceToken": {"Fn::GetAtt": [function, "Arn"]},
        "ServiceTimeout": 1440,
        "FileSystemId": ID,
        "SecurityGroupIds": [],
        "Tags": [
            {"key": "geusemaker:created-by", "value": "geuse-efs"},
            {"key": "geusemaker:deployment", "value": "gpu-7"},
            {"key": "Name", "value": "Storage/Efs"},
        ],
        "WaitTimeoutSeconds": 300,
        "Adopt": {
            "VpcId": "vpc-0123456789abcdef0",
            "Subnets": {f"us-east-1{letter}": f"subnet-0000000{letter}" for letter in "abc"},
            "Clients": [],
            "AccessPointIds": [],
            "CreateMissing": True,
            "RetainCreated": False,
            "IpAddressType": "IPV4_ONLY",
            "OwnGroupId": {"Fn::GetAtt": [own, "GroupId"]},
            "AllowDeletionWhileAdopted": False,
            "Severities": {},
            "RoleArn": {"Fn::GetAtt": [role, "Arn"]},
        },
    }


def _access_points(stack: Stack) -> list[efs.IAccessPoint]:
    return [efs.AccessPoint.from_access_point_id(stack, f"Point{n}", f"fsap-0000000{n}") for n in range(2)]


OPTIONS: Mapping[str, tuple[Callable[[Stack], dict[str, Any]], dict[str, Any]]] = {
    "key": (lambda stack: {"kms_key": kms.Key.from_key_arn(stack, "Key", KEY)}, {"KmsKeyArn": KEY}),
    "access points": (
        lambda stack: {"access_points": _access_points(stack)},
        {"AccessPointIds": ["fsap-00000000", "fsap-00000001"]},
    ),
    "nothing created": (lambda _: {"create_missing": False}, {"CreateMissing": False}),
    "created is kept": (lambda _: {"retain_created": True}, {"RetainCreated": True}),
    "addresses": (lambda _: {"ip_address_type": IpAddressType.DUAL_STACK}, {"IpAddressType": "DUAL_STACK"}),
    "severities": (
        lambda _: {"severities": {"backup-off": "off", "subnet-public": "error"}},
        {"Severities": {"backup-off": "off", "subnet-public": "error"}},
    ),
    "deletion while adopted": (lambda _: {"allow_deletion_while_adopted": True}, {"AllowDeletionWhileAdopted": True}),
    "subnets": (
        lambda _: {"vpc_subnets": ec2.SubnetSelection(availability_zones=["us-east-1b"])},
        {"Subnets": {"us-east-1b": "subnet-0000000b"}},
    ),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an adoption without options is told."""
    stack = Stack(App(outdir=str(tmp_path_factory.mktemp("plain"))), "Storage")
    adopt(stack, import_vpc(stack))
    return _adoption(stack)


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_changes_its_own_property_only(
    option: str, stack: Stack, vpc: ec2.IVpc, plain: dict[str, Any]
) -> None:
    props, expected = OPTIONS[option]
    adopt(stack, vpc, **props(stack))
    assert _adoption(stack) == {**plain, **expected}


def test_names_every_group_given(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, security_groups=[group(stack, "1"), group(stack, "2")])
    assert properties_of(READINESS, stack)["SecurityGroupIds"] == ["sg-11111111", "sg-22222222"]


@pytest.mark.parametrize(("minutes", "seconds", "service_timeout"), [(5, 300, 1440), (40, 2400, 3600)])
def test_cloudformation_waits_longer_than_the_waiter(
    minutes: int, seconds: int, service_timeout: int, stack: Stack, vpc: ec2.IVpc
) -> None:
    adopt(stack, vpc, wait_timeout=Duration.minutes(minutes))
    properties = properties_of(READINESS, stack)
    assert (properties["WaitTimeoutSeconds"], properties["ServiceTimeout"]) == (seconds, service_timeout)
    assert isinstance(properties["ServiceTimeout"], int)


@pytest.mark.parametrize("resource_type", [FILE_SYSTEM, MOUNT_TARGET])
def test_cloudformation_owns_no_part_of_the_file_system(resource_type: str, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    assert of_type(resources_of(stack), resource_type) == {}


def test_it_goes_with_the_stack(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, retain_created=True)
    assert the(READINESS, stack).get("DeletionPolicy", "Delete") == "Delete"


def test_is_of_the_same_type_as_a_created_one(stack: Stack, vpc: ec2.IVpc) -> None:
    assert isinstance(adopt(stack, vpc), GeuseEfsBase)
    assert isinstance(GeuseEfs(stack, "Created", vpc=vpc), GeuseEfsBase)


def _public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.mark.newest("file_system_ref is what newer versions of the CDK ask for")
def test_has_the_attributes_and_methods_of_a_created_one(stack: Stack, vpc: ec2.IVpc) -> None:
    created = GeuseEfs(stack, "Created", vpc=vpc)
    adopted = adopt(stack, vpc)
    assert _public(adopted) == _public(created) - {"adopt"}
    for name in _public(adopted):
        seen, expected = getattr(adopted, name), getattr(created, name)
        assert callable(seen) == callable(expected), name
        if not callable(expected):
            assert type(seen).__name__ == type(expected).__name__ or name in {"file_system", "security_group"}, name


def test_takes_the_words_of_a_created_one_wherever_they_mean_the_same() -> None:
    created, adopted = (signature(constructor).parameters for constructor in (GeuseEfs.__init__, GeuseEfs.adopt))
    shared = [name for name in adopted if name in created]
    assert {name: str(adopted[name]) for name in shared} == {name: str(created[name]) for name in shared}
    assert sorted(adopted.keys() - created.keys()) == [
        *("access_points", "admit_through", "create_missing", "file_system_id", "retain_created", "severities")
    ]


def test_the_id_is_read_from_the_custom_resource(stack: Stack, vpc: ec2.IVpc) -> None:
    file_system_id = stack.resolve(adopt(stack, vpc).file_system_id)
    [readiness] = of_type(resources_of(stack), READINESS)
    assert file_system_id == {"Fn::GetAtt": [readiness, "FileSystemId"]}


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_dns_names_are_read_from_the_custom_resource_and_end_as_the_partition_does(region: str, app: App) -> None:
    stack = known(app, region)
    storage = adopt(stack, import_vpc(stack))
    regional, zonal = (
        without_joins(stack.resolve(name)) for name in (storage.dns_name, storage.mount_targets[1].dns_name)
    )
    [readiness] = of_type(resources_of(stack), READINESS)
    name = f"<{readiness}.FileSystemId>.efs.{region}.<AWS::URLSuffix>"
    assert (regional, zonal) == (name, f"us-east-1b.{name}")


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        ("availability_zone_id", "AvailabilityZoneId"),
        ("mount_target_id", "MountTargetId"),
        ("subnet_id", "SubnetId"),
        ("ip_address", "IpAddress"),
        ("ipv6_address", "Ipv6Address"),
        ("network_interface_id", "NetworkInterfaceId"),
    ],
)
def test_each_mount_target_is_read_from_the_custom_resource(
    field: str, attribute: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    storage = adopt(stack, vpc)
    read = [stack.resolve(getattr(target, field)) for target in storage.mount_targets]
    [readiness] = of_type(resources_of(stack), READINESS)
    assert read == [{"Fn::GetAtt": [readiness, f"us-east-1{letter}.{attribute}"]} for letter in "abc"]


def test_the_zones_are_in_the_order_of_the_subnets(stack: Stack, vpc: ec2.IVpc) -> None:
    zones = [target.availability_zone for target in adopt(stack, vpc).mount_targets]
    assert zones == ["us-east-1a", "us-east-1b", "us-east-1c"]


@pytest.mark.parametrize("given", [ID, ARN])
def test_the_arn_is_that_of_the_file_system(given: str, app: App) -> None:
    stack, storage = adopt_known(app, file_system_id=given)
    expected = ARN.replace("arn:aws:", "arn:<AWS::Partition>:")
    assert without_joins(stack.resolve(storage.file_system_arn)) == expected
    assert storage.file_system.file_system_id == ID


@pytest.mark.parametrize("given", [ID, ARN])
def test_the_waiter_is_told_what_was_given(given: str, stack: Stack, vpc: ec2.IVpc) -> None:
    # An ARN says where the file system is, and in a stack that may go anywhere only the waiter can compare it.
    adopt(stack, vpc, file_system_id=given)
    assert properties_of(READINESS, stack)["FileSystemId"] == given


def _actions(stack: Stack, role: iam.Role) -> set[str]:
    policies = [resource for resource in resources_of(stack).values() if resource["Type"] == "AWS::IAM::Policy"]
    name = stack.resolve(role.role_name)
    [policy] = [policy for policy in policies if policy["Properties"]["Roles"] == [name]]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert without_joins(statement["Resource"]).endswith(f":file-system/{ID}")
    actions = statement["Action"]
    return {actions} if isinstance(actions, str) else set(actions)


_CLIENT = "elasticfilesystem:Client"


@pytest.mark.parametrize(
    ("grant", "actions"),
    [
        ("grant_read", {"elasticfilesystem:DescribeMountTargets", f"{_CLIENT}Mount"}),
        ("grant_read_write", {f"{_CLIENT}Mount", f"{_CLIENT}Write"}),
        ("grant_root_access", {f"{_CLIENT}Mount", f"{_CLIENT}Write", f"{_CLIENT}RootAccess"}),
    ],
)
def test_grants_as_a_created_one_does(
    grant: str, actions: set[str], stack: Stack, vpc: ec2.IVpc, new_app: Callable[..., App]
) -> None:
    principal = iam.ServicePrincipal("ec2.amazonaws.com")
    role = iam.Role(stack, "Reader", assumed_by=principal)
    getattr(adopt(stack, vpc), grant)(role)
    other = Stack(new_app(), "Storage")
    created = GeuseEfs(other, "Created", vpc=import_vpc(other))
    other_role = iam.Role(other, "Reader", assumed_by=principal)
    getattr(created, grant)(other_role)
    [as_created] = [
        policy["Properties"]["PolicyDocument"]["Statement"][0]["Action"]
        for name, policy in of_type(resources_of(other), "AWS::IAM::Policy").items()
        if name.startswith("Reader")
    ]
    expected = {as_created} if isinstance(as_created, str) else set(as_created)
    assert _actions(stack, role) == expected
    assert f"{_CLIENT}Mount" in expected


def test_grants_any_action(stack: Stack, vpc: ec2.IVpc) -> None:
    role = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    adopt(stack, vpc).grant(role, "elasticfilesystem:DescribeFileSystems")
    assert _actions(stack, role) == {"elasticfilesystem:DescribeFileSystems"}


def test_an_access_point_is_on_the_adopted_file_system(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc).add_access_point("Data", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))
    properties = properties_of("AWS::EFS::AccessPoint", stack)
    waiting = {"Fn::GetAtt": ["EfsAdoption939BBDB4", "FileSystemId"]}
    assert (properties["FileSystemId"], properties["RootDirectory"]) == (waiting, {"Path": "/data"})


@pytest.mark.parametrize("level", ["app", "stack", "construct"])
def test_tags_of_every_level_reach_what_is_created(level: str, app: App, stack: Stack, vpc: ec2.IVpc) -> None:
    storage = adopt(stack, vpc)
    Tags.of({"app": app, "stack": stack, "construct": storage}[level]).add("team", "ml")
    assert tags_of(properties_of(READINESS, stack))["team"] == "ml"
    assert {"Key": "team", "Value": "ml"} in properties_of(SECURITY_GROUP, stack)["Tags"]


def test_tags_given_reach_what_is_created(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, tags={"team": "ml"}, deployment="gpu-7", tier="prod", file_system_name="models")
    assert tags_of(properties_of(READINESS, stack)) == {
        "Name": "models",
        "geusemaker:created-by": "geuse-efs",
        "geusemaker:deployment": "gpu-7",
        "geusemaker:tier": "prod",
        "team": "ml",
    }


def test_waits_for_both_policies(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    resources = resources_of(stack)
    policies = of_type(resources, "AWS::IAM::Policy") | of_type(resources, "AWS::IAM::ManagedPolicy")
    assert len(policies) == 2
    assert sorted(the(READINESS, stack)["DependsOn"]) == sorted(policies)


def test_both_policies_are_the_waiters(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    resources = resources_of(stack)
    [role] = of_type(resources, ROLE)
    policies = of_type(resources, "AWS::IAM::Policy") | of_type(resources, "AWS::IAM::ManagedPolicy")
    for policy in policies.values():
        assert policy["Properties"]["Roles"] == [{"Ref": role}]
        assert statements_of(policy)


def test_an_id_known_at_deployment_passes(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, file_system_id=CfnParameter(stack, "Given").value_as_string)
    assert properties_of(READINESS, stack)["FileSystemId"] == {"Ref": "Given"}
