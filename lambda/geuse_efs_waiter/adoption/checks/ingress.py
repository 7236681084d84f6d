"""Checks of the security groups on mount targets that this adoption does not own. Pure, no calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.coverage import coverage
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.ingress_rules import Ingress, Verdict, admits, ingress_of
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.models import MountTargetResource


@dataclass(frozen=True, slots=True)
class _Gate:
    """Mount targets that carry the same groups, evaluated once."""

    group_ids: tuple[str, ...]
    targets: tuple[str, ...]
    ipv6_only: bool

    @property
    def groups(self) -> str:
        return ", ".join(self.group_ids)


def check_ingress(desired: AdoptionSpec, observed: Observed, owned: Collection[str] = ()) -> list[Finding]:
    """The groups of each mount target that covers a wanted zone let in the clients, and not the world.

    Args:
        desired: what is wanted.
        observed: one observation, made for it.
        owned: ids of the mount targets that this adoption owns: CloudFormation makes the rules in their groups.
    """
    targets = [
        target for target in coverage(desired, observed).covered_by.values() if target.mount_target_id not in owned
    ]
    findings = [_without_groups(target, observed) for target in targets if not target.security_groups]
    for gate in _gates([target for target in targets if target.security_groups]):
        ingress = ingress_of(gate.group_ids, observed)
        findings += _unread_groups(gate, observed)
        findings += _clients(gate, ingress, desired, observed)
        findings += _open(gate, ingress)
        if not desired.clients and ingress.admits_none:
            findings.append(_closed(gate))
    return [finding for finding in findings if finding is not None]


def _gates(targets: list[MountTargetResource]) -> list[_Gate]:
    alike = defaultdict(set)
    for target in targets:
        ipv6_only = target.ip_address is None and target.ipv6_address is not None
        alike[tuple(sorted(target.security_groups)), ipv6_only].add(target.mount_target_id)
    return [_Gate(groups, tuple(sorted(names)), ipv6_only) for (groups, ipv6_only), names in alike.items()]


def _clients(gate: _Gate, ingress: Ingress, desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    answers: dict[Verdict, list[str]] = defaultdict(list)
    for client in dict.fromkeys(desired.clients):
        verdict, why = admits(ingress, client, observed, ipv6_only=gate.ipv6_only)
        answers[verdict].append(f"{client.value} ({why})")
    codes: dict[Verdict, str] = {"no": "ingress-missing", "unknown": "ingress-unclear"}
    words: dict[Verdict, str] = {"no": "not admitted to", "unknown": "perhaps not admitted to"}
    return [
        found(
            codes[verdict],
            gate.groups,
            actual=f"{words[verdict]} {', '.join(gate.targets)}: {', '.join(answers[verdict])}",
            expected="ingress tcp 2049 from every client",
            groups=f"{'one of ' if gate.group_ids[1:] else ''}{gate.groups}",
        )
        for verdict in codes
        if answers[verdict]
    ]


def _open(gate: _Gate, ingress: Ingress) -> list[Finding]:
    return [
        found(
            "ingress-open",
            gate.groups,
            actual=f"{world} admitted to {', '.join(gate.targets)}",
            expected="ingress tcp 2049 from the clients only",
        )
        for world in ingress.worlds
    ]


def _closed(gate: _Gate) -> Finding:
    return found(
        "ingress-none",
        gate.groups,
        actual=f"no client admitted to {', '.join(gate.targets)}, and none declared",
        expected="ingress tcp 2049 from the clients",
    )


def _unread_groups(gate: _Gate, observed: Observed) -> list[Finding]:
    # A refused call is reported already, once for all groups.
    unknown = [
        name for name in gate.group_ids if name not in observed.security_groups and not observed.is_unreadable(name)
    ]
    return [
        found(
            "unreadable",
            name,
            actual=f"security group of {', '.join(gate.targets)} is not listed",
            expected="a security group that can be read",
            fix="check it by hand: it may belong to another account",
        )
        for name in unknown
    ]


def _without_groups(target: MountTargetResource, observed: Observed) -> Finding | None:
    if observed.is_unreadable(target.mount_target_id):
        return None
    return found(
        "unreadable",
        target.mount_target_id,
        actual="its security groups are not listed",
        expected="a network interface that can be read",
        fix="check by hand that its security groups admit the clients on tcp 2049",
    )
