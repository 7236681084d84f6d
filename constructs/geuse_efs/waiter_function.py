"""The Lambda function that answers the custom resources: one function, role, policy and log group a stack."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import (
    AssetHashType,
    BundlingOptions,
    DockerImage,
    Duration,
    ILocalBundling,
    IStableListProducer,
    Lazy,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

CONSTRUCT_ID = "GeuseEfsWaiter"
"""Frozen: the function's logical id hangs on it, and CloudFormation never lets a ServiceToken change."""

PACKAGE = "geuse_efs_waiter"


class WaiterFunction(Construct):
    """The function and what it may do. Rights are asked for by each file system, and join one policy."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._file_systems: dict[str, None] = {}
        self._subnets: dict[str, None] = {}
        self._tag_keys: list[Callable[[], Iterable[str]]] = []
        self.role = role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.ONE_YEAR, removal_policy=RemovalPolicy.DESTROY
        )
        self.function = lambda_.Function(
            self,
            "Function",
            description="Waits until the mount targets of EFS file systems are ready",
            code=_code(),
            handler=f"{PACKAGE}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            memory_size=256,
            timeout=Duration.minutes(15),
            role=role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
        )
        # A child of its own, not the role's default policy: that one the function would depend on, and the right to run
        # itself again would close a cycle.
        document = iam.PolicyDocument(minimize=False, statements=self._statements(log_group))
        self.policy = iam.Policy(self, "Policy", roles=[role], document=document)

    @classmethod
    def of(cls, scope: Construct) -> WaiterFunction:
        """The one of the scope's stack, made when first asked for."""
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(CONSTRUCT_ID)
        if existing is None:
            return cls(stack, CONSTRUCT_ID)
        if not isinstance(existing, cls):
            raise ValueError(
                f"{stack.node.path} has a construct {CONSTRUCT_ID} that is not geuse-efs's; rename it, the id is taken by the "
                "function that waits for mount targets"
            )
        return existing

    def serve(self, file_system_arn: str, subnet_arns: Iterable[str], tag_keys: Callable[[], Iterable[str]]) -> None:
        """Give the function what it needs for one file system.

        Args:
            file_system_arn: the file system it may describe.
            subnet_arns: the subnets whose network interfaces it may tag.
            tag_keys: tells at synthesis which tags it may set.
        """
        if not self._file_systems:
            self.policy.add_statements(*self._rights_for_file_systems())
        self._file_systems[file_system_arn] = None
        self._subnets.update(dict.fromkeys(subnet_arns))
        self._tag_keys.append(tag_keys)

    def _statements(self, log_group: logs.LogGroup) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(
                sid="Log",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            iam.PolicyStatement(
                sid="GoOnWaiting", actions=["lambda:InvokeFunction"], resources=[self.function.function_arn]
            ),
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
                self, lambda: self._subnets, lambda: sorted({key for keys in self._tag_keys for key in keys()})
            ),
        ]


def tagging_right(
    scope: Construct, subnet_arns: Callable[[], Iterable[str]], tag_keys: Callable[[], Iterable[str]]
) -> iam.PolicyStatement:
    """The right to put these tags on network interfaces in these subnets; both are asked for at synthesis."""
    return iam.PolicyStatement(
        sid="TagNetworkInterfaces",
        actions=["ec2:CreateTags"],
        resources=[Stack.of(scope).format_arn(service="ec2", resource="network-interface", resource_name="*")],
        conditions={
            "ArnEquals": {"ec2:Subnet": _lazily(subnet_arns)},
            "ForAllValues:StringEquals": {"aws:TagKeys": _lazily(tag_keys)},
        },
    )


@jsii.implements(IStableListProducer)
class _Producer:
    def __init__(self, values: Callable[[], Iterable[str]]) -> None:
        self._values = values

    def produce(self) -> list[str]:
        return list(self._values())


def _lazily(values: Callable[[], Iterable[str]]) -> list[str]:
    """A list that is asked for at synthesis, when every file system and tag is known."""
    return Lazy.list(_Producer(values))


@jsii.implements(ILocalBundling)
class _CopyPackage:
    """Keeps the package's folder inside the archive, so that its imports work there as everywhere."""

    def try_bundle(self, output_dir: str, *_: Any, **__: Any) -> bool:
        shutil.copytree(
            _package_folder(), Path(output_dir, PACKAGE), ignore=shutil.ignore_patterns("__pycache__", "py.typed")
        )
        return True


def _package_folder() -> Path:
    """The package on disk, in a checkout, an editable installation and a wheel alike.

    Found, not imported, which `importlib.resources.files` would do: a synth needs no boto3.

    Raises:
        ValueError: if the package is not there.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"the package {PACKAGE} is missing; install geuse-efs anew, it comes with it")
    return Path(spec.submodule_search_locations[0])


def _code() -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(_package_folder()),
        exclude=["__pycache__"],
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(image=DockerImage.from_registry("unused"), local=_CopyPackage()),
    )
