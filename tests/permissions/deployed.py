"""A synthesised stack in the simulator: its resources there, and what its template says once they are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.construct import templates
from tests.construct.templates import Resources, of_type
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID
from tests.simulator.iam import Statement
from tests.simulator.names import ACCOUNT, FILE_SYSTEM, FUNCTION, LOG_GROUP, REGION, arn

# CloudFormation user guide, "Resource tags": set on every resource that takes tags.
STACK_TAG = "aws:cloudformation:stack-id"
VPC = "vpc-0123456789abcdef0"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackId": STACK_ID}
ARNS = {
    templates.FILE_SYSTEM: arn("elasticfilesystem", f"file-system/{FILE_SYSTEM}"),
    templates.FUNCTION: arn("lambda", f"function:{FUNCTION}"),
    templates.LOG_GROUP: arn("logs", f"log-group:{LOG_GROUP}:*"),
    templates.ROLE: f"arn:aws:iam::{ACCOUNT}:role/waiter",
}


@dataclass
class Deployed:
    """What CloudFormation has made of a template before it comes to the custom resource."""

    resources: Resources
    known: dict[str, str] = field(default_factory=lambda: dict(PSEUDO))

    def put_into(self, aws: Account) -> None:
        """Make its file system, security group and mount targets."""
        for name, resource in self.resources.items():
            if resource["Type"] in ARNS:
                self.known[f"{name}.Arn"] = ARNS[resource["Type"]]
            if resource["Type"] == templates.SECURITY_GROUP:
                tags = {tag["Key"]: self.resolved(tag["Value"]) for tag in resource["Properties"]["Tags"]}
                group = aws.add_security_group("sg-20000000", tags={**tags, STACK_TAG: STACK_ID})
                self.known[f"{name}.GroupId"] = group
            if resource["Type"] == templates.FILE_SYSTEM:
                self.known[name] = aws.add_file_system(tags={STACK_TAG: STACK_ID})
        for name, resource in of_type(self.resources, templates.MOUNT_TARGET).items():
            given = self.resolved(resource["Properties"])
            self.known[name] = aws.add_mount_target(
                given["SubnetId"], given["FileSystemId"], groups=given["SecurityGroups"]
            )

    def resolved(self, value: Any) -> Any:
        """The value with everything filled in."""
        match value:
            case {"Ref": str(name)}:
                return self.known[name]
            case {"Fn::GetAtt": [name, attribute]}:
                return self.known[f"{name}.{attribute}"]
            case {"Fn::Join": [separator, parts]}:
                return separator.join(map(self.resolved, parts))
            case dict():
                return {key: self.resolved(inner) for key, inner in value.items()}
            case list():
                return [self.resolved(inner) for inner in value]
        return value

    @property
    def properties(self) -> dict[str, Any]:
        """Those of the custom resource."""
        [resource] = of_type(self.resources, templates.READINESS).values()
        properties: dict[str, Any] = self.resolved(resource["Properties"])
        return properties

    @property
    def statements(self) -> Sequence[Statement]:
        """Those of the function's role."""
        policies = of_type(self.resources, templates.POLICY) | of_type(self.resources, templates.MANAGED_POLICY)
        return [
            self.resolved(each) for policy in policies.values() for each in templates.statements_of(policy).values()
        ]


def without(statements: Sequence[Statement], sid: str, action: str) -> list[Statement]:
    """The statements without one action of one of them."""
    kept: list[Statement] = []
    for statement in statements:
        actions = [each for each in templates.listed(statement["Action"]) if (statement["Sid"], each) != (sid, action)]
        if actions:
            kept.append({**statement, "Action": actions})
    return kept


def permissions(statements: Sequence[Statement]) -> list[tuple[str, str]]:
    """Each statement's name with each of its actions."""
    return [(statement["Sid"], action) for statement in statements for action in templates.listed(statement["Action"])]
