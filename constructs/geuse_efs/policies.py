"""IAM policies as JSON, and the ARNs in them: written in Python, because each object of the CDK is a question (ADR 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsii
from aws_cdk import IResolvable, IStableAnyProducer, Lazy, Stack


@dataclass(frozen=True)
class Place:
    """Where a stack is deployed to; each part may be a token."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, stack: Stack) -> Place:
        """The place of the stack."""
        return cls(stack.partition, stack.region, stack.account)

    def ec2_arn(self, resource: str, name: str = "*", *, account: str | None = None) -> str:
        """The ARN of a resource of EC2; of every one of its kind without a name, of this account unless told."""
        return f"arn:{self.partition}:ec2:{self.region}:{account or self.account}:{resource}/{name}"

    def subnet_arns(self, subnet_ids: Iterable[str]) -> list[str]:
        """The ARNs of these subnets."""
        return [self.ec2_arn("subnet", name) for name in subnet_ids]


def allow(
    sid: str,
    actions: str | Sequence[str],
    resources: str | Sequence[str],
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """A statement that allows the actions, in the form in which the CDK writes it: one of several stands alone."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": _one_or_several(actions),
        "Resource": _one_or_several(resources),
        **({"Condition": conditions} if conditions else {}),
    }


def _one_or_several(given: str | Sequence[str]) -> str | list[str]:
    several = [given] if isinstance(given, str) else list(given)
    return several[0] if len(several) == 1 else several


def document(statements: Any) -> dict[str, Any]:
    """A policy of these statements, or of a token for them."""
    return {"Version": "2012-10-17", "Statement": statements}


@jsii.implements(IStableAnyProducer)
class _Producer:
    def __init__(self, value: Callable[[], Any]) -> None:
        self._value = value

    def produce(self) -> Any:
        return self._value()


def lazily(value: Callable[[], Any]) -> IResolvable:
    """What is asked for at synthesis, when every file system and tag is known."""
    return Lazy.any(_Producer(value))
