"""The custom resource: what it sends to the waiter, and what others read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Duration, Environment, Stack, Tags
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from geuse_efs.custom_resource import RESOURCE_TYPE
from tests.construct.templates import (
    FILE_SYSTEM,
    FUNCTION,
    MOUNT_TARGET,
    POLICY,
    READINESS,
    SECURITY_GROUP,
    import_vpc,
    of_type,
    properties_of,
    resources_of,
    tags_of,
    the,
)


def test_the_type_is_contract() -> None:
    assert RESOURCE_TYPE == "Custom::GeuseEfsMountTargets"


def test_the_properties_are_exactly_these(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, deployment="gpu-7")
    resources = resources_of(stack)
    [function] = of_type(resources, FUNCTION)
    [file_system] = of_type(resources, FILE_SYSTEM)
    [group] = of_type(resources, SECURITY_GROUP)
    targets = list(of_type(resources, MOUNT_TARGET))
    [readiness] = of_type(resources, READINESS).values()
    assert readiness["Properties"] == {
        "ServiceToken": {"Fn::GetAtt": [function, "Arn"]},
        "ServiceTimeout": 1440,
        "FileSystemId": {"Ref": file_system},
        "MountTargets": dict(
            zip(("us-east-1a", "us-east-1b", "us-east-1c"), ({"Ref": target} for target in targets), strict=True)
        ),
        "SecurityGroupIds": [{"Fn::GetAtt": [group, "GroupId"]}],
        "Tags": [
            {"key": "geusemaker:created-by", "value": "geuse-efs"},
            {"key": "geusemaker:deployment", "value": "gpu-7"},
            {"key": "Name", "value": "Storage/Efs"},
        ],
        "WaitTimeoutSeconds": 300,
        "AllowReplacement": False,
        "AllowDeletionWhileAdopted": False,
    }


def test_waits_for_the_permissions_of_the_waiter(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    resources = resources_of(stack)
    [readiness] = of_type(resources, READINESS).values()
    assert readiness["DependsOn"] == list(of_type(resources, POLICY))


def test_names_every_security_group(stack: Stack, vpc: ec2.IVpc) -> None:
    groups = [ec2.SecurityGroup.from_security_group_id(stack, f"Group{n}", f"sg-0000000{n}") for n in range(2)]
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=groups)
    assert properties_of(READINESS, stack)["SecurityGroupIds"] == ["sg-00000000", "sg-00000001"]


def test_allows_a_replacement_on_request(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, allow_replacement=True)
    assert properties_of(READINESS, stack)["AllowReplacement"] is True


@pytest.mark.parametrize(
    ("wait_timeout", "seconds", "service_timeout"),
    [
        (Duration.seconds(1), 1, 543),
        (Duration.millis(2000), 2, 546),
        (Duration.minutes(5), 300, 1440),
        (Duration.minutes(17), 1020, 3600),
        (Duration.minutes(40), 2400, 3600),
    ],
)
def test_cloudformation_waits_longer_than_the_waiter(
    wait_timeout: Duration, seconds: int, service_timeout: int, stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, wait_timeout=wait_timeout)
    properties = properties_of(READINESS, stack)
    assert (properties["WaitTimeoutSeconds"], properties["ServiceTimeout"]) == (seconds, service_timeout)
    assert isinstance(properties["ServiceTimeout"], int)


def test_a_wait_known_at_deployment_only_gets_all_the_time_there_is(stack: Stack, vpc: ec2.IVpc) -> None:
    parameter = CfnParameter(stack, "Wait", type="Number")
    GeuseEfs(stack, "Efs", vpc=vpc, wait_timeout=Duration.seconds(parameter.value_as_number))
    properties = properties_of(READINESS, stack)
    assert (properties["WaitTimeoutSeconds"], properties["ServiceTimeout"]) == ({"Ref": "Wait"}, 3600)


@pytest.mark.parametrize("level", ["app", "stack", "construct"])
def test_tags_of_every_level_reach_it(level: str, app: App, stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    Tags.of({"app": app, "stack": stack, "construct": storage}[level]).add("team", "ml")
    assert tags_of(properties_of(READINESS, stack))["team"] == "ml"


def test_tags_removed_again_do_not_reach_it(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc, tags={"team": "ml"})
    Tags.of(storage).remove("team", priority=300)
    assert "team" not in tags_of(properties_of(READINESS, stack))


def test_tags_of_the_file_system_reach_it(stack: Stack, vpc: ec2.IVpc) -> None:
    Tags.of(GeuseEfs(stack, "Efs", vpc=vpc).file_system).add("team", "ml")
    assert tags_of(properties_of(READINESS, stack))["team"] == "ml"


def test_without_any_tag_there_is_nothing_to_set(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    for key in ("Name", "geusemaker:created-by"):
        Tags.of(storage).remove(key, priority=300)
    assert properties_of(READINESS, stack)["Tags"] == []


def test_the_waiter_may_set_the_tags_that_reach_it(app: App, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, tags={"cost-centre": "42"})
    Tags.of(app).add("team", "ml")
    statements = {
        statement["Sid"]: statement for statement in properties_of(POLICY, stack)["PolicyDocument"]["Statement"]
    }
    keys = statements["TagNetworkInterfaces"]["Condition"]["ForAllValues:StringEquals"]["aws:TagKeys"]
    assert keys == ["Name", "cost-centre", "geusemaker:created-by", "team"]


def test_it_goes_with_the_stack(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert the(READINESS, stack).get("DeletionPolicy", "Delete") == "Delete"


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
def test_each_mount_target_is_read_from_it(field: str, attribute: str, stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    read = [stack.resolve(getattr(target, field)) for target in storage.mount_targets]
    [readiness] = of_type(resources_of(stack), READINESS)
    assert read == [{"Fn::GetAtt": [readiness, f"us-east-1{letter}.{attribute}"]} for letter in "abc"]


def test_the_zones_are_named_in_the_order_of_the_subnets(stack: Stack, vpc: ec2.IVpc) -> None:
    zones = [target.availability_zone for target in GeuseEfs(stack, "Efs", vpc=vpc).mount_targets]
    assert zones == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_the_file_system_id_is_read_from_it(stack: Stack, vpc: ec2.IVpc) -> None:
    file_system_id = stack.resolve(GeuseEfs(stack, "Efs", vpc=vpc).file_system_id)
    [readiness] = of_type(resources_of(stack), READINESS)
    assert file_system_id == {"Fn::GetAtt": [readiness, "FileSystemId"]}


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1", None])
def test_the_dns_names_end_as_the_partition_does(region: str | None, app: App) -> None:
    stack = Stack(app, "Known", env=Environment(account="111122223333" if region else None, region=region))
    storage = GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    regional, zonal = (_joined(stack, name) for name in (storage.dns_name, storage.mount_targets[1].dns_name))
    name = f"<Efs>.efs.{region or '<AWS::Region>'}.<AWS::URLSuffix>"
    assert (regional, zonal) == (name, f"us-east-1b.{name}")


def _joined(stack: Stack, value: str) -> str:
    """The text with <what is filled in at deployment>."""

    def text(part: Any) -> str:
        match part:
            case {"Ref": name}:
                return f"<{name}>"
            case {"Fn::GetAtt": [_, "FileSystemId"]}:
                return "<Efs>"
        return str(part)

    return "".join(map(text, stack.resolve(value)["Fn::Join"][1]))


def test_another_stack_can_read_everything(new_app: Callable[..., App]) -> None:
    app = new_app()
    producer, consumer = Stack(app, "Producer"), Stack(app, "Consumer")
    storage = GeuseEfs(producer, "Efs", vpc=import_vpc(producer))
    read = {"Id": storage.file_system_id, "Dns": storage.dns_name, "Ip": storage.mount_targets[0].ip_address}
    for name, value in read.items():
        CfnOutput(consumer, name, value=value)
    outputs = app.synth().get_stack_by_name("Producer").template["Outputs"]
    [readiness] = of_type(resources_of(producer), READINESS)
    exported = [output["Value"]["Fn::GetAtt"] for output in outputs.values()]
    assert sorted(exported) == [[readiness, "FileSystemId"], [readiness, "us-east-1a.IpAddress"]]
