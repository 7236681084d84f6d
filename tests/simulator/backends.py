"""The two imitations behind one face: the simulator, in process on a virtual clock, and the local AWS, over HTTP in real time.

Each is a place with a VPC, a subnet in each of three zones, and a file system.
`tests/simulator/test_contract.py` runs on both.
"""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.config import Config

from local.emulator.local_aws import LocalAws
from tests.simulator.account import Account
from tests.simulator.faults import RESET, TRUNCATED, Effect, Fault, Slow
from tests.simulator.iam import Principal, Statement
from tests.simulator.names import ACCOUNT, REGION, VPC
from tests.simulator.records import Outcome
from tests.simulator.simulation import simulate
from tests.support.deployer import Deployer

FUNCTION = """
import json, os, urllib.request

def told():
    with open(os.environ["REQUESTS"]) as requests:
        return requests.read().splitlines()

def answer(event, **values):
    body = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**body, **values}).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": ""})
    urllib.request.urlopen(request).read()

def handler(event, context):
    with open(os.environ["REQUESTS"], "a") as requests:
        requests.write(json.dumps(event) + "\\n")
    kind = event["RequestType"]
"""
"""A function that writes down each request; what it does then is a test's own."""


@dataclass(frozen=True)
class Deployed:
    """How a stack with one custom resource was deployed: why it failed, if it did, and the requests that were sent."""

    reason: str | None
    requests: Sequence[Mapping[str, Any]]


def function_with(body: str) -> str:
    """The text of the function."""
    return textwrap.dedent(FUNCTION) + textwrap.indent(textwrap.dedent(body), "    ")


class SimulatorBackend:
    """The simulator. `moment` are seconds that are short, and yet can be told from none."""

    account, vpc, moment = ACCOUNT, VPC, 1.0
    subnets = tuple(f"subnet-0000000{letter}" for letter in "abc")

    def __init__(self) -> None:
        self.aws = Account(creation_seconds=self.moment, deletion_seconds=0)
        self.file_system = self.new_file_system()
        self.efs, self.ec2 = self.aws.client("efs"), self.aws.client("ec2")

    def configure(self, **settings: float) -> None:
        """Seconds that mount targets take (`creating`, `deleting`), entries a page of EFS (`page`)."""
        names = {"creating": "creation_seconds", "deleting": "deletion_seconds", "page": "page_size"}
        for name, value in settings.items():
            setattr(self.aws, names[name], value)

    def outcomes(self, states: Mapping[str, str]) -> None:
        """What becomes of mount targets that are created in a subnet or zone."""
        self.aws.outcomes = {name: Outcome(state) for name, state in states.items()}

    def until(self, holds: Callable[[], Any]) -> None:
        """Let time pass until something holds."""
        for _ in range(100):
            if holds():
                return
            self.aws.clock.sleep(self.moment)
        raise AssertionError("did not become true")

    def new_file_system(self) -> str:
        return self.aws.add_file_system(f"fs-{len(self.aws.file_systems) + 1:08x}")

    def new_group(self) -> str:
        return self.aws.add_security_group(f"sg-1{len(self.aws.security_groups):07x}")

    def new_subnet(self, *, addresses: int = 200, zone: str = "a") -> str:
        """A subnet with room for so many mount targets."""
        name = f"subnet-1{len(self.aws.subnets):07x}"
        return self.aws.add_subnet(name, REGION + zone, AvailableIpAddressCount=addresses)

    def new_access_point(self) -> str:
        self.aws.access_points["fsap-00000001"] = self.file_system
        return "fsap-00000001"

    def fail(self, operation: str, effect: Effect, times: int = 1, *, after: bool = False, **when: str) -> None:
        """Let calls with these parameters end in a fault."""
        self.aws.fail(operation, effect, times, after=after, when=lambda given: when.items() <= given.items())

    def impatient(self) -> tuple[Any, Effect]:
        """A client of EFS that does not wait long, and a delay that is too long for it."""
        return self.efs, Slow(60)

    def role(self, *statements: Statement) -> tuple[Any, Any]:
        """Clients of EFS and EC2 with the rights of a role."""
        principal = Principal(statements)
        return self.aws.client("efs", principal), self.aws.client("ec2", principal)

    def deploy(self, body: str, folder: Path, *, delete: bool = False, **properties: Any) -> Deployed:
        """Deploy a custom resource whose function ends with these lines; then delete it, if so told."""
        requests = folder / "requests"
        requests.touch()
        function: dict[str, Any] = {}
        exec(function_with(body), function)  # noqa: S102 (the test's own text)
        with simulate(self.aws, code=function["handler"]) as made:
            reason = made.stack.deploy(properties)
            if delete:
                made.stack.delete()
        return Deployed(reason, [json.loads(line) for line in requests.read_text().splitlines()])


