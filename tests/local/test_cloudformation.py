"""What MiniStack's CloudFormation lacks, through the deployer that the integration tests use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer

Assembly = Callable[..., Path]
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}
FUNCTION = """
import json, urllib.request

def handler(event, context):
    with open({requests!r}, "a") as requests:
        requests.write(json.dumps(event) + "\\n")
    body = {{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}}
    body |= {answer} if event["RequestType"] == {fails!r} else {{"Status": "SUCCESS"}}
    body.setdefault("PhysicalResourceId", event.get("PhysicalResourceId"))
    data = json.dumps(body).encode()
    request = urllib.request.Request(event["ResponseURL"], data=data, method="PUT", headers={{"content-type": ""}})
    urllib.request.urlopen(request).read()
"""


def test_a_stack_can_read_the_cidr_block_of_its_vpc(deployer: Deployer, assembly: Assembly) -> None:
    outputs = {"Cidr": {"Value": {"Fn::GetAtt": ["Vpc", "CidrBlock"]}}}
    result = deployer.deploy(assembly({"Resources": {"Vpc": VPC}, "Outputs": outputs}))
    assert result.outputs == {"Cidr": "10.1.0.0/16"}, result.failures


def test_a_bucket_that_demands_secure_transport_can_be_used(aws: LocalAws) -> None:
    """The bucket of `cdk bootstrap` does."""
    s3, bucket = aws.client("s3"), "arn:aws:s3:::secure"
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.create_bucket(Bucket="secure")
    s3.put_bucket_policy(Bucket="secure", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    s3.put_object(Bucket="secure", Key="a", Body=b"b")


def test_a_security_group_rule_can_be_a_resource_of_its_own(
    aws: LocalAws, deployer: Deployer, assembly: Assembly
) -> None:
    group = {"GroupDescription": "test", "VpcId": {"Ref": "Vpc"}}
    rule = {"GroupId": {"Ref": "Group"}, "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "CidrIp": "10.1.0.0/16"}
    resources = {
        "Vpc": VPC,
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": group},
        "Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule},
    }
    template: dict[str, Any] = {"Resources": resources, "Outputs": {"Group": {"Value": {"Ref": "Group"}}}}

    def ranges() -> list[str]:
        group_id = deployer.deploy(assembly(template)).outputs["Group"]
        [found] = aws.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
        return [item["CidrIp"] for permission in found["IpPermissions"] for item in permission["IpRanges"]]

    assert ranges() == ["10.1.0.0/16"]
    rule["CidrIp"] = "10.1.2.0/24"
    assert ranges() == ["10.1.2.0/24"]
    del resources["Rule"]
    assert ranges() == []


def test_an_instance_is_a_resource_that_another_subnet_replaces_and_other_user_data_does_not(
    aws: LocalAws, deployer: Deployer, assembly: Assembly
) -> None:
    subnet = {"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": "us-east-1b"}
    image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"
    host = {"ImageId": {"Ref": "Image"}, "InstanceType": "t3.micro", "SubnetId": {"Ref": "First"}, "UserData": "AA=="}
    resources = {
        "Vpc": VPC,
        "First": {"Type": "AWS::EC2::Subnet", "Properties": {**subnet, "CidrBlock": "10.1.0.0/24"}},
        "Second": {"Type": "AWS::EC2::Subnet", "Properties": {**subnet, "CidrBlock": "10.1.1.0/24"}},
        "Host": {"Type": "AWS::EC2::Instance", "Properties": host},
    }
    outputs = {"Id": {"Value": {"Ref": "Host"}}, "Zone": {"Value": {"Fn::GetAtt": ["Host", "AvailabilityZone"]}}}
    parameters = {"Image": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": image}}

    def deploy() -> str:
        result = deployer.deploy(assembly({"Parameters": parameters, "Resources": resources, "Outputs": outputs}))
        assert result.outputs["Zone"] == "us-east-1b", result.failures
        return result.outputs["Id"]

    first = deploy()
    host["UserData"] = "Qg=="
    assert deploy() == first
    host["SubnetId"] = {"Ref": "Second"}
    second = deploy()
    assert deployer.delete("Trial").succeeded
    found = aws.client("ec2").describe_instances(InstanceIds=[first, second])["Reservations"]
    assert [item["State"]["Name"] for group in found for item in group["Instances"]] == ["terminated"] * 2
    assert first != second


def _custom_resource(tmp_path: Path, fails: str, **answered: str) -> tuple[dict[str, Any], Callable[[], list[Any]]]:
    """A template with a custom resource whose function fails at that request, and what it has been sent since."""
    sent = tmp_path / "requests"
    answer = {"Status": "FAILED", "Reason": "no mount target", **answered}
    code = {"ZipFile": FUNCTION.format(requests=str(sent), fails=fails, answer=answer)}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    arn = {"Fn::GetAtt": ["Role", "Arn"]}
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Role": arn, "Timeout": 10, "Code": code}
    token = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 5}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Waiter": {"Type": "Custom::Waiter", "Properties": token},
    }

    def requests() -> list[Any]:
        found = [json.loads(line) for line in sent.read_text().splitlines()]
        return [(request["RequestType"], request.get("PhysicalResourceId")) for request in found]

    return {"Resources": resources}, requests


@pytest.mark.parametrize(
    ("answered", "deleted"), [({"PhysicalResourceId": "mine"}, "mine"), ({}, "Trial-Waiter-INVENTED")]
)
def test_a_failed_create_is_followed_by_a_delete_with_the_id_it_answered_or_an_invented_one(
    deployer: Deployer, assembly: Assembly, tmp_path: Path, answered: dict[str, str], deleted: str
) -> None:
    template, requests = _custom_resource(tmp_path, "Create", **answered)
    result = deployer.deploy(assembly(template), timeout=30)
    assert [failure for failure in result.failures if "no mount target" in failure]
    assert requests() == [("Create", None), ("Delete", deleted)]


def test_what_a_resource_depends_on_stays_when_its_deletion_has_failed(
    aws: LocalAws, deployer: Deployer, assembly: Assembly, tmp_path: Path
) -> None:
    template, _ = _custom_resource(tmp_path, "Delete")
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue"}
    assert deployer.deploy(assembly(template), timeout=30).succeeded
    assert deployer.delete("Trial", timeout=30).status == "DELETE_FAILED"
    left = aws.client("cloudformation").describe_stack_resources(StackName="Trial")["StackResources"]
    assert {resource["LogicalResourceId"] for resource in left} == {"Role", "Function", "Waiter"}
    assert len(aws.client("lambda").list_functions()["Functions"]) == 1
