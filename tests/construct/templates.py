"""Reads synthesised templates: resources by type, and who waits for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

FILE_SYSTEM = "AWS::EFS::FileSystem"
MOUNT_TARGET = "AWS::EFS::MountTarget"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
INGRESS = "AWS::EC2::SecurityGroupIngress"
READINESS = "Custom::GeuseEfsMountTargets"
FUNCTION = "AWS::Lambda::Function"
POLICY = "AWS::IAM::Policy"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
ROLE = "AWS::IAM::Role"
LOG_GROUP = "AWS::Logs::LogGroup"

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")

Resource = dict[str, Any]
Resources = dict[str, Resource]


def import_vpc(stack: Stack, zones: Sequence[str] = ZONES, construct_id: str = "Vpc") -> ec2.IVpc:
    """An existing VPC with an isolated subnet an AZ, named after the AZ's last letter."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        construct_id,
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=list(zones),
        isolated_subnet_ids=[f"subnet-0000000{zone[-1]}" for zone in zones],
        # Without them the CDK warns, and strict synthesis fails at a warning.
        isolated_subnet_route_table_ids=[f"rtb-0000000{zone[-1]}" for zone in zones],
    )


def resources_of(stack: Stack) -> Resources:
    """Synthesises: nothing can be defined afterwards."""
    return dict(Template.from_stack(stack).to_json()["Resources"])


def warnings_of(stack: Stack) -> list[str]:
    """Synthesises; the texts without their ids.

    Annotations.find_warning works by chance: aws-cdk-lib and aws-cdk-cloud-assembly-schema both install the module of
    what it returns, and an installer that works in parallel leaves the one or the other.
    """
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    entries = [entry for construct in stack.node.find_all() for entry in construct.node.metadata]
    return [str(entry.data).partition(" [ack: ")[0] for entry in entries if entry.type == "aws:cdk:warning"]


def of_type(resources: Resources, resource_type: str) -> Resources:
    return {name: resource for name, resource in resources.items() if resource["Type"] == resource_type}


def the(resource_type: str, stack: Stack) -> Resource:
    """The only resource of its type."""
    [resource] = of_type(resources_of(stack), resource_type).values()
    return resource


def properties_of(resource_type: str, stack: Stack) -> dict[str, Any]:
    return dict(the(resource_type, stack)["Properties"])


def tags_of(properties: dict[str, Any]) -> dict[str, str]:
    """What the custom resource is told to put on the mount targets, as the CDK's tag manager writes it, by key."""
    tags = {tag["key"]: tag["value"] for tag in properties["Tags"]}
    assert properties["Tags"] == [{"key": key, "value": value} for key, value in tags.items()]
    return tags


def statements_of(policy: Resource) -> Resources:
    """By Sid."""
    return {statement["Sid"]: statement for statement in policy["Properties"]["PolicyDocument"]["Statement"]}


def listed(value: Any) -> list[Any]:
    """What IAM lets be one or several, as several."""
    return value if isinstance(value, list) else [value]


def references(value: Any) -> Iterator[str]:
    """Every logical id that the value refers to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            yield from re.findall(r"\$\{([A-Za-z0-9]+)", text)
        case {"Fn::GetAtt": str(text)}:
            yield text.partition(".")[0]
    if isinstance(value, dict):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def waiting(resources: Resources) -> dict[str, set[str]]:
    """For each logical id, what CloudFormation creates before it."""
    graph: dict[str, set[str]] = {}
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        named = {explicit} if isinstance(explicit, str) else set(explicit)
        graph[name] = (named | set(references(resource.get("Properties", {})))) & resources.keys()
    return graph


def everything_before(resources: Resources, name: str) -> set[str]:
    """All that is created before the resource; the resource itself is in it if there is a cycle."""
    graph = waiting(resources)
    found: set[str] = set()
    ahead = list(graph[name])
    while ahead:
        waited_for = ahead.pop()
        if waited_for not in found:
            found.add(waited_for)
            ahead.extend(graph[waited_for])
    return found


def in_a_cycle(resources: Resources) -> list[str]:
    """The logical ids that wait for themselves."""
    return [name for name in resources if name in everything_before(resources, name)]


def without_joins(value: Any) -> Any:
    """The value with texts for joins; what is filled in at deployment stands in <angle brackets>."""
    match value:
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(map(_text, parts))
        case dict():
            return {key: without_joins(inner) for key, inner in value.items()}
        case list():
            return [without_joins(inner) for inner in value]
    return value


def _text(part: Any) -> str:
    match part:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Sub": str(text)}:
            return text
    return str(part)
