"""The file system itself: what is on by default, and what can be chosen."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms

from geuse_efs import GeuseEfs
from tests.construct.templates import FILE_SYSTEM, properties_of, the


def test_is_encrypted(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert properties_of(FILE_SYSTEM, stack)["Encrypted"] is True


@pytest.mark.parametrize("encrypted", [True, False])
def test_has_no_word_for_encryption(encrypted: bool, stack: Stack, vpc: ec2.IVpc) -> None:
    props: dict[str, Any] = {"encrypted": encrypted}
    with pytest.raises(TypeError, match="unexpected keyword argument 'encrypted'"):
        GeuseEfs(stack, "Efs", vpc=vpc, **props)


def test_uses_the_key_that_aws_manages_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert "KmsKeyId" not in properties_of(FILE_SYSTEM, stack)


def test_uses_the_key_of_the_customer(stack: Stack, vpc: ec2.IVpc) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"
    GeuseEfs(stack, "Efs", vpc=vpc, kms_key=kms.Key.from_key_arn(stack, "Key", arn))
    properties = properties_of(FILE_SYSTEM, stack)
    assert (properties["Encrypted"], properties["KmsKeyId"]) == (True, arn)


def test_bursts_in_general_purpose_mode_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    properties = properties_of(FILE_SYSTEM, stack)
    assert (properties["ThroughputMode"], properties["PerformanceMode"]) == ("bursting", "generalPurpose")
    assert "ProvisionedThroughputInMibps" not in properties


@pytest.mark.parametrize("mebibytes", [1, 100, 3414])
def test_provisions_throughput(mebibytes: int, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(
        stack,
        "Efs",
        vpc=vpc,
        throughput_mode=efs.ThroughputMode.PROVISIONED,
        provisioned_throughput_per_second=Size.mebibytes(mebibytes),
    )
    properties = properties_of(FILE_SYSTEM, stack)
    assert (properties["ThroughputMode"], properties["ProvisionedThroughputInMibps"]) == ("provisioned", mebibytes)


def test_can_be_elastic(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, throughput_mode=efs.ThroughputMode.ELASTIC)
    assert properties_of(FILE_SYSTEM, stack)["ThroughputMode"] == "elastic"


def test_can_be_max_io(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, performance_mode=efs.PerformanceMode.MAX_IO)
    assert properties_of(FILE_SYSTEM, stack)["PerformanceMode"] == "maxIO"


def test_moves_no_files_between_storage_classes_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert "LifecyclePolicies" not in properties_of(FILE_SYSTEM, stack)


def test_moves_files_to_infrequent_access_to_archive_and_back(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(
        stack,
        "Efs",
        vpc=vpc,
        throughput_mode=efs.ThroughputMode.ELASTIC,
        lifecycle_policy=efs.LifecyclePolicy.AFTER_30_DAYS,
        transition_to_archive_policy=efs.LifecyclePolicy.AFTER_90_DAYS,
        out_of_infrequent_access_policy=efs.OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
    )
    assert properties_of(FILE_SYSTEM, stack)["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
        {"TransitionToArchive": "AFTER_90_DAYS"},
    ]


@pytest.mark.parametrize(("enabled", "status"), [(None, "ENABLED"), (True, "ENABLED"), (False, "DISABLED")])
def test_says_whether_it_is_backed_up(enabled: bool | None, status: str, stack: Stack, vpc: ec2.IVpc) -> None:
    props = {} if enabled is None else {"enable_automatic_backups": enabled}
    GeuseEfs(stack, "Efs", vpc=vpc, **props)  # type: ignore[arg-type]
    assert properties_of(FILE_SYSTEM, stack)["BackupPolicy"] == {"Status": status}


def test_is_in_all_zones_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert "AvailabilityZoneName" not in properties_of(FILE_SYSTEM, stack)


def test_one_zone_names_the_zone_of_its_mount_target(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, one_zone=True, vpc_subnets=ec2.SubnetSelection(availability_zones=["us-east-1b"]))
    assert properties_of(FILE_SYSTEM, stack)["AvailabilityZoneName"] == "us-east-1b"


def test_one_zone_in_a_stack_of_any_region_names_the_zone_of_the_subnet(stack: Stack) -> None:
    GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "New", nat_gateways=0), one_zone=True, allow_public_subnets=True)
    zone = properties_of(FILE_SYSTEM, stack)["AvailabilityZoneName"]
    assert zone == {"Fn::Select": [0, {"Fn::GetAZs": ""}]}


@pytest.mark.parametrize(
    ("protection", "written"),
    [
        (None, "ENABLED"),
        (efs.ReplicationOverwriteProtection.ENABLED, "ENABLED"),
        (efs.ReplicationOverwriteProtection.DISABLED, "DISABLED"),
    ],
)
def test_is_protected_from_becoming_a_replica(
    protection: efs.ReplicationOverwriteProtection | None, written: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    props: dict[str, Any] = {} if protection is None else {"replication_overwrite_protection": protection}
    GeuseEfs(stack, "Efs", vpc=vpc, **props)
    assert properties_of(FILE_SYSTEM, stack)["FileSystemProtection"] == {"ReplicationOverwriteProtection": written}


@pytest.mark.parametrize(
    ("props", "written"),
    [
        # The data of a stack that once was complete stays; what a failed first deployment made goes.
        ({}, "RetainExceptOnCreate"),
        ({"removal_policy": RemovalPolicy.RETAIN}, "Retain"),
        ({"removal_policy": RemovalPolicy.DESTROY}, "Delete"),
    ],
)
def test_stays_when_the_stack_goes_unless_told_otherwise(
    props: dict[str, Any], written: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, **props)
    assert the(FILE_SYSTEM, stack)["DeletionPolicy"] == written


@pytest.mark.parametrize(("props", "written"), [({}, "Retain"), ({"removal_policy": RemovalPolicy.DESTROY}, "Delete")])
def test_stays_when_an_update_replaces_it_unless_told_otherwise(
    props: dict[str, Any], written: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, **props)
    assert the(FILE_SYSTEM, stack)["UpdateReplacePolicy"] == written


def test_is_copied_to_another_region_on_request(stack: Stack, vpc: ec2.IVpc) -> None:
    copied = efs.ReplicationConfiguration.regional_file_system("us-west-2")
    GeuseEfs(stack, "Efs", vpc=vpc, replication_configuration=copied)
    [destination] = properties_of(FILE_SYSTEM, stack)["ReplicationConfiguration"]["Destinations"]
    assert destination == {"Region": "us-west-2"}


def test_is_named_after_its_path(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert {"Key": "Name", "Value": "Storage/Efs"} in properties_of(FILE_SYSTEM, stack)["FileSystemTags"]


def test_has_the_tags_of_the_deployment(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(
        stack, "Efs", vpc=vpc, file_system_name="models", deployment="gpu-7", tier="prod", tags={"cost-centre": "42"}
    )
    tags = {tag["Key"]: tag["Value"] for tag in properties_of(FILE_SYSTEM, stack)["FileSystemTags"]}
    assert tags == {
        "Name": "models",
        "cost-centre": "42",
        "geusemaker:created-by": "geuse-efs",
        "geusemaker:deployment": "gpu-7",
        "geusemaker:tier": "prod",
    }


def test_has_no_tag_for_a_deployment_that_was_not_named(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    keys = {tag["Key"] for tag in properties_of(FILE_SYSTEM, stack)["FileSystemTags"]}
    assert keys == {"Name", "geusemaker:created-by"}


def test_defines_access_points_below_itself(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc, deployment="gpu-7")
    storage.add_access_point(
        "Models",
        path="/models",
        posix_user=efs.PosixUser(uid="1000", gid="1000"),
        create_acl=efs.Acl(owner_uid="1000", owner_gid="1000", permissions="750"),
        client_token="once",  # noqa: S106  # not a password
    )
    access_point = properties_of("AWS::EFS::AccessPoint", stack)
    assert {"Key": "geusemaker:deployment", "Value": "gpu-7"} in access_point.pop("AccessPointTags")
    file_system_id = access_point.pop("FileSystemId")
    assert file_system_id == stack.resolve(storage.file_system_id)
    assert access_point == {
        "ClientToken": "once",
        "PosixUser": {"Uid": "1000", "Gid": "1000"},
        "RootDirectory": {
            "Path": "/models",
            "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1000", "Permissions": "750"},
        },
    }
