"""The stack of the app: what each setting turns into."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks.settings import Settings
from stacks.storage_stack import StorageStack
from tests.construct.templates import tags_of

Synthesise = Callable[..., dict[str, Any]]

KNOWN = {"account": "111122223333", "region": "us-east-1"}
EXISTING = {**KNOWN, "vpc_id": "vpc-0123456789abcdef0"}
LOOKED_UP = {
    "vpc-provider:account=111122223333:filter.vpc-id=vpc-0123456789abcdef0:region=us-east-1:returnAsymmetricSubnets=true": {
        "vpcId": "vpc-0123456789abcdef0",
        "vpcCidrBlock": "10.0.0.0/16",
        "ownerAccountId": "111122223333",
        "availabilityZones": [],
        "subnetGroups": [
            {
                "name": name,
                "type": name,
                "subnets": [
                    {
                        "subnetId": f"subnet-{number}000000{zone}",
                        "cidr": f"10.0.{number}.0/24",
                        "availabilityZone": f"us-east-1{zone}",
                        "routeTableId": f"rtb-{number}000000{zone}",
                    }
                    for zone in "ab"
                ],
            }
            for number, name in enumerate(("Public", "Private"))
        ],
    }
}


@pytest.fixture
def synthesise(new_app: Callable[..., App]) -> Synthesise:
    def synthesise(context: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
        return dict(Template.from_stack(StorageStack(new_app(context), Settings(**settings))).to_json())

    return synthesise


def _properties(template: dict[str, Any], resource_type: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in template["Resources"].values() if resource["Type"] == resource_type]


def _file_system(template: dict[str, Any]) -> dict[str, Any]:
    [properties] = _properties(template, "AWS::EFS::FileSystem")
    return properties


def test_the_name_has_the_environment(new_app: Callable[..., App]) -> None:
    assert StorageStack(new_app(), Settings(environment="prod")).stack_name == "geuse-efs-prod"


def test_two_environments_are_two_stacks(new_app: Callable[..., App]) -> None:
    app = new_app()
    StorageStack(app, Settings(environment="dev"))
    StorageStack(app, Settings(environment="prod", account="111122223333", region="cn-north-1"))
    stacks = {stack.stack_name: (stack.environment.account, stack.environment.region) for stack in app.synth().stacks}
    assert stacks == {
        "geuse-efs-dev": ("unknown-account", "unknown-region"),
        "geuse-efs-prod": ("111122223333", "cn-north-1"),
    }


def test_a_new_vpc_has_isolated_subnets_and_no_gateway_that_costs(synthesise: Synthesise) -> None:
    template = synthesise()
    [vpc] = _properties(template, "AWS::EC2::VPC")
    assert vpc["CidrBlock"] == "10.0.0.0/16"
    assert _properties(template, "AWS::EC2::NatGateway") == []


def test_a_new_vpc_resolves_the_names_of_mount_targets(synthesise: Synthesise) -> None:
    [vpc] = _properties(synthesise(), "AWS::EC2::VPC")
    assert (vpc["EnableDnsHostnames"], vpc["EnableDnsSupport"]) == (True, True)


def test_no_subnet_of_a_new_vpc_gives_a_public_address_to_who_did_not_ask(synthesise: Synthesise) -> None:
    subnets = _properties(synthesise(), "AWS::EC2::Subnet")
    assert [subnet["MapPublicIpOnLaunch"] for subnet in subnets] == [False] * 4


def test_the_mount_targets_are_in_the_isolated_subnets(synthesise: Synthesise) -> None:
    targets = _properties(synthesise(), "AWS::EFS::MountTarget")
    assert len(targets) == 2
    assert all(target["SubnetId"]["Ref"].startswith("VpcStorageSubnet") for target in targets)


def test_there_is_one_custom_resource_only(synthesise: Synthesise) -> None:
    types = {
        resource["Type"] for resource in synthesise()["Resources"].values() if resource["Type"].startswith("Custom::")
    }
    assert types == {"Custom::GeuseEfsMountTargets"}


def test_a_new_vpc_has_the_addresses_and_zones_given(synthesise: Synthesise) -> None:
    template = synthesise(vpc_cidr="192.168.0.0/16", availability_zones=("us-east-1b", "us-east-1f"), **KNOWN)
    [vpc] = _properties(template, "AWS::EC2::VPC")
    zones = {subnet["AvailabilityZone"] for subnet in _properties(template, "AWS::EC2::Subnet")}
    assert (vpc["CidrBlock"], zones) == ("192.168.0.0/16", {"us-east-1b", "us-east-1f"})


def test_an_existing_vpc_is_looked_up_first(new_app: Callable[..., App]) -> None:
    app = new_app()
    StorageStack(app, Settings(**EXISTING))  # type: ignore[arg-type]
    manifest = json.loads((Path(str(app.synth().directory)) / "manifest.json").read_text())
    assert [lookup["key"] for lookup in manifest["missing"]] == list(LOOKED_UP)


def test_an_existing_vpc_is_used(synthesise: Synthesise) -> None:
    template = synthesise(LOOKED_UP, **EXISTING)
    assert _properties(template, "AWS::EC2::VPC") == []
    assert template["Outputs"]["VpcId"]["Value"] == "vpc-0123456789abcdef0"
    targets = [target["SubnetId"] for target in _properties(template, "AWS::EFS::MountTarget")]
    assert targets == ["subnet-1000000a", "subnet-1000000b"]


def _public_only() -> dict[str, Any]:
    [(key, vpc)] = LOOKED_UP.items()
    return {key: {**vpc, "subnetGroups": vpc["subnetGroups"][:1]}}


def test_an_existing_vpc_with_public_subnets_only_is_refused(synthesise: Synthesise) -> None:
    with pytest.raises(ValueError, match="accept it with allow_public_subnets=True"):
        synthesise(_public_only(), **EXISTING)


def test_an_existing_vpc_with_public_subnets_only_is_used_on_request(synthesise: Synthesise) -> None:
    template = synthesise(_public_only(), allow_public_subnets=True, **EXISTING)
    assert len(_properties(template, "AWS::EFS::MountTarget")) == 2


def test_a_new_group_for_clients_may_mount(synthesise: Synthesise) -> None:
    template = synthesise()
    [rule] = _properties(template, "AWS::EC2::SecurityGroupIngress")
    assert rule["SourceSecurityGroupId"] == template["Outputs"]["ClientSecurityGroupId1"]["Value"]
    assert rule["GroupId"] == template["Outputs"]["SecurityGroupId"]["Value"]


def test_the_groups_given_may_mount_and_no_other_is_made(synthesise: Synthesise) -> None:
    template = synthesise(client_security_group_ids=("sg-11111111", "sg-22222222"))
    rules = _properties(template, "AWS::EC2::SecurityGroupIngress")
    assert [rule["SourceSecurityGroupId"] for rule in rules] == ["sg-11111111", "sg-22222222"]
    assert len(_properties(template, "AWS::EC2::SecurityGroup")) == 1


def test_the_groups_given_are_not_changed(synthesise: Synthesise) -> None:
    template = synthesise(client_security_group_ids=("sg-11111111",))
    assert _properties(template, "AWS::EC2::SecurityGroupEgress") == []
    [rule] = _properties(template, "AWS::EC2::SecurityGroupIngress")
    assert rule["GroupId"] != "sg-11111111"


def test_the_key_of_the_customer_encrypts(synthesise: Synthesise) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"
    assert _file_system(synthesise(kms_key_arn=arn))["KmsKeyId"] == arn


def test_no_key_is_the_key_of_aws(synthesise: Synthesise) -> None:
    assert "KmsKeyId" not in _file_system(synthesise())


@pytest.mark.parametrize("mode", ["bursting", "elastic"])
def test_the_throughput_mode_is_passed_on(mode: str, synthesise: Synthesise) -> None:
    assert _file_system(synthesise(throughput_mode=mode))["ThroughputMode"] == mode


def test_provisioned_throughput_is_passed_on(synthesise: Synthesise) -> None:
    properties = _file_system(synthesise(throughput_mode="provisioned", provisioned_throughput_mibps=100))
    assert (properties["ThroughputMode"], properties["ProvisionedThroughputInMibps"]) == ("provisioned", 100)


@pytest.mark.parametrize("mode", ["generalPurpose", "maxIO"])
def test_the_performance_mode_is_passed_on(mode: str, synthesise: Synthesise) -> None:
    assert _file_system(synthesise(performance_mode=mode))["PerformanceMode"] == mode


def test_one_zone_is_passed_on(synthesise: Synthesise) -> None:
    template = synthesise(one_zone=True)
    assert "AvailabilityZoneName" in _file_system(template)
    assert len(_properties(template, "AWS::EFS::MountTarget")) == 1


@pytest.mark.parametrize(("backups", "status"), [(True, "ENABLED"), (False, "DISABLED")])
def test_backups_are_passed_on(backups: bool, status: str, synthesise: Synthesise) -> None:
    assert _file_system(synthesise(backups=backups))["BackupPolicy"] == {"Status": status}


@pytest.mark.parametrize(
    ("keep_data", "policy"), [(True, ("RetainExceptOnCreate", "Retain")), (False, ("Delete", "Delete"))]
)
def test_the_data_stays_if_it_shall(keep_data: bool, policy: tuple[str, str], synthesise: Synthesise) -> None:
    resources = synthesise(keep_data=keep_data)["Resources"].values()
    [file_system] = [resource for resource in resources if resource["Type"] == "AWS::EFS::FileSystem"]
    assert (file_system["DeletionPolicy"], file_system["UpdateReplacePolicy"]) == policy


def test_the_wait_and_the_tags_are_passed_on(synthesise: Synthesise) -> None:
    [readiness] = _properties(
        synthesise(wait_timeout_minutes=7, deployment="gpu-7", tier="prod"), "Custom::GeuseEfsMountTargets"
    )
    assert readiness["WaitTimeoutSeconds"] == 420
    assert tags_of(readiness) == {
        "Name": "geuse-efs-dev/Efs",
        "geusemaker:created-by": "geuse-efs",
        "geusemaker:deployment": "gpu-7",
        "geusemaker:tier": "prod",
    }


def test_the_outputs_are_what_an_engineer_needs_to_mount(synthesise: Synthesise) -> None:
    outputs = synthesise()["Outputs"]
    names = [
        "VpcId",
        "FileSystemId",
        "DnsName",
        "MountCommand",
        "SecurityGroupId",
        "Warnings",
        "ClientSecurityGroupId1",
    ]
    assert list(outputs) == names
    command = outputs["MountCommand"]["Value"]["Fn::Join"][1]
    assert command == ["mount -t efs -o tls ", outputs["FileSystemId"]["Value"], ":/ /mnt/efs"]


def test_warnings_of_the_deployment_are_an_output(synthesise: Synthesise) -> None:
    assert synthesise()["Outputs"]["Warnings"]["Value"]["Fn::GetAtt"][1] == "Warnings"


def test_the_outputs_wait_for_the_mount_targets(synthesise: Synthesise) -> None:
    outputs = synthesise()["Outputs"]
    assert outputs["FileSystemId"]["Value"]["Fn::GetAtt"][0].startswith("EfsReadiness")


def test_settings_that_do_not_go_together_are_refused_by_the_construct(synthesise: Synthesise) -> None:
    with pytest.raises(ValueError, match="throughput_mode PROVISIONED needs provisioned_throughput_per_second"):
        synthesise(throughput_mode="provisioned")
