"""Checks of what other adoptions, and people, have to do with the mount targets. Pure, no calls."""

from __future__ import annotations

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.coverage import coverage
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.adoption.ownership.observed import Observed as ObservedOwnership


def ownership_of(desired: AdoptionSpec, observed: Observed) -> ObservedOwnership:
    """The same observation from the point of view of the adoption: whose each mount target is."""
    return ObservedOwnership(
        own=desired.own_group or "",
        adoptions=observed.adoptions,
        targets=observed.mount_targets,
        carried={target.mount_target_id: frozenset(target.security_groups) for target in observed.mount_targets},
    )


def owned_by(desired: AdoptionSpec, observed: Observed) -> frozenset[str]:
    """The ids of the mount targets that the adoption has created."""
    view, given = ownership_of(desired, observed), frozenset(desired.security_group_ids)
    return frozenset(target.mount_target_id for target in observed.mount_targets if view.owns(target, given))


def check_mount_targets_of_others(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No wanted zone is covered by a mount target that goes with another stack."""
    others = {other.group: other for other in ownership_of(desired, observed).others}
    covering = {target.mount_target_id: target for target in coverage(desired, observed).covered_by.values()}
    return [
        found(
            "mount-target-of-adoption",
            target.mount_target_id,
            actual=f"in {target.availability_zone}, created by the adoption of {others[group]}",
            expected="a mount target that does not go with another stack",
        )
        for target in covering.values()
        for group in sorted(set(target.security_groups) & others.keys())
    ]


def check_given_groups(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No given group is one by which an adoption knows what it has created."""
    return [
        found(
            "security-group-of-adoption",
            group,
            actual=f"given here, and the own group of the adoption of {observed.adoptions[group]}",
            expected="a group that marks nothing",
        )
        for group in sorted(set(desired.security_group_ids) & observed.adoptions.keys())
    ]


def check_changed_mount_targets(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """What carries the own group of an adoption carries nothing else but what that one gives."""
    owned = owned_by(desired, observed)
    findings = []
    for target in observed.mount_targets:
        marks = [one for group, one in observed.adoptions.items() if group in target.security_groups]
        if target.mount_target_id in owned or not marks or any(one.owns(target.security_groups) for one in marks):
            continue
        findings.append(
            found(
                "mount-target-changed",
                target.mount_target_id,
                actual=f"carries {', '.join(target.security_groups)}, of which {', '.join(one.group for one in marks)} "
                f"is the own group of the adoption of {', '.join(map(str, marks))}",
                expected="the own group of one adoption with the groups that it gives, or no such group",
            )
        )
    return findings
