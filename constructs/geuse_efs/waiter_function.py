"""The Lambda function that answers the custom resources: one function, role, policy and log group per stack."""

from __future__ import annotations

from collections.abc import Sequence

import jsii
from aws_cdk import Aws, CfnResource, Duration, IStableAnyProducer, Lazy, RemovalPolicy, Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IValidation

from geuse_efs.argument_types import checked
from geuse_efs.tags import AllTags
from geuse_efs.waiter_code import PACKAGE, complete_copy, package_folder, waiter_code

CONSTRUCT_ID = "GeuseEfsWaiter"
"""Frozen: the function's logical id depends on it, and CloudFormation never lets a ServiceToken change."""

DEFAULT_RUNTIME = lambda_.Runtime("python3.14", lambda_.RuntimeFamily.PYTHON)
"""Not PYTHON_3_14, which older versions of the CDK lack."""


class WaiterFunction(Construct):
    """The function, and its permissions: each file system adds what it needs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role: iam.IRole | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        log_group: logs.ILogGroup | None = None,
        log_encryption_key: kms.IKey | None = None,
        runtime: lambda_.Runtime = DEFAULT_RUNTIME,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = role or iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        given = (role, vpc, *(security_groups or ()), log_group, log_encryption_key)
        self.needed = [construct for construct in given if construct is not None]
        log_group = log_group or logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.ONE_YEAR,
            removal_policy=RemovalPolicy.DESTROY,
            encryption_key=log_encryption_key,
        )
        if vpc is not None:
            # The CDK adds it to a role of its own making only.
            self.role.add_managed_policy(
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")
            )
        package = package_folder()
        function = lambda_.Function(
            self,
            "Function",
            description="Waits until the mount targets of EFS file systems are ready",
            code=waiter_code(package),
            handler=f"{PACKAGE}.handler.handler",
            runtime=runtime,
            # The function carries out requests of its own stack only.
            environment={"GEUSE_EFS_STACK_ID": Aws.STACK_ID},
            memory_size=256,
            timeout=Duration.minutes(15),
            role=self.role,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
        )
        complete_copy(function, package)
        self.function_arn = function.function_arn
        # Not the default policy of the role: the function would depend on it, and its permission to invoke the function
        # would close a cycle.
        self.policy = iam.Policy(self, "Policy")
        self.policy.add_statements(
            iam.PolicyStatement(
                sid="Log",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            ),
            iam.PolicyStatement(
                sid="ContinueWaiting", actions=["lambda:InvokeFunction"], resources=[self.function_arn]
            ),
        )
        self.waited_for: dict[str, str] = {}
        self.rules: dict[tuple[str, str], CfnResource] = {}
        self._subnet_ids: set[str] = set()
        self._subnet_arns: list[str] = []
        self._tags: list[AllTags] = []
        self._describe = iam.PolicyStatement(
            sid="DescribeMountTargets", actions=["elasticfilesystem:DescribeMountTargets"]
        )
        self._tag = tagging_statement(self, self._subnet_arns, self._tags)
        if not isinstance(self.role, iam.Role):
            # Not policy.attach_to_role, which changes a role that must not be changed, too.
            self.role.attach_inline_policy(self.policy)
        elif self.role.node.default_child is None:
            # The role is created by somebody else beforehand. Attached, the policy would be defined all the same.
            self.node.add_validation(_Report(self.role, self.policy))
        else:
            self.policy.attach_to_role(self.role)

    @property
    def role_takes_policies(self) -> bool:
        """Whether permissions are put on the role: not on one with ``mutable=False``, which the CDK tells nobody."""
        if isinstance(self.role, iam.Role):
            return True
        resource = self.policy.node.default_child
        assert isinstance(resource, iam.CfnPolicy)  # noqa: S101
        return bool(Stack.of(self).resolve(resource.roles))

    @classmethod
    @checked
    def configure(
        cls,
        scope: Construct,
        *,
        role: iam.IRole | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        log_group: logs.ILogGroup | None = None,
        log_encryption_key: kms.IKey | None = None,
        runtime: lambda_.Runtime = DEFAULT_RUNTIME,
    ) -> WaiterFunction:
        """Define the function of the scope's stack as an organisation demands it, before the first file system is defined.

        In a VPC the function needs a way to EFS, EC2, Lambda and CloudWatch Logs (interface endpoints
        ``elasticfilesystem``, ``ec2``, ``lambda``, ``logs``) and to S3, where CloudFormation takes its response (gateway
        endpoint ``s3``), or a NAT gateway. Its network interfaces may stay up to 20 minutes after the function is deleted.

        Args:
            scope: the stack, or a construct in it.
            role: of the function, trusted by lambda.amazonaws.com, of the stack's account; default: creates one. Policies
                with the permissions are attached to it. For an immutable role (``mutable=False``) none is defined: its owner
                must attach beforehand what a synth with a mutable role shows.
            vpc: runs the function in it; default: none.
            vpc_subnets: the subnets of the function, private ones; default: as for other functions of the CDK.
            security_groups: of the function, which must let https out; default: creates one that lets everything out.
            log_group: where it logs; default: creates one, kept a year.
            log_encryption_key: of the log group that is created; default: CloudWatch's own. Its policy must admit
                CloudWatch Logs.
            runtime: Python 3.11 or newer; default: Python 3.14.

        Raises:
            ValueError: if the function exists already, or the arguments do not fit together.
        """
        stack = Stack.of(scope)
        if stack.node.try_find_child(CONSTRUCT_ID) is not None:
            raise ValueError(
                f"the waiter function of {stack.node.path} exists already; call WaiterFunction.configure once per stack, "
                "before the first GeuseEfs in it"
            )
        if role is not None and _differ(role.principal_account, stack.account):
            raise ValueError(
                f"role is {role.node.path} of account {role.principal_account}, {stack.node.path} is in account "
                f"{stack.account}; a function takes a role of its own account only, so give one"
            )
        if vpc is None and (vpc_subnets is not None or security_groups is not None):
            raise ValueError("vpc_subnets or security_groups were given without vpc; give the VPC of the function, too")
        if log_group is not None and log_encryption_key is not None:
            raise ValueError("log_encryption_key was given with log_group, which has its own; leave one of the two out")
        if runtime.family != lambda_.RuntimeFamily.PYTHON or not _at_least_3_11(runtime):
            raise ValueError(
                f"runtime is {runtime.name}, allowed are Python 3.11 and newer; give for example PYTHON_3_13"
            )
        return cls(
            stack,
            CONSTRUCT_ID,
            role=role,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
            log_group=log_group,
            log_encryption_key=log_encryption_key,
            runtime=runtime,
        )

    @classmethod
    def of(cls, scope: Construct) -> WaiterFunction:
        """The function of the scope's stack, defined when it is first asked for.

        Raises:
            ValueError: if its construct id is taken.
        """
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

    def grant_for(self, file_system_arn: str, subnet_ids: Sequence[str], tags: AllTags) -> None:
        """Add the permissions for a file system that the stack creates.

        All file systems of the stack share two statements: an inline policy has at most 10,240 characters.

        Args:
            file_system_arn: the file system that the function may describe.
            subnet_ids: the subnets whose network interfaces it may tag.
            tags: the tags that it may set there.
        """
        if not self._tags:
            self.policy.add_statements(self._describe, self._compare_statement(), self._guard_statement(), self._tag)
        self._describe.add_resources(file_system_arn)
        if new := [subnet_id for subnet_id in dict.fromkeys(subnet_ids) if subnet_id not in self._subnet_ids]:
            self._subnet_ids.update(new)
            self._subnet_arns += subnet_arns(self, new)
            self._tag.add_condition("ArnLike", {"ec2:Subnet": self._subnet_arns})
        self._tags.append(tags)

    def _guard_statement(self) -> iam.PolicyStatement:
        """To see which adoptions want a zone before its mount target is deleted; these calls know no resources."""
        return iam.PolicyStatement(
            sid="DescribeAdoptions",
            actions=["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"],
            resources=["*"],
            conditions={"StringEquals": {"ec2:Region": Stack.of(self).region}},
        )

    def _compare_statement(self) -> iam.PolicyStatement:
        """To describe both file systems of a replacement: CloudFormation sets this tag on all that the stack creates."""
        file_systems = Stack.of(self).format_arn(service="elasticfilesystem", resource="file-system", resource_name="*")
        return iam.PolicyStatement(
            sid="CompareFileSystems",
            actions=["elasticfilesystem:DescribeFileSystems"],
            resources=[file_systems],
            conditions={"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-id": Aws.STACK_ID}},
        )


def _differ(account: str | None, other: str) -> bool:
    """Whether two accounts are known to be different ones."""
    return account not in (None, other) and not Token.is_unresolved(account) and not Token.is_unresolved(other)


def _at_least_3_11(runtime: lambda_.Runtime) -> bool:
    return tuple(map(int, runtime.name.removeprefix("python").split("."))) >= (3, 11)


def tagging_statement(scope: Construct, subnet_arns: Sequence[str], tags: Sequence[AllTags]) -> iam.PolicyStatement:
    """The permission to set these tags on the network interfaces in these subnets.

    Args:
        scope: a construct of the stack.
        subnet_arns: the subnets.
        tags: all tags; read at synthesis, when whatever tags the scope has done so.
    """
    statement = iam.PolicyStatement(
        sid="TagNetworkInterfaces",
        actions=["ec2:CreateTags"],
        resources=[ec2_arn(scope, "network-interface")],
        conditions={"ArnLike": {"ec2:Subnet": list(subnet_arns)}},
    )
    keys = _TagKeys(tags, statement)
    statement.add_condition(_KEYS_ARE, {"aws:TagKeys": Lazy.any(keys)})
    scope.node.add_validation(keys)
    return statement


_KEYS_ARE = "ForAllValues:StringEquals"


@jsii.implements(IStableAnyProducer, IValidation)
class _TagKeys:
    def __init__(self, tags: Sequence[AllTags], statement: iam.PolicyStatement) -> None:
        self._tags, self._statement = tags, statement

    def produce(self) -> list[str]:
        return sorted({key for tags in self._tags for key in tags.values()})

    def validate(self) -> list[str]:
        """Write the keys out for the report of `iam.Role.customize_roles`, which reads no lazy values."""
        if not self._statement.frozen:  # in no template
            self._statement.add_condition(_KEYS_ARE, {"aws:TagKeys": self.produce()})
        return []


@jsii.implements(IValidation)
class _Report:
    """Gives the policy, when it is whole, to the report of `iam.Role.customize_roles`."""

    def __init__(self, role: iam.Role, policy: iam.Policy) -> None:
        self._role, self._policy = role, policy

    def validate(self) -> list[str]:
        self._role.attach_inline_policy(self._policy)
        return []


def subnet_arns(scope: Construct, subnet_ids: Sequence[str]) -> list[str]:
    """The ARNs of subnets, which may belong to another account that shares its VPC (AWS RAM)."""
    return [ec2_arn(scope, "subnet", subnet_id, account="*") for subnet_id in subnet_ids]


def ec2_arn(scope: Construct, resource: str, name: str = "*", *, account: str | None = None) -> str:
    """The ARN of a resource of EC2 in the region of the stack, and in its account by default."""
    return Stack.of(scope).format_arn(service="ec2", account=account, resource=resource, resource_name=name)
