"""One line per consumer: it waits, it is let in, TLS is on, and IAM where asked; in whatever stack it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from aws_cdk import App, NestedStack, Stack
from aws_cdk.assertions import Template

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt
from tests.construct.mounting.consumers import CONSUMERS, role
from tests.construct.templates import (
    INGRESS,
    POLICY,
    READINESS,
    Resources,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    resources_of,
)

# What starts to run, and so must wait for the way in; a consumer names it Host. Kubernetes' nodes are in no stack here.
RUNS = (
    "AWS::EC2::Instance",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::Service",
    "AWS::Batch::ComputeEnvironment",
    "AWS::Lambda::Function",
)
# What carries the mount, and so must wait for the mount targets.
MOUNTS = (
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::ECS::TaskDefinition",
    "AWS::Batch::JobDefinition",
    "AWS::Lambda::Function",
    "Custom::Manifest",
    "Custom::AWSCDK-EKS-KubernetesResource",
)
ACCESS_POINT = "AWS::EFS::AccessPoint"
KINDS, PLACES = ("created", "adopted"), ("same stack", "other stack", "nested stack")


@dataclass(frozen=True)
class Cell:
    storage: dict[str, Any]
    consumer: dict[str, Any]

    @property
    def resources(self) -> Resources:
        return dict(self.consumer["Resources"])

    @property
    def mount(self) -> str:
        """The logical id of the resource that carries the mount."""
        found = [name for name, one in self.resources.items() if one["Type"] in MOUNTS and _reads(one, self)]
        assert len(found) == 1, found
        return found[0]

    @property
    def text(self) -> str:
        # The manifest of a cluster is a text of JSON itself.
        return json.dumps(self.resources[self.mount]["Properties"]).replace('\\"', '"')


@cache
def cell(consumer: str, kind: str, place: str, *, iam: bool = False) -> Cell:
    app = App()
    storage = Stack(app, "Storage")
    vpc = import_vpc(storage)
    efs = GeuseEfs(storage, "Efs", vpc=vpc, require_iam=iam) if kind == "created" else adopt(storage, vpc)
    scope = {"same stack": lambda: storage, "other stack": lambda: Stack(app, "Consumer")}.get(
        place, lambda: NestedStack(storage, "Nested")
    )()
    own_vpc = vpc if place == "same stack" else import_vpc(scope)
    CONSUMERS[consumer](efs, scope, own_vpc, **({"iam": True} if iam and kind == "adopted" else {}))
    app.synth()
    return Cell(*(dict(Template.from_stack(stack).to_json()) for stack in (storage, scope)))


def _reads(value: Any, cell: Cell) -> bool:
    """Whether the value contains the id that waits: of the custom resource, by an export or by a nested stack's parameter."""
    return any(_is_waiting_id(leaf, cell) for leaf in _intrinsics(value))


def _is_waiting_id(leaf: dict[str, Any], cell: Cell) -> bool:
    outputs, parameters = cell.storage.get("Outputs", {}), cell.consumer.get("Parameters", {})
    access_points = of_type(cell.storage["Resources"], ACCESS_POINT)
    match leaf:
        case {"Ref": str(name)} if name in access_points:
            return _reads(access_points[name]["Properties"], cell)
        case {"Fn::GetAtt": [str(name), "FileSystemId"]}:
            return bool(cell.storage["Resources"].get(name, {}).get("Type") == READINESS)
        case {"Fn::ImportValue": str(export)}:
            [value] = [output["Value"] for output in outputs.values() if output.get("Export", {}).get("Name") == export]
            return _is_waiting_id(value, cell)
        case {"Ref": str(name)} if name in parameters:
            nested = of_type(cell.storage["Resources"], "AWS::CloudFormation::Stack").values()
            given = [
                stack["Properties"]["Parameters"][name] for stack in nested if name in stack["Properties"]["Parameters"]
            ]
            return any(_is_waiting_id(value, cell) for value in given if isinstance(value, dict))
    return False


