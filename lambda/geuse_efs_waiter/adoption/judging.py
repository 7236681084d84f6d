"""Judges one look: every check, every finding, and what adoption would do. Pure, no calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from geuse_efs_waiter.adoption import (
    checks_file_system,
    checks_ingress,
    checks_network,
    checks_policy,
)
from geuse_efs_waiter.adoption.findings import Finding, Findings
from geuse_efs_waiter.adoption.seen import Seen
from geuse_efs_waiter.adoption.wish import AdoptionWish
from geuse_efs_waiter.adoption.zones import coverage, creatable
from geuse_efs_waiter.models import MountTargetResource

Check = Callable[[AdoptionWish, Seen], list[Finding]]

CHECKS: tuple[Check, ...] = (
    checks_file_system.check_place,
    checks_file_system.check_existence,
    checks_file_system.check_state,
    checks_file_system.check_encryption,
    checks_file_system.check_backup,
    checks_file_system.check_access_points,
    checks_file_system.check_readability,
    checks_network.check_vpc,
    checks_network.check_subnets_exist,
    checks_network.check_one_subnet_a_zone,
    checks_network.check_free_addresses,
    checks_network.check_public_subnets,
    checks_network.check_dns,
    checks_network.check_one_zone,
    checks_network.check_coverage,
    checks_network.check_failed_targets,
    checks_policy.check_denials,
    checks_policy.check_allowance,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a look means for a wish.

    Attributes:
        findings: all of them, with the user's severities in force.
        to_create: the zone keys where a mount target is missing and would be created, one an AZ.
        covered_by: the mount target of each zone key that has one, usable now or soon.
    """

    findings: Findings
    to_create: tuple[str, ...]
    covered_by: Mapping[str, MountTargetResource]


def judge(wish: AdoptionWish, seen: Seen, ours: Collection[str] = frozenset()) -> Judgement:
    """Judge everything and report everything.

    Args:
        wish: what is wanted.
        seen: one look, made for this wish.
        ours: ids of the mount targets that our ledger lists; their security groups are our own business.

    Returns:
        The judgement. A lowered severity silences a finding, it does not make the impossible possible: a zone may
        then be neither covered nor to be created.
    """
    told = [finding for check in CHECKS for finding in check(wish, seen)]
    told += checks_ingress.check_ingress(wish, seen, ours)
    findings = Findings.of(wish.file_system_id, told, wish.severities)
    return Judgement(findings, creatable(wish, seen), coverage(wish, seen).covered_by)
