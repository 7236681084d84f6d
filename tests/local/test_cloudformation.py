"""Stacks on the local AWS, through the deployer that the integration tests use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer


def _resources() -> dict[str, Any]:
    subnet = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.1.0.0/24", "AvailabilityZone": "us-east-1a"}
    target = {"FileSystemId": {"Ref": "Files"}, "SubnetId": {"Ref": "Subnet"}, "SecurityGroups": []}
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": subnet},
        "Files": {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": True}},
        "Target": {"Type": "AWS::EFS::MountTarget", "Properties": target},
    }


def _template() -> dict[str, Any]:
    outputs = {"Cidr": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}, "Files": {"Value": {"Ref": "Files"}}}
    return {"Resources": _resources(), "Outputs": outputs}


def test_a_stack_can_read_the_cidr_block_of_its_vpc(deployer: Deployer, assembly: Callable[..., Path]) -> None:
    result = deployer.deploy(assembly(_template()))
    assert result.succeeded, result.failures
    assert result.outputs["Cidr"] == "10.1.0.0/16"


def test_a_second_deployment_updates_the_stack_and_reports_only_its_own_events(
    deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    template = _template()
    deployer.deploy(assembly(template))
    template["Resources"]["Files"]["Properties"]["ThroughputMode"] = "elastic"
    result = deployer.deploy(assembly(template))
    assert result.status == "UPDATE_COMPLETE"
    assert not any(event.status.startswith("CREATE") for event in result.events)


def test_a_failed_deployment_tells_the_resource_and_the_reason(
    deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    template = _template()
    template["Resources"]["Target"]["Properties"]["SubnetId"] = "subnet-0123456789abcdef0"
    result = deployer.deploy(assembly(template))
    assert not result.succeeded
    assert any(line.startswith("Target: ") and "SubnetNotFound" in line for line in result.failures)


def test_a_bucket_that_demands_secure_transport_can_be_used(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="secure")
    s3.put_bucket_policy(
        Bucket="secure",
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*",'
        ' "Resource": ["arn:aws:s3:::secure", "arn:aws:s3:::secure/*"],'
        ' "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}',
    )
    try:
        s3.put_object(Bucket="secure", Key="a", Body=b"b")
    except ClientError as error:
        pytest.fail(str(error))


def test_a_security_group_rule_can_be_a_resource_of_its_own(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    group = {"GroupDescription": "test", "VpcId": {"Ref": "Vpc"}}
    rule = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "CidrIp": "10.1.0.0/16"}
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": group},
        "Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule},
    }
    template: dict[str, Any] = {"Resources": resources, "Outputs": {"Group": {"Value": {"Ref": "Group"}}}}

    def ranges(result: Any) -> list[str]:
        found = aws.client("ec2").describe_security_groups(GroupIds=[result.outputs["Group"]])["SecurityGroups"][0]
        return [item["CidrIp"] for permission in found["IpPermissions"] for item in permission["IpRanges"]]

    assert ranges(deployer.deploy(assembly(template))) == ["10.1.0.0/16"]
    rule["CidrIp"] = "10.1.2.0/24"
    assert ranges(deployer.deploy(assembly(template))) == ["10.1.2.0/24"]
    del resources["Rule"]
    assert ranges(deployer.deploy(assembly(template))) == []


def test_a_deleted_stack_can_be_deployed_again(deployer: Deployer, assembly: Callable[..., Path]) -> None:
    deployer.deploy(assembly(_template()))
    deployer.delete("Trial")
    assert deployer.deploy(assembly(_template())).status == "CREATE_COMPLETE"
