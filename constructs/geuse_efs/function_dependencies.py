"""Functions that mount the file system wait for the rule that lets them in, also where the rule is not in its stack."""

from __future__ import annotations

import jsii
from aws_cdk import AspectPriority, Aspects, CfnResource, IAspect, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import IConstruct


def let_functions_wait(group: ec2.ISecurityGroup, rule: CfnResource) -> None:
    """Let the functions that have the group wait for the rule, which is in their stack.

    The CDK lets in a function with an access point before it defines the resource of the function, and looks for rules to
    wait for below the group of the file system only. So the function is looked for at synthesis.
    """
    Aspects.of(rule).add(_FunctionsWait(group, rule), priority=AspectPriority.MUTATING)


@jsii.implements(IAspect)
class _FunctionsWait:
    def __init__(self, group: ec2.ISecurityGroup, rule: CfnResource) -> None:
        self._group, self._rule = group, rule

    def visit(self, _node: IConstruct) -> None:
        stack = Stack.of(self._rule)
        group = stack.resolve(self._group.security_group_id)
        for construct in stack.node.find_all():
            if isinstance(construct, lambda_.CfnFunction):
                vpc_config = stack.resolve(construct.vpc_config) or {}
                if group in vpc_config.get("securityGroupIds", []):
                    construct.node.add_dependency(self._rule)
