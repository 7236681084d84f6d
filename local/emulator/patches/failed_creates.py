"""A custom resource whose create failed is deleted, with the physical id of its failed answer.

Source: CloudFormation guide, custom resource request types; aws-cdk#28996 tells how the Provider framework gets in its way.
MiniStack sends no Delete then.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import time
from importlib import import_module
from typing import Any


def install() -> None:
    """Remember failed creates with their answers, and hand them to the rollback."""
    _record_failed_creates()
    _roll_back_failed_creates()


def _record_failed_creates() -> None:
    endpoint: Any = import_module("ministack.services.cloudformation.custom_resource")
    cloudformation: Any = import_module("ministack.services.cloudformation")
    deliver, invoke = endpoint.deliver_response, endpoint.invoke_custom_resource
    answered: dict[tuple[str, str], str] = {}

    def deliver_response(token: str, response: dict[str, Any]) -> bool:
        key = str(response.get("StackId")), str(response.get("LogicalResourceId"))
        answered[key] = str(response.get("PhysicalResourceId") or "")
        return bool(deliver(token, response))

    def invoke_custom_resource(  # noqa: PLR0917 (the signature that MiniStack calls)
        request_type: str,
        logical_id: str,
        props: dict[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        **more: Any,
    ) -> Any:
        try:
            return invoke(request_type, logical_id, props, stack_name, stack_id, resource_type, **more)
        except (RuntimeError, TimeoutError):
            if request_type == "Create":
                cloudformation._stacks[stack_name]["_resources"][logical_id] = {
                    # CloudFormation invents one where none was answered.
                    "PhysicalResourceId": answered.get((stack_id, logical_id)) or f"{stack_name}-{logical_id}-INVENTED",
                    "LogicalResourceId": logical_id,
                    "ResourceType": resource_type,
                    "ResourceStatus": "CREATE_FAILED",
                    "Properties": props,
                    "Attributes": {},
                    "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                }
            raise

    endpoint.deliver_response = deliver_response
    endpoint.invoke_custom_resource = invoke_custom_resource


def _roll_back_failed_creates() -> None:
    stacks: Any = import_module("ministack.services.cloudformation.stacks")
    # The stack engine and the RollbackStack operation each hold a name for it.
    handlers: Any = import_module("ministack.services.cloudformation.handlers")
    roll_back = stacks._roll_back_operation

    async def roll_back_with_failed(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *more: Any, **options: Any
    ) -> Any:
        failed_id = operation.get("failed_logical_id")
        record = stack.get("_resources", {}).get(failed_id, {})
        if record.get("ResourceStatus") == "CREATE_FAILED" and failed_id not in operation["created"]:
            operation["created"].append(failed_id)
        return await roll_back(stack_name, stack_id, stack, operation, *more, **options)

    stacks._roll_back_operation = handlers._roll_back_operation = roll_back_with_failed