def _intrinsics(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _intrinsics(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _intrinsics(inner)


def grants(resources: Resources) -> list[dict[str, Any]]:
    """The statements that let a client mount."""
    return [
        statement
        for policy in of_type(resources, POLICY).values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "elasticfilesystem:ClientMount" in statement["Action"]
    ]


every_cell = pytest.mark.parametrize(
    ("consumer", "kind", "place"),
    [(consumer, kind, place) for consumer in CONSUMERS for kind in KINDS for place in PLACES],
)

# Lambda mounts with TLS and IAM always, and the CDK grants it.
every_consumer = pytest.mark.parametrize(
    ("consumer", "kind"), [(one, kind) for one in CONSUMERS for kind in KINDS if one != "in_lambda"]
)


@every_cell
def test_waits_for_the_mount_targets(consumer: str, kind: str, place: str) -> None:
    assert cell(consumer, kind, place).mount


@every_cell
def test_is_let_in_by_one_rule_per_group_and_what_runs_waits_for_it_and_for_the_mount(
    consumer: str, kind: str, place: str
) -> None:
    found = cell(consumer, kind, place)
    rules = {name for name, one in of_type(found.resources, INGRESS).items() if one["Properties"]["FromPort"] == 2049}
    # A cluster's control plane and nodes have a group each.
    assert len(rules) == (2 if consumer == "by_manifest_of_a_cluster" else 1)
    running = [
        name for name, resource in found.resources.items() if resource["Type"] in RUNS and name.startswith("Host")
    ]
    assert bool(running) != consumer.startswith("by_")
    for name in running:
        assert rules <= everything_before(found.resources, name)
        if consumer != "in_batch":  # whose jobs wait, not their environment
            assert found.mount in {name, *everything_before(found.resources, name)}


@every_cell
def test_is_in_no_cycle(consumer: str, kind: str, place: str) -> None:
    found = cell(consumer, kind, place)
    assert in_a_cycle(found.resources) == in_a_cycle(found.storage["Resources"]) == []


@every_consumer
def test_encrypts_on_the_way(consumer: str, kind: str) -> None:
    text = cell(consumer, kind, "same stack").text
    on = [word for word in ("_netdev,tls", '"TransitEncryption": "ENABLED"', "efs.csi.aws.com") if word in text]
    assert len(on) == 1
    assert not any(off in text for off in ('"TransitEncryption": "DISABLED"', '"encryptInTransit": "false"'))


@every_consumer
def test_signs_in_with_iam_where_asked_and_its_role_may_mount(consumer: str, kind: str) -> None:
    found = cell(consumer, kind, "same stack", iam=True)
    assert any(word in found.text for word in (",iam", '"IAM": "ENABLED"', '"Iam": "ENABLED"', '"iam"'))
    [statement] = grants(found.resources)
    assert statement["Condition"] == {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    assert statement["Action"] == [f"elasticfilesystem:Client{right}" for right in ("Mount", "Write", "RootAccess")]


@every_consumer
def test_has_no_iam_where_nobody_asked(consumer: str, kind: str) -> None:
    found = cell(consumer, kind, "same stack")
    assert grants(found.resources) == []
    assert not any(word in found.text for word in (",iam", '"IAM"', '"Iam"', '"iam"'))


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_may_mount_its_access_point_only(kind: str) -> None:
    found = cell("in_lambda", kind, "other stack")
    [statement] = grants(found.resources)
    [config] = found.resources[found.mount]["Properties"]["FileSystemConfigs"]
    assert statement["Condition"] == {"StringEquals": {"elasticfilesystem:AccessPointArn": config["Arn"]}}


TAG = "efs.csi.aws.com/cluster"
PROVISIONING: dict[str, dict[str, str]] = {
    "CreateAccessPoint": {f"aws:RequestTag/{TAG}": "true"},
    "TagResource": {f"aws:RequestTag/{TAG}": "true", "elasticfilesystem:CreateAction": "CreateAccessPoint"},
    "DeleteAccessPoint": {f"aws:ResourceTag/{TAG}": "true"},
}


def test_the_driver_makes_and_deletes_access_points_of_its_own_only(stack: Stack) -> None:
    adopt(stack, import_vpc(stack)).storage_class("data", controller_role=role(stack))
    [policy] = [found for name, found in of_type(resources_of(stack), POLICY).items() if name.startswith("Role")]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    conditions = {one["Action"].partition(":")[2]: one["Condition"] for one in statements if "Condition" in one}
    assert conditions == {action: {"StringEquals": condition} for action, condition in PROVISIONING.items()}
    [create] = [one for one in statements if one["Action"] == "elasticfilesystem:CreateAccessPoint"]
    assert "file-system/fs-0123456789abcdef0" in json.dumps(create["Resource"])
    assert [one["Action"] for one in statements if one["Resource"] == "*"] == ["ec2:DescribeAvailabilityZones"]