class LocalBackend:
    """The local AWS, reset; with the policies of roles evaluated."""

    moment = 0.2

    def __init__(self, aws: LocalAws) -> None:
        aws.reset()
        self._aws, self.account = aws, aws.account
        self.efs, self.ec2 = aws.client("efs"), aws.client("ec2")
        self.configure(creating=self.moment, deleting=0)
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self._made = 0
        self.subnets = tuple(self.new_subnet(zone=letter) for letter in "abc")
        self.file_system = self.new_file_system()

    def configure(self, **settings: float) -> None:
        names = {
            "creating": "mount_target_seconds",
            "deleting": "mount_target_deletion_seconds",
            "page": "efs_page_size",
        }
        self._aws.configure(**{names[name]: value for name, value in settings.items()})

    def outcomes(self, states: Mapping[str, str]) -> None:
        self._aws.configure(zones={name: {"state": state} for name, state in states.items()})

    def until(self, holds: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < deadline, "did not become true within 5 s"
            time.sleep(0.02)

    def _next(self) -> int:
        self._made += 1
        return self._made

    def new_file_system(self) -> str:
        made = self.efs.create_file_system(CreationToken=f"made-{self._next()}", Encrypted=True)
        return str(made["FileSystemId"])

    def new_group(self) -> str:
        name = f"made-{self._next()}"
        return str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"])

    def new_subnet(self, *, addresses: int = 11, zone: str = "a") -> str:
        """EC2 keeps five addresses of each subnet; the smallest has sixteen."""
        block = f"10.0.{self._next()}.0/28"
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=REGION + zone)
        name = str(made["Subnet"]["SubnetId"])
        for _ in range(11 - addresses):
            self.efs.create_mount_target(FileSystemId=self.new_file_system(), SubnetId=name)
        return name

    def new_access_point(self) -> str:
        made = self.efs.create_access_point(FileSystemId=self.file_system, ClientToken="made")
        return str(made["AccessPointId"])

    def fail(self, operation: str, effect: Effect, times: int = 1, *, after: bool = False, **when: str) -> None:
        answer: dict[str, Any] = {"answer": "own", "seconds": effect.seconds} if isinstance(effect, Slow) else {}
        if isinstance(effect, Fault):
            answer = {"code": effect.code, "status": effect.status}
        elif effect in (RESET, TRUNCATED):
            answer = {"answer": "reset" if effect is RESET else "truncated"}
        rule = {"operation": operation, "times": times, "match": when, "effect": "after" if after else "before"}
        self._aws.configure(faults=[rule | answer])

    def impatient(self) -> tuple[Any, Effect]:
        config = Config(proxies={}, read_timeout=0.3, retries={"mode": "standard", "total_max_attempts": 1})
        return self._aws.client("efs", config=config), Slow(0.6)

    def role(self, *statements: Statement) -> tuple[Any, Any]:
        iam = self._aws.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
        role = iam.create_role(RoleName="limited", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="limited", PolicyName="limits", PolicyDocument=_policy(*statements))
        given = self._aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        session = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return self._aws.client("efs", **session), self._aws.client("ec2", **session)

    def deploy(self, body: str, folder: Path, *, delete: bool = False, **properties: Any) -> Deployed:
        requests = folder / "requests"
        requests.touch()
        (folder / "Trial.template.json").write_text(json.dumps(_template(function_with(body), requests, properties)))
        template = {"templateFile": "Trial.template.json"}
        artifacts = {"Trial": {"type": "aws:cloudformation:stack", "properties": template}}
        (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        self._aws.configure(retry_seconds=0.05)
        deployer = Deployer(self._aws)
        result = deployer.deploy(folder, timeout=30)
        if delete:
            deployer.delete("Trial")
        reason = None if result.succeeded else result.failures[0]
        return Deployed(reason, [json.loads(line) for line in requests.read_text().splitlines()])


Backend = SimulatorBackend | LocalBackend


def _policy(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _template(code: str, requests: Path, properties: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Timeout": 10,
        "Code": {"ZipFile": code},
        "Environment": {"Variables": {"REQUESTS": str(requests)}},
    }
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    custom = {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 5, **properties}
    return {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Waiter": {"Type": "Custom::Waiter", "Properties": custom},
        }
    }
