"""What CloudFormation sends to a custom resource whose create failed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.deployer import Deployer

CODE = """
import json, urllib.request

def handler(event, context):
    with open({requests!r}, "a") as requests:
        requests.write(json.dumps(event) + "\\n")
    body = {{key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}}
    body |= {answer} if event["RequestType"] == "Create" else {{"Status": "SUCCESS"}}
    body.setdefault("PhysicalResourceId", event.get("PhysicalResourceId"))
    data = json.dumps(body).encode()
    request = urllib.request.Request(event["ResponseURL"], data=data, method="PUT", headers={{"content-type": ""}})
    urllib.request.urlopen(request).read()
"""


@pytest.fixture
def requests(deployer: Deployer, assembly: Callable[..., Path], tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Deploys a custom resource that gives this answer to its Create; returns the reason of the failure and the requests."""

    def run(**answer: Any) -> list[dict[str, Any]]:
        sent = tmp_path / "requests"
        code = {"ZipFile": CODE.format(requests=str(sent), answer=answer)}
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
        result = deployer.deploy(assembly({"Resources": resources}), timeout=30)
        assert [failure for failure in result.failures if "no mount target" in failure]
        return [json.loads(line) for line in sent.read_text().splitlines()]

    return run


def test_a_failed_create_is_followed_by_a_delete_with_the_id_it_answered(requests: Any) -> None:
    sent = requests(Status="FAILED", Reason="no mount target", PhysicalResourceId="mine")
    found = [(request["RequestType"], request.get("PhysicalResourceId")) for request in sent]
    assert found == [("Create", None), ("Delete", "mine")]


def test_a_failed_create_without_an_id_is_followed_by_a_delete_with_an_invented_one(requests: Any) -> None:
    create, delete = requests(Status="FAILED", Reason="no mount target")
    assert (create["RequestType"], delete["RequestType"]) == ("Create", "Delete")
    assert "Waiter" in delete["PhysicalResourceId"]
