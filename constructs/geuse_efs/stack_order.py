"""Which stack is deployed before which, and where: what decides on which side a rule of two stacks can be."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack, Stage
from constructs import IConstruct


def environment_of(construct: IConstruct) -> tuple[str, str, str]:
    """The stage, the account and the region of a construct."""
    stage, stack = Stage.of(construct), Stack.of(construct)
    return stage.node.path if stage else "", stack.account, stack.region


def stacks_of(construct: IConstruct) -> list[str]:
    """The paths of the construct's stack and of those that it is nested in, outermost first."""
    stack: Stack | None = Stack.of(construct)
    paths: list[str] = []
    while stack is not None:
        paths.insert(0, stack.node.addr)
        stack = stack.nested_stack_parent
    return paths


def stacks_before(construct: IConstruct) -> set[str]:
    """The stacks that the construct's stack is said to be deployed after, ``stack.node.add_dependency(other)``."""
    found: set[str] = set()
    ahead = [Stack.of(construct)]
    while ahead:
        last = ahead.pop()
        for stack in (*last.dependencies, *map(Stack.of, last.node.dependencies)):
            if stack.node.addr not in found:
                found.add(stack.node.addr)
                ahead.append(stack)
    return found


def shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many stacks the two have in common, from outside."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
