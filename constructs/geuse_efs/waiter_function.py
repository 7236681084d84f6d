"""The Lambda function that answers the custom resources: one function, role, policy and log group a stack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from aws_cdk import CfnResource, IResolvable, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from geuse_efs.policies import Place, allow, document, lazily
from geuse_efs.waiter_code import PACKAGE, publish_waiter_code

CONSTRUCT_ID = "GeuseEfsWaiter"
"""Frozen: the function's logical id hangs on it, and CloudFormation never lets a ServiceToken change."""

_POLICY_NAME = "GeuseEfsWaiterPolicy412A21E1"
"""Its logical id, as an L2 would name it: another name may make CloudFormation replace the policy."""


class WaiterFunction(Construct):
    """The function and what it may do. Rights are asked for by each file system, and join one policy."""

    def __init__(self, scope: Stack, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._file_systems: dict[str, None] = {}
        self._subnet_ids: dict[str, None] = {}
        self._tags: list[IResolvable] = []
        self._stack, self.place = scope, Place.of(scope)
        # L1s have all that is needed; for the L2s, Node would load a hundred files more (docs/adr/0008-few-questions.md).
        # Their ids are those of L2s: nothing is replaced where one was before.
        role = iam.CfnRole(
            Construct(self, "Role"),
            "Resource",
            assume_role_policy_document=document(
                [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
            ),
        )
        log_group = logs.CfnLogGroup(Construct(self, "Logs"), "Resource", retention_in_days=365)
        log_group.apply_removal_policy(RemovalPolicy.DESTROY)
        code = publish_waiter_code(scope)
        function = lambda_.CfnFunction(
            Construct(self, "Function"),
            "Resource",
            description="Waits until the mount targets of EFS file systems are ready",
            code={"s3Bucket": code.bucket_name, "s3Key": code.object_key},
            handler=f"{PACKAGE}.handler.handler",
            runtime="python3.14",  # the newest that the CDK's own list of runtimes has
            memory_size=256,
            timeout=900,
            role=role.attr_arn,
            logging_config={"logFormat": "JSON", "logGroup": log_group.ref},
        )
        self.role_name, self.role_arn = role.ref, role.attr_arn
        self.function_arn = function.attr_arn
        own_rights = [
            allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], log_group.attr_arn),
            allow("GoOnWaiting", "lambda:InvokeFunction", self.function_arn),
        ]
        # Not a policy of the role itself: that one the function would depend on, and the right to run itself again would
        # close a cycle.
        self.rights: CfnResource = iam.CfnPolicy(
            Construct(self, "Policy"),
            "Resource",
            policy_name=_POLICY_NAME,
            roles=[self.role_name],
            policy_document=document(lazily(lambda: own_rights + self._rights_for_file_systems())),
        )

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
        self._file_systems[file_system_arn] = None
        self._subnet_ids.update(dict.fromkeys(subnet_ids))
        self._tags.append(tags)

    def _rights_for_file_systems(self) -> list[dict[str, Any]]:
        """One pair of statements for all file systems of the stack: an inline policy has 10,240 characters."""
        if not self._file_systems:
            return []
        return [
            allow(
                "Look",
                ["elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets"],
                list(self._file_systems),
            ),
            self.tagging_right(self._subnet_ids, self._tags),
        ]

    def tagging_right(self, subnet_ids: Iterable[str], tags: Sequence[IResolvable]) -> dict[str, Any]:
        """The right to put tags with these keys on network interfaces in these subnets; for synthesis, when all are known."""
        keys = {tag["key"] for rendered in self._stack.resolve(list(tags)) for tag in rendered or ()}
        return allow(
            "TagNetworkInterfaces",
            "ec2:CreateTags",
            self.place.ec2_arn("network-interface"),
            {
                "ArnEquals": {"ec2:Subnet": self.place.subnet_arns(subnet_ids)},
                "ForAllValues:StringEquals": {"aws:TagKeys": sorted(keys)},
            },
        )


# Many file systems share a scope, a scope never changes its stack, and every question to the CDK is a round trip.
_OF_SCOPES: WeakKeyDictionary[IConstruct, WaiterFunction] = WeakKeyDictionary()
