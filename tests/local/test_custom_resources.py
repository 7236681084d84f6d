from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.deployer import Deployer
from local.emulator import LocalAws

# Writes each request into an S3 object, so that a test can see what was sent and in which order.
_PRELUDE = """
import json, urllib.request, boto3
s3 = boto3.client("s3")

def told():
    return s3.list_objects_v2(Bucket="requests").get("Contents", [])

def answer(event, **values):
    body = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**body, **values}).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})
    urllib.request.urlopen(request).read()

def handler(event, context):
    s3.put_object(Bucket="requests", Key=f"{len(told()):03}", Body=json.dumps(event))
    kind = event["RequestType"]
"""


def _template(body: str, **extra: Any) -> dict[str, Any]:
    code = textwrap.dedent(_PRELUDE) + textwrap.indent(textwrap.dedent(body), "    ")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Timeout": 10,
        "Code": {"ZipFile": code},
    }
    custom = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 4, "Number": 1, **extra}
    return {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
            },
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Waiter": {"Type": "Custom::Waiter", "Properties": custom},
        }
    }


def _requests(aws: LocalAws) -> list[dict[str, Any]]:
    s3 = aws.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="requests").get("Contents", [])]
    return [json.loads(s3.get_object(Bucket="requests", Key=key)["Body"].read()) for key in keys]


def _deploy(aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path], body: str, **properties: Any) -> Any:
    aws.client("s3").create_bucket(Bucket="requests")
    return deployer.deploy(assembly(_template(body, **properties)), timeout=10)


def test_a_successful_create_keeps_its_physical_id_and_its_data(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    result = _deploy(aws, deployer, assembly, 'answer(event, Status="SUCCESS", PhysicalResourceId="mine")')
    assert result.succeeded, result.failures
    assert [event.status for event in result.of("Custom::Waiter")] == [
        "CREATE_IN_PROGRESS",
        "CREATE_COMPLETE",
    ]
    (request,) = _requests(aws)
    assert request["ResourceProperties"]["Number"] == "1"
    deployer.delete("Trial")
    assert [item["RequestType"] for item in _requests(aws)] == ["Create", "Delete"]


def test_a_failed_create_gets_a_delete_with_the_id_it_answered(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    body = """
    status = "FAILED" if kind == "Create" else "SUCCESS"
    answer(event, Status=status, Reason="no mount target", PhysicalResourceId="mine")
    """
    result = _deploy(aws, deployer, assembly, body)
    assert result.status == "ROLLBACK_COMPLETE"
    assert "no mount target" in result.failures[0]
    sent = [(item["RequestType"], item.get("PhysicalResourceId")) for item in _requests(aws)]
    assert sent == [("Create", None), ("Delete", "mine")]


def test_a_failed_create_without_an_id_gets_a_delete_with_an_invented_one(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    body = """
    if kind == "Create":
        return answer(event, Status="FAILED", Reason="no id")
    answer(event, Status="SUCCESS", PhysicalResourceId=event["PhysicalResourceId"])
    """
    assert _deploy(aws, deployer, assembly, body).status == "ROLLBACK_COMPLETE"
    _, delete = _requests(aws)
    assert delete["RequestType"] == "Delete"
    assert delete["PhysicalResourceId"].startswith("Trial-Waiter-")


def test_an_attempt_that_crashes_is_run_again_with_the_same_request(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    body = """
    if len(told()) < 3:
        raise RuntimeError("crash")
    answer(event, Status="SUCCESS", PhysicalResourceId="mine")
    """
    assert _deploy(aws, deployer, assembly, body).succeeded
    requests = _requests(aws)
    assert len(requests) == 3
    assert len({item["RequestId"] for item in requests}) == 1


def test_an_attempt_is_run_three_times_at_most(
    aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]
) -> None:
    aws.configure(retry_seconds=0.05)
    body = """
    if kind == "Delete":
        return answer(event, Status="SUCCESS", PhysicalResourceId=event["PhysicalResourceId"])
    raise RuntimeError("crash")
    """
    result = _deploy(aws, deployer, assembly, body, ServiceTimeout=2)
    assert "did not receive a response" in result.failures[0]
    assert [item["RequestType"] for item in _requests(aws)] == ["Create"] * 3 + ["Delete"]


def test_an_answer_over_4096_bytes_fails(aws: LocalAws, deployer: Deployer, assembly: Callable[..., Path]) -> None:
    body = """
    data = {"Text": "x" * 4096} if kind == "Create" else {}
    answer(event, Status="SUCCESS", PhysicalResourceId="mine", Data=data)
    """
    result = _deploy(aws, deployer, assembly, body)
    assert result.failures == ("Waiter: Response object is too long.",)
