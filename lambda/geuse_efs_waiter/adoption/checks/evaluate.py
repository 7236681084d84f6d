"""Evaluates one observation: every check, every finding, and what adoption would do. Pure, no calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks import adoptions, file_system, ingress, network, policy, zones
from geuse_efs_waiter.adoption.checks.coverage import coverage, creatable
from geuse_efs_waiter.adoption.checks.findings import Finding, Findings
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.models import MountTargetResource

Check = Callable[[AdoptionSpec, Observed], list[Finding]]

CHECKS: tuple[Check, ...] = (
    file_system.check_place,
    file_system.check_existence,
    file_system.check_state,
    file_system.check_replication,
    file_system.check_encryption,
    file_system.check_backup,
    file_system.check_access_points,
    file_system.check_readability,
    network.check_vpc_exists,
    network.check_vpc,
    network.check_subnets_exist,
    network.check_free_addresses,
    network.check_public_subnets,
    network.check_dns,
    zones.check_one_subnet_per_zone,
    zones.check_one_zone,
    zones.check_zones_served,
    zones.check_coverage,
    zones.check_failed_targets,
    policy.check_denials,
    policy.check_allowance,
    adoptions.check_mount_targets_of_others,
    adoptions.check_given_groups,
    adoptions.check_changed_mount_targets,
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What an observation means for the desired state.

    Attributes:
        findings: all of them, with the user's severities in force.
        to_create: the zone keys where a mount target is missing and would be created, one an AZ.
        covered_by: the mount target of each zone key that has one, usable now or soon.
    """

    findings: Findings
    to_create: tuple[str, ...]
    covered_by: Mapping[str, MountTargetResource]


def evaluate(desired: AdoptionSpec, observed: Observed) -> CheckResult:
    """Evaluate everything and report everything.

    Args:
        desired: what is wanted.
        observed: one observation, made for it.

    Returns:
        The findings and what follows from them. A lowered severity silences a finding, it does not make the impossible
        possible: a zone may then be neither covered nor to be created.
    """
    findings = [finding for check in CHECKS for finding in check(desired, observed)]
    # CloudFormation makes the rules in the groups of what the adoption has created.
    findings += ingress.check_ingress(desired, observed, adoptions.owned_by(desired, observed))
    reported = Findings.of(desired.file_system_id, findings, desired.severities)
    return CheckResult(reported, creatable(desired, observed), coverage(desired, observed).covered_by)
