"""The Lambda function that answers the custom resources: one function, role, policy and log group a stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import (
    CfnResource,
    Duration,
    IStableListProducer,
    Lazy,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from geuse_efs.waiter_code import PACKAGE, waiter_code

CONSTRUCT_ID = "GeuseEfsWaiter"
"""Frozen: the function's logical id hangs on it, and CloudFormation never lets a ServiceToken change."""


class WaiterFunction(Construct):
    """The function and what it may do. Rights are asked for by each file system, and join one policy."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._file_systems: dict[str, None] = {}
        self._subnet_ids: dict[str, None] = {}
        self._tag_keys: list[Callable[[], Iterable[str]]] = []
        self.role = role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.DESTROY
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description="Waits until the mount targets of EFS file systems are ready",
            code=waiter_code(),
            handler=f"{PACKAGE}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            memory_size=256,
            timeout=Duration.minutes(15),
            role=role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
        )
        self.function_arn = self.function.function_arn
        # A child of its own, not the role's default policy: that one the function would depend on, and the right to run
        # itself again would close a cycle.
        document = iam.PolicyDocument(minimize=False, statements=self._statements(log_group))
        self._policy = iam.Policy(self, "Policy", roles=[role], document=document)
        self.rights: CfnResource = self._policy.node.default_child  # type: ignore[assignment]

    @classmethod
    def of(cls, scope: Construct) -> WaiterFunction:
        """The one of the scope's stack, made when first asked for."""
        if scope in _OF_SCOPES:
            return _OF_SCOPES[scope]
        _OF_SCOPES[scope] = waiter = cls._of_stack(Stack.of(scope))
        return waiter

    @classmethod
    def _of_stack(cls, stack: Stack) -> WaiterFunction:
        existing = stack.node.try_find_child(CONSTRUCT_ID)
        if existing is None:
            return cls(stack, CONSTRUCT_ID)
        if not isinstance(existing, cls):
            raise ValueError(
                f"{stack.node.path} has a construct {CONSTRUCT_ID} that is not geuse-efs's; rename it, the id is taken by the "
                "function that waits for mount targets"
            )
        return existing

    def serve(self, file_system_arn: str, subnet_ids: Iterable[str], tag_keys: Callable[[], Iterable[str]]) -> None:
        """Give the function what it needs for one file system.

        Args:
            file_system_arn: the file system it may describe.
            subnet_ids: the subnets whose network interfaces it may tag.
            tag_keys: tells at synthesis which tags it may set.
        """
        if not self._file_systems:
            self._policy.add_statements(*self._rights_for_file_systems())
        self._file_systems[file_system_arn] = None
        self._subnet_ids.update(dict.fromkeys(subnet_ids))
        self._tag_keys.append(tag_keys)

    def _statements(self, log_group: logs.LogGroup) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                sid="Log",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            iam.PolicyStatement(sid="GoOnWaiting", actions=["lambda:InvokeFunction"], resources=[self.function_arn]),
        ]

    def _rights_for_file_systems(self) -> list[iam.PolicyStatement]:
        """One pair of statements for all file systems of the stack: an inline policy has 10,240 characters."""
        return [
            iam.PolicyStatement(
                sid="Look",
                actions=["elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets"],
                resources=_lazily(lambda: self._file_systems),
            ),
            tagging_right(
                self, lambda: self._subnet_ids, lambda: sorted({key for keys in self._tag_keys for key in keys()})
            ),
        ]


# Many file systems share a scope, a scope never changes its stack, and every question to the CDK is a round trip.
_OF_SCOPES: WeakKeyDictionary[IConstruct, WaiterFunction] = WeakKeyDictionary()


def tagging_right(
    scope: Construct, subnet_ids: Callable[[], Iterable[str]], tag_keys: Callable[[], Iterable[str]]
) -> iam.PolicyStatement:
    """The right to put these tags on network interfaces in these subnets; both are asked for at synthesis."""
    stack = Stack.of(scope)
    return iam.PolicyStatement(
        sid="TagNetworkInterfaces",
        actions=["ec2:CreateTags"],
        resources=[stack.format_arn(service="ec2", resource="network-interface", resource_name="*")],
        conditions={
            "ArnEquals": {"ec2:Subnet": _lazily(lambda: subnet_arns(stack, subnet_ids()))},
            "ForAllValues:StringEquals": {"aws:TagKeys": _lazily(tag_keys)},
        },
    )


def subnet_arns(stack: Stack, subnet_ids: Iterable[str]) -> list[str]:
    """The ARNs of these subnets."""
    return [stack.format_arn(service="ec2", resource="subnet", resource_name=name) for name in subnet_ids]


@jsii.implements(IStableListProducer)
class _Producer:
    def __init__(self, values: Callable[[], Iterable[str]]) -> None:
        self._values = values

    def produce(self) -> list[str]:
        return list(self._values())


def _lazily(values: Callable[[], Iterable[str]]) -> list[str]:
    """A list that is asked for at synthesis, when every file system and tag is known."""
    return Lazy.list(_Producer(values))
