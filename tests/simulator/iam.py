"""A role, and whether its policies allow a call: what IAM asks for each operation, and the evaluation of statements.

Sources: service authorization reference of EFS, EC2, Lambda and CloudWatch Logs (resources and condition keys of each action);
EFS API reference, CreateMountTarget, DeleteMountTarget and ModifyMountTargetSecurityGroups, each of which names the EC2 rights
that its caller needs; IAM user guide, "IAM JSON policy elements: Condition" (operators, sets of keys).

Statements that allow are evaluated; anything else in a policy is an error here, so that nothing is taken for allowed unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.simulator.faults import Fault, Parameters
from tests.simulator.names import FUNCTION, LOG_GROUP, LOG_STREAM, REGION, arn

if TYPE_CHECKING:
    from tests.simulator.account import Account

Statement = Mapping[str, Any]

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
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


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
        refused = [one for one in demands(aws, operation, parameters) if not self.may(one)]
        if refused:
            code = "UnauthorizedOperation" if aws.operations[operation][0] == "ec2" else "AccessDeniedException"
            raise Fault(code, f"not authorized to perform {refused[0].action} on {refused[0].resource}")

    def log(self) -> None:
        """What Lambda does with the role in each run; that it may not does not stop the run (Lambda developer guide,
        "Sending Lambda function logs to CloudWatch Logs").
        """
        for action in ("CreateLogStream", "PutLogEvents"):
            self.may(Demand(f"logs:{action}", arn("logs", f"log-group:{LOG_GROUP}:log-stream:{LOG_STREAM}")))

    def may(self, demand: Demand) -> bool:
        """Whether some statement allows it."""
        allowed = any(_allows(one, demand) for one in self.statements)
        if not allowed:
            self.denied.append(demand)
        return allowed


def _allows(statement: Statement, demand: Demand) -> bool:
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown or statement["Effect"] != "Allow":
        raise NotImplementedError(f"the simulator evaluates plain Allow statements only, not {statement}")
    return (
        any(fnmatchcase(demand.action.lower(), one.lower()) for one in _listed(statement["Action"]))
        and any(fnmatchcase(demand.resource, one) for one in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(values), demand.keys)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        )
    )


def _holds(operator: str, key: str, expected: list[str], keys: Mapping[str, str | Sequence[str]]) -> bool:
    """A key that the request lacks fails, but not where "for all values" is said: it has none that does not fit."""
    for_all, _, plain = operator.rpartition(":")
    fits = _FITS[plain]
    if for_all not in ("", "ForAllValues"):
        raise NotImplementedError(operator)
    given = _listed(keys.get(key, []))
    return (bool(given) or bool(for_all)) and all(any(fits(one, each) for each in expected) for one in given)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


# What IAM asks for


def demands(aws: Account, operation: str, given: Parameters) -> Iterator[Demand]:
    """Everything that the caller of the operation must be allowed."""
    service = aws.operations[operation][0]
    if service == "lambda":
        yield Demand("lambda:InvokeFunction", arn("lambda", f"function:{FUNCTION}"))
    elif service == "ec2":
        yield from _of_ec2(aws, operation, given)
    elif service == "efs":
        keys = [tag["Key"] for tag in given.get("Tags", [])] + given.get("TagKeys", [])
        resource = _efs_resource(aws, given)
        of_request = {"aws:TagKeys": keys} if keys else {}
        yield Demand(f"elasticfilesystem:{operation}", resource, of_request | _resource_tags(aws, resource))
        yield from _for_interfaces(aws, operation, given)


def _efs_resource(aws: Account, given: Parameters) -> str:
    """The access point or the file system; of a mount target its file system, for it is no resource of IAM's."""
    if "AccessPointId" in given:
        return arn("elasticfilesystem", f"access-point/{given['AccessPointId']}")
    target = aws.mount_targets.get(given.get("MountTargetId", ""))
    owner = target.description["FileSystemId"] if target else "*"
    return arn("elasticfilesystem", f"file-system/{given.get('FileSystemId') or given.get('ResourceId') or owner}")


def _resource_tags(aws: Account, resource: str) -> dict[str, str]:
    file_system = aws.file_systems.get(resource.rpartition("/")[2])
    tags = file_system.tags[-1][1] if file_system else {}
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}


def _for_interfaces(aws: Account, operation: str, given: Parameters) -> Iterator[Demand]:
    """EFS handles network interfaces with the rights of its caller."""
    if operation == "CreateMountTarget":
        subnet = given["SubnetId"]
        vpc = aws.subnets.get(subnet, {}).get("VpcId", "")
        yield from (_in_region(f"ec2:{one}") for one in ("DescribeSubnets", "DescribeNetworkInterfaces"))
        create = "ec2:CreateNetworkInterface"
        yield _in_region(create, arn("ec2", f"subnet/{subnet}"), vpc)
        yield _in_region(create, arn("ec2", "network-interface/*"), vpc, subnet)
        yield from (
            _in_region(create, arn("ec2", f"security-group/{one}"), vpc) for one in given.get("SecurityGroups", [])
        )
    elif operation in ("DeleteMountTarget", "ModifyMountTargetSecurityGroups"):
        target = aws.mount_targets.get(given["MountTargetId"])
        if target is None:
            return
        modify = operation == "ModifyMountTargetSecurityGroups"
        action = "ec2:ModifyNetworkInterfaceAttribute" if modify else "ec2:DeleteNetworkInterface"
        vpc, subnet = target.description["VpcId"], target.description["SubnetId"]
        interface = arn("ec2", f"network-interface/{target.description['NetworkInterfaceId']}")
        yield _in_region(action, interface, vpc, subnet)
        yield from (
            _in_region(action, arn("ec2", f"security-group/{one}"), vpc) for one in given.get("SecurityGroups", [])
        )


def _of_ec2(aws: Account, operation: str, given: Parameters) -> Iterator[Demand]:
    action = f"ec2:{operation}"
    if operation == "CreateTags":
        targets = {one.description["NetworkInterfaceId"]: one.description for one in aws.mount_targets.values()}
        for name in given["Resources"]:
            place = targets.get(name, {"VpcId": "", "SubnetId": ""})
            keys = [tag["Key"] for tag in given["Tags"]]
            yield _in_region(
                action, arn("ec2", f"network-interface/{name}"), place["VpcId"], place["SubnetId"], tag_keys=keys
            )
    elif operation == "GetManagedPrefixListEntries":
        yield _in_region(action, arn("ec2", f"prefix-list/{given['PrefixListId']}"))
    elif operation == "DescribeVpcAttribute":
        yield _in_region(action, arn("ec2", f"vpc/{given['VpcId']}"))
    else:
        # The other Describe calls know no resources.
        yield _in_region(action)


def _in_region(
    action: str, resource: str = "*", vpc: str = "", subnet: str = "", tag_keys: Sequence[str] = ()
) -> Demand:
    keys: dict[str, str | Sequence[str]] = {"ec2:Region": REGION}
    if vpc:
        keys["ec2:Vpc"] = arn("ec2", f"vpc/{vpc}")
    if subnet:
        keys["ec2:Subnet"] = arn("ec2", f"subnet/{subnet}")
    if tag_keys:
        keys["aws:TagKeys"] = tag_keys
    return Demand(action, resource, keys)
