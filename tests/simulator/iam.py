"""A role, and whether its policies allow a call: what IAM asks for each operation, and the evaluation of statements.

Sources: the service authorization reference (resources and condition keys of each action); EFS API reference,
CreateMountTarget, DeleteMountTarget and ModifyMountTargetSecurityGroups, each of which names the EC2 permissions that its
caller needs; IAM user guide, "IAM JSON policy elements: Condition" (operators, sets of keys).

Statements that allow are evaluated; anything else in a policy is an error here, so that nothing is taken for allowed unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.simulator import authorization_reference
from tests.simulator.faults import Fault, Parameters
from tests.simulator.names import ACCOUNT, FUNCTION, LOG_GROUP, LOG_STREAM, REGION, arn

if TYPE_CHECKING:
    from tests.simulator.account import Account

Statement = Mapping[str, Any]
Values = Mapping[str, str | Sequence[str]]
"""Of condition keys."""

_FITS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": str.__eq__,
    "StringLike": fnmatchcase,
    "ArnEquals": fnmatchcase,
    "ArnLike": fnmatchcase,
}


@dataclass(frozen=True)
class Demand:
    """One thing that IAM must allow: an action on a resource, with the condition keys of the request."""

    action: str
    resource: str = "*"
    keys: Values = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Principal:
    """A role with these statements. `denied` holds what it was refused."""

    statements: Sequence[Statement]
    denied: list[Demand] = field(default_factory=list)

    def check(self, aws: Account, operation: str, parameters: Parameters) -> None:
        """Allow a call.

        Raises:
            Fault: AccessDeniedException, from EC2 UnauthorizedOperation.
        """
        refused = [demand for demand in demands(aws, operation, parameters) if not self.may(demand)]
        if refused:
            code = "UnauthorizedOperation" if aws.operations[operation][0] == "ec2" else "AccessDeniedException"
            raise Fault(code, f"not authorized to perform {refused[0].action} on {refused[0].resource}")

    def log(self) -> None:
        """What Lambda does with the role in each run; that it may not does not stop the run (Lambda developer guide,
        "Sending Lambda function logs to CloudWatch Logs").
        """
        stream = Named("log-stream", (LOG_GROUP, LOG_STREAM))
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            for demand in demanded(action, [stream], {}):
                self.may(demand)

    def may(self, demand: Demand) -> bool:
        """Whether some statement allows it."""
        allowed = any(_allows(statement, demand) for statement in self.statements)
        if not allowed:
            self.denied.append(demand)
        return allowed


def _allows(statement: Statement, demand: Demand) -> bool:
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown or statement["Effect"] != "Allow":
        raise NotImplementedError(f"the simulator evaluates plain Allow statements only, not {statement}")
    return (
        any(fnmatchcase(demand.action.lower(), action.lower()) for action in _listed(statement["Action"]))
        and any(fnmatchcase(demand.resource, resource) for resource in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(values), demand.keys)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        )
    )


def _holds(operator: str, key: str, expected: list[str], keys: Values) -> bool:
    """A key that the request lacks fails, but not where "for all values" is said: it has none that does not fit."""
    for_all, _, plain = operator.rpartition(":")
    fits = _FITS[plain]
    if for_all not in ("", "ForAllValues"):
        raise NotImplementedError(operator)
    given = _listed(keys.get(key, []))
    return (bool(given) or bool(for_all)) and all(any(fits(value, form) for form in expected) for value in given)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


# What IAM asks for

FOR_INTERFACES = {
    "CreateMountTarget": ("ec2:DescribeSubnets", "ec2:DescribeNetworkInterfaces", "ec2:CreateNetworkInterface"),
    "DeleteMountTarget": ("ec2:DeleteNetworkInterface",),
    "ModifyMountTargetSecurityGroups": ("ec2:ModifyNetworkInterfaceAttribute",),
}
"""EFS handles network interfaces with the permissions of its caller: the EFS API reference names them with each operation."""

_SERVICES = {"efs": "elasticfilesystem"}
_ACTIONS = {"Invoke": "InvokeFunction"}


def demands(aws: Account, operation: str, given: Parameters) -> Iterator[Demand]:
    """Everything that the caller of the operation must be allowed. The PUT of an answer is signed by another."""
    service = aws.operations[operation][0]
    if service == "s3":
        return
    named = list(_named(aws, given))
    if operation == "CreateMountTarget":
        named.append(_interface(aws, "*", given["SubnetId"]))
        if not aws.has_efs_role:
            yield from demanded("iam:CreateServiceLinkedRole", [EFS_ROLE], {})
    keys = [tag["Key"] for tag in given.get("Tags", [])] + given.get("TagKeys", [])
    request = {"ec2:Region": REGION, **({"aws:TagKeys": keys} if keys else {})}
    yield from demanded(f"{_SERVICES.get(service, service)}:{_ACTIONS.get(operation, operation)}", named, request)
    for action in FOR_INTERFACES.get(operation, ()):
        yield from demanded(action, named, request)


@dataclass(frozen=True)
class Named:
    """A resource that a call names, with the values that its condition keys have where the reference knows them."""

    resource_type: str
    names: tuple[str, ...]
    values: Values = field(default_factory=dict)
    account: str = ACCOUNT


EFS_ROLE = Named(
    "role",
    ("aws-service-role/elasticfilesystem.amazonaws.com/AWSServiceRoleForAmazonElasticFileSystem",),
    {"iam:AWSServiceName": "elasticfilesystem.amazonaws.com"},
)
"""Made with the first mount target of an account (EFS user guide, "Using service-linked roles for Amazon EFS")."""


def demanded(action: str, named: Iterable[Named], request: Values) -> Iterator[Demand]:
    """What IAM asks for one action: each named resource of a type that the action is authorised against, or all of them.

    Raises:
        LookupError: the reference does not know the action, or a resource is missing that each of its calls has.
    """
    known = authorization_reference.action(action)
    asked = [resource for resource in named if resource.resource_type in known.resource_types]
    required = {each.name for each in known.resource_types.values() if each.required}
    if missing := required - {resource.resource_type for resource in asked}:
        raise LookupError(f"{action} is authorised against {', '.join(missing)}, and the call names none")
    for resource in asked:
        resource_type = known.resource_types[resource.resource_type]
        values = {**request, **resource.values}
        yield Demand(
            known.name,
            authorization_reference.filled_in(
                resource_type.arn, *resource.names, region=REGION, account=resource.account
            ),
            {key: value for key, value in values.items() if known.has_key(key, resource_type)},
        )
    if not asked:
        yield Demand(known.name, "*", {key: value for key, value in request.items() if known.has_key(key)})


def _named(aws: Account, given: Parameters) -> Iterator[Named]:
    """The resources whose ids stand in the parameters; a mount target is none of IAM's, its file system is."""
    if "FunctionName" in given:
        yield Named("function", (FUNCTION,))
    for value in given.values():
        for name in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            find = _BY_PREFIX.get(str(name).partition("-")[0])
            yield from find(aws, name) if find else ()


