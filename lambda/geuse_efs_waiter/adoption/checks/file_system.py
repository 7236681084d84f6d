"""Checks of the file system itself: there, usable, encrypted, backed up, with its access points. Pure, no calls."""

from __future__ import annotations

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Observed

# EFS API, LifeCycleState; a state that EFS may add later is not held against the file system.
_UNUSABLE = frozenset({"deleting", "deleted", "error"})
_BACKUP_OFF = frozenset({"DISABLED", "DISABLING"})


def check_place(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The ARN names the region and account of the clients."""
    other_region = desired.region not in (None, observed.region)
    other_account = observed.account is not None and desired.account not in (None, observed.account)
    if not other_region and not other_account:
        return []
    return [
        found(
            "file-system-elsewhere",
            desired.file_system_id,
            actual=f"its ARN names region {desired.region}, account {desired.account}",
            expected=_place(observed),
        )
    ]


def check_existence(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The file system exists in this region and account."""
    if observed.file_system is not None:
        return []
    return [
        found(
            "file-system-not-found",
            desired.file_system_id,
            actual=f"no such file system in {_place(observed)}",
            expected="a file system that exists there",
        )
    ]


def check_state(_wish: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The file system is usable, or will be soon."""
    file_system = observed.file_system
    if file_system is None or file_system.lifecycle_state not in {*_UNUSABLE, "creating"}:
        return []
    creating = file_system.lifecycle_state == "creating"
    return [
        found(
            "file-system-creating" if creating else "file-system-unusable",
            file_system.file_system_id,
            actual=f"life-cycle state {file_system.lifecycle_state}",
            expected="available",
        )
    ]


def check_replication(_desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Clients can write: the destination of a replication is read-only (EFS API, FileSystemProtectionDescription)."""
    file_system = observed.file_system
    if file_system is None or not file_system.replication_destination:
        return []
    return [
        found(
            "replication-destination",
            file_system.file_system_id,
            actual="read-only, as EFS replicates another file system to it (replication overwrite protection REPLICATING)",
            expected="a file system that clients can write to",
        )
    ]


def check_encryption(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The file system is encrypted, with the expected key if one is expected."""
    file_system = observed.file_system
    if file_system is None:
        return []
    if not file_system.encrypted:
        return [found("encryption-off", file_system.file_system_id, actual="not encrypted", expected="encrypted")]
    same = desired.kms_key_arn is None or same_key(desired.kms_key_arn, file_system.kms_key_id)
    if same is True:
        return []
    return [
        found(
            "kms-key-unclear" if same is None else "kms-key-other",
            file_system.file_system_id,
            actual=f"key {file_system.kms_key_id or 'not named by EFS'}",
            expected=f"key {desired.kms_key_arn}",
        )
    ]


def same_key(expected: str, actual: str | None) -> bool | None:
    """Whether two names mean one KMS key; None is not known.

    A name is an ARN or a bare id. An alias may point to any key, and its target may change.
    """
    if actual is None or "alias/" in expected or "alias/" in actual:
        return None
    if expected.startswith("arn:") and actual.startswith("arn:"):
        return expected == actual
    return expected.rpartition("/")[2] == actual.rpartition("/")[2]


def check_backup(_wish: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Automatic backups are on."""
    if observed.file_system is None or observed.backup not in _BACKUP_OFF:
        return []
    return [
        found(
            "backup-off",
            observed.file_system.file_system_id,
            actual=f"backup policy {observed.backup}",
            expected="ENABLED",
        )
    ]


def check_access_points(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The access points belong to the file system."""
    findings = []
    for name in desired.access_point_ids:
        owner = observed.access_points.get(name)
        if owner == desired.file_system_id or (owner is None and observed.is_unreadable(name)):
            continue
        findings.append(
            found(
                "access-point-other" if owner else "access-point-not-found",
                name,
                actual=f"belongs to {owner}" if owner else f"no such access point in {_place(observed)}",
                expected=f"an access point of {desired.file_system_id}",
            )
        )
    return findings


def check_readability(_wish: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Everything could be read."""
    return [
        found(
            "unreadable",
            unread.resource,
            actual=f"{unread.what} not readable ({unread.why})",
            expected=f"{unread.what} readable",
            fix="" if unread.action else "check the id, and try again later or check it by hand",
            action=unread.action,
        )
        for unread in observed.unread
    ]


def _place(observed: Observed) -> str:
    return f"region {observed.region}, account {observed.account or 'unknown'}"
