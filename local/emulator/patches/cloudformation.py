"""What CloudFormation does around single resources, where MiniStack does not.

- Delete is sent to a custom resource whose create failed, with the physical id the failed answer gave (CloudFormation
  guide, custom resource request types; aws-cdk#28996 tells how the Provider framework gets in its way).
- `Fn::GetAtt` gives the CidrBlock of a VPC (CloudFormation resource reference, AWS::EC2::VPC).
- A deleted AWS::EFS::MountTarget is waited for, because its file system cannot be deleted before it is gone.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from local.emulator.patches.mount_targets import MountTargets

Handler = Callable[..., Any]


def install(mount_targets: MountTargets) -> None:
    """Put these behaviours on top of MiniStack's CloudFormation."""
    stacks: Any = import_module("ministack.services.cloudformation.stacks")
    provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
    # The stack engine and the RollbackStack operation each hold a name for it.
    handlers: Any = import_module("ministack.services.cloudformation.handlers")
    stacks._roll_back_operation = handlers._roll_back_operation = _deleting_failed_creates(stacks._roll_back_operation)
    stacks._runs_on_worker_thread = _including_mount_targets(stacks._runs_on_worker_thread)
    vpc = provisioners._RESOURCE_HANDLERS["AWS::EC2::VPC"]
    for name in ("create", "update"):
        vpc[name] = _with_cidr_block(vpc[name])
    mount_target = provisioners._RESOURCE_HANDLERS["AWS::EFS::MountTarget"]
    mount_target["delete"] = _waiting(mount_target["delete"], mount_targets)


def _deleting_failed_creates(roll_back: Handler) -> Handler:
    async def roll_back_with_failed(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        failed_id = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed_id, {})
        if record.get("ResourceStatus") == "CREATE_FAILED" and failed_id not in operation["created"]:
            operation["created"].append(failed_id)
        return await roll_back(stack_name, stack_id, stack, operation, *args, **kwargs)

    return roll_back_with_failed


def _including_mount_targets(runs_on_worker_thread: Callable[[str], bool]) -> Callable[[str], bool]:
    # Waiting on the event loop would stop the server.
    return lambda resource_type: resource_type == "AWS::EFS::MountTarget" or runs_on_worker_thread(resource_type)


def _with_cidr_block(handler: Handler) -> Handler:
    ec2: Any = import_module("ministack.services.ec2")

    def handle(*args: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        vpc_id, attributes = handler(*args, **kwargs)
        return vpc_id, {**attributes, "CidrBlock": ec2._vpcs[vpc_id]["CidrBlock"]}

    return handle


def _waiting(delete: Handler, mount_targets: MountTargets) -> Handler:
    def delete_and_wait(physical_id: str, props: dict[str, Any]) -> None:
        delete(physical_id, props)
        mount_targets.wait_until_gone(physical_id)

    return delete_and_wait