def _of_mount_target(aws: Account, name: str) -> Iterator[Named]:
    if name not in aws.mount_targets:
        yield Named("file-system", ("*",))
        yield Named("network-interface", ("*",))
        return
    description = aws.mount_targets[name].description
    yield _file_system(aws, description["FileSystemId"])
    yield _interface(aws, description["NetworkInterfaceId"], description["SubnetId"])


def _file_system(aws: Account, name: str) -> Named:
    tags = aws.tags_now(name) if name in aws.file_systems else {}
    return Named("file-system", (name,), {f"aws:ResourceTag/{key}": value for key, value in tags.items()})


def _interface(aws: Account, name: str, subnet_id: str = "") -> Named:
    subnet = {"ec2:Subnet": _owners_arn(aws, f"subnet/{subnet_id}")} if subnet_id else {}
    return Named("network-interface", (name,), {**subnet, **_in_vpc(aws, aws.subnets.get(subnet_id))})


def _security_group(aws: Account, name: str) -> Named:
    tags = {f"aws:ResourceTag/{key}": value for key, value in (aws.group_tags_at(name) or {}).items()}
    return Named("security-group", (name,), {**tags, **_in_vpc(aws, aws.security_groups.get(name))})


def _in_vpc(aws: Account, description: Mapping[str, Any] | None) -> Values:
    return {"ec2:Vpc": _owners_arn(aws, f"vpc/{description['VpcId']}")} if description else {}


def _owners_arn(aws: Account, resource: str) -> str:
    """A VPC that another account shares, and its subnets, are that account's (aws-cdk#23865)."""
    return arn("ec2", resource).replace(ACCOUNT, aws.vpc_owner)


def _of_interface(aws: Account, name: str) -> Iterator[Named]:
    targets = (target.description for target in aws.mount_targets.values())
    yield _interface(aws, name, *(target["SubnetId"] for target in targets if target["NetworkInterfaceId"] == name))


_BY_PREFIX: dict[str, Callable[[Account, str], Iterable[Named]]] = {
    "fs": lambda aws, name: [_file_system(aws, name)],
    "fsap": lambda _, name: [Named("access-point", (name,))],
    "fsmt": _of_mount_target,
    "eni": _of_interface,
    "subnet": lambda aws, name: [Named("subnet", (name,), _in_vpc(aws, aws.subnets.get(name)), aws.vpc_owner)],
    "sg": lambda aws, name: [_security_group(aws, name)],
    "vpc": lambda aws, name: [Named("vpc", (name,), {}, aws.vpc_owner)],
    "pl": lambda _, name: [Named("prefix-list", (name,))],
}
"""What an id names."""
