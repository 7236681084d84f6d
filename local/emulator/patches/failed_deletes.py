"""What a resource depends on stays when its deletion has failed.

CloudFormation deletes a resource after those that depend on it, and leaves it alone if one of those could not be deleted; it
has no event then, here it has DELETE_FAILED. MiniStack deletes it. Source: CloudFormation guide, "Delete a stack from the
CloudFormation console", where even a forced deletion retains the dependencies of what failed.
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

from importlib import import_module
from typing import Any


def install() -> None:
    """Refuse to delete what a resource of the stack that is still there depends on."""
    cloudformation: Any = import_module("ministack.services.cloudformation")
    stacks: Any = import_module("ministack.services.cloudformation.stacks")
    delete = stacks._delete_resource

    def delete_resource(
        kind: str, physical_id: str, properties: dict[str, Any], stack_name: str, logical_id: str
    ) -> Any:
        stack = cloudformation._stacks.get(stack_name, {})
        if stack.get("StackStatus") == "DELETE_IN_PROGRESS":
            # Those that depend on it come before it: one that is still there has failed.
            left, defined = set(stack["_resources"]), stack["_template"]["Resources"]
            for other in left - {logical_id}:
                if logical_id in stacks._with_dependencies([other], defined, left):
                    raise RuntimeError(f"{other} depends on it and could not be deleted")
        return delete(kind, physical_id, properties, stack_name, logical_id)

    stacks._delete_resource = delete_resource
