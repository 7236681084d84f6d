"""One adoption case, and the findings that several share."""

from __future__ import annotations

from typing import Any, NamedTuple

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.observed import Observed
from tests.adoption.builders import FS, NFS, C, Change, desired, observed

Found = frozenset[tuple[str, str, str]]
"""Code, severity and resource of each finding."""


class Case(NamedTuple):
    desired: AdoptionSpec
    observed: Observed
    finds: Found
    creates: tuple[str, ...]


def error(code: str, *resources: str) -> Found:
    return frozenset((code, "error", resource) for resource in resources)


def warning(code: str, *resources: str) -> Found:
    return frozenset((code, "warning", resource) for resource in resources)


def missing(*zones: str) -> Found:
    return error("mount-target-missing", *(zones or (C,)))


def case(
    *changes: Change,
    finds: Found = frozenset(),
    creates: tuple[str, ...] = ("c",),
    **wanted: Any,
) -> Case:
    """What is observed is healthy but for the changes, what is desired is usual but for what is wanted.

    Unless another end is given, nothing is found, and a mount target is created in zone c, which has none.
    """
    return Case(desired(**wanted), observed(*changes), finds, creates)


NO_INGRESS = error("ingress-missing", NFS)
UNCLEAR = warning("ingress-unclear", NFS)
OPEN = warning("ingress-open", NFS)
DENIES_CLIENTS = error("policy-denies-clients", FS)
DENIES_MANAGEMENT = error("policy-denies-management", FS)
POLICY_UNCLEAR = warning("policy-unclear", FS)
NEEDS_IAM = warning("policy-needs-iam", FS)
IN_A_AND_B = {"a": "subnet-a1", "b": "subnet-b1"}
