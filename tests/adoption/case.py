"""What one adoption case is, and the expectations that several share."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.adoption.clients import Client
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    NFS,
    C,
)

E, W = "error", "warning"
Expected = set[tuple[str, str, str]]


class Case(NamedTuple):
    name: str
    desired: AdoptionSpec
    observed: Observed
    expected: Collection[tuple[str, str, str]] = frozenset()
    to_create: tuple[str, ...] = ("c",)


def clients(*texts: str) -> dict[str, Any]:
    return {"clients": tuple(map(Client.parse, texts))}


def missing(zone: str = C) -> Expected:
    return {("mount-target-missing", E, zone)}


NO_INGRESS: Expected = {("ingress-missing", E, NFS)}
UNCLEAR: Expected = {("ingress-unclear", W, NFS)}
OPEN: Expected = {("ingress-open", W, NFS)}
OFF: Expected = set()
IPV6 = {"ip_address": None, "ipv6_address": "2600::4"}
ROLE_ROOT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
NOT_TLS = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
VIA_TARGET = {"Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}}
DENIES_CLIENTS: Expected = {("policy-denies-clients", E, FS)}
DENIES_MANAGEMENT: Expected = {("policy-denies-management", E, FS)}
POLICY_UNCLEAR: Expected = {("policy-unclear", W, FS)}
IN_A_AND_B = {"subnets": {"a": "subnet-a1", "b": "subnet-b1"}}
