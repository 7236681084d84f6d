"""Security groups and subnets that a network interface still uses cannot be deleted.

MiniStack deletes them; EC2 answers DependencyViolation (EC2 API reference, DeleteSecurityGroup and DeleteSubnet). It is what
makes the order of a deletion matter: mount targets first, and waited for.
CloudFormation repeats such a deletion for minutes before it gives up; here it fails at once, so that a test sees it.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

Handler = Callable[..., Any]


def install(settle: Callable[[], None]) -> None:
    """Refuse these deletions, in requests and in MiniStack's CloudFormation.

    Args:
        settle: Brings mount targets up to date, so that an interface that is due to leave is gone.
    """
    ec2: Any = import_module("ministack.services.ec2")
    provisioners: Any = import_module("ministack.services.cloudformation.provisioners")

    def violation(resource_id: str) -> str | None:
        settle()
        users = [r["NetworkInterfaceId"] for r in ec2._network_interfaces.values() if resource_id in _used_by(r)]
        return f"resource {resource_id} has a dependent object: {', '.join(users)}" if users else None

    def refusing_request(parameter: str, delete: Handler) -> Handler:
        def handle(params: Any) -> Any:
            text = violation(ec2._p(params, parameter))
            return ec2._error("DependencyViolation", text, 400) if text else delete(params)

        return handle

    def refusing_resource(delete: Handler) -> Handler:
        def handle(physical_id: str, *args: Any) -> Any:
            if text := violation(physical_id):
                raise ValueError(text)
            return delete(physical_id, *args)

        return handle

    for name, parameter in (("SecurityGroup", "GroupId"), ("Subnet", "SubnetId")):
        ec2._ACTION_MAP[f"Delete{name}"] = refusing_request(parameter, ec2._ACTION_MAP[f"Delete{name}"])
        resource = provisioners._RESOURCE_HANDLERS[f"AWS::EC2::{name}"]
        resource["delete"] = refusing_resource(resource["delete"])


def _used_by(interface: dict[str, Any]) -> list[str]:
    """The security groups and the subnet of an interface."""
    return [interface["SubnetId"], *(group["GroupId"] for group in interface.get("Groups", []))]
