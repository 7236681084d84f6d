"""The Lambda function that answers the custom resources: one function, role, policy and log group a stack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import (
    CfnResource,
    IResolvable,
    IStableListProducer,
    Lazy,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from geuse_efs.waiter_code import PACKAGE, publish_waiter_code

CONSTRUCT_ID = "GeuseEfsWaiter"
"""Frozen: the function's logical id hangs on it, and CloudFormation never lets a ServiceToken change."""


class WaiterFunction(Construct):
    """The function and what it may do. Rights are asked for by each file system, and join one policy."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._file_systems: dict[str, None] = {}
        self._subnet_ids: dict[str, None] = {}
        self._tags: list[IResolvable] = []
        self.role = role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.DESTROY
        )
        code = publish_waiter_code(Stack.of(self))
        # An L1 has all that is needed; for the L2, Node would load a hundred files more (docs/adr/0008-few-questions.md).
        function = lambda_.CfnFunction(
            Construct(self, "Function"),
            "Resource",
            description="Waits until the mount targets of EFS file systems are ready",
            code={"s3Bucket": code.bucket_name, "s3Key": code.object_key},
            handler=f"{PACKAGE}.handler.handler",
            runtime="python3.14",  # the newest that the CDK's own list of runtimes has
            memory_size=256,
            timeout=900,
            role=role.role_arn,
            logging_config={"logFormat": "JSON", "logGroup": log_group.log_group_name},
        )
        self.function_arn = function.attr_arn
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

    def serve(self, file_system_arn: str, subnet_ids: Iterable[str], tags: IResolvable) -> None:
        """Give the function what it needs for one file system.

        Args:
            file_system_arn: the file system it may describe.
            subnet_ids: the subnets whose network interfaces it may tag.
            tags: what it may tag them with.
        """
        if not self._file_systems:
            self._policy.add_statements(*self._rights_for_file_systems())
        self._file_systems[file_system_arn] = None
        self._subnet_ids.update(dict.fromkeys(subnet_ids))
        self._tags.append(tags)

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
            tagging_right(self, lambda: self._subnet_ids, self._tags),
        ]


# Many file systems share a scope, a scope never changes its stack, and every question to the CDK is a round trip.
_OF_SCOPES: WeakKeyDictionary[IConstruct, WaiterFunction] = WeakKeyDictionary()


def tagging_right(
    scope: Construct, subnet_ids: Callable[[], Iterable[str]], tags: Sequence[IResolvable]
) -> iam.PolicyStatement:
    """The right to put tags with these keys on network interfaces in these subnets; both are asked for at synthesis."""
    stack = Stack.of(scope)

    def keys() -> list[str]:
        return sorted({tag["key"] for rendered in stack.resolve(list(tags)) for tag in rendered or ()})

    return iam.PolicyStatement(
        sid="TagNetworkInterfaces",
        actions=["ec2:CreateTags"],
        resources=[stack.format_arn(service="ec2", resource="network-interface", resource_name="*")],
        conditions={
            "ArnEquals": {"ec2:Subnet": _lazily(lambda: subnet_arns(stack, subnet_ids()))},
            "ForAllValues:StringEquals": {"aws:TagKeys": _lazily(keys)},
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
