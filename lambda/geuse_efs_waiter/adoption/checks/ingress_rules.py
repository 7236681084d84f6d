"""Who gets through a mount target's security groups to its NFS port. Pure, no calls.

Only ingress counts: security groups are stateful, so answers leave without an egress rule. The rules of all groups of
a network interface are united (VPC user guide, "Security groups"). What could not be read is "unknown", never
"yes" and never "no".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from geuse_efs_waiter.adoption.checks.cidrs import WORLD_V4, WORLD_V6, Network, networks, uncovered
from geuse_efs_waiter.adoption.checks.observed import IngressRule, Observed
from geuse_efs_waiter.adoption.clients import Client

NFS_PORT = 2049
Verdict = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Ingress:
    """The sources that reach tcp 2049.

    Attributes:
        networks: from CIDRs and from the entries of prefix lists.
        group_ids, prefix_list_ids: as the rules name them.
        unread: groups and prefix lists whose content is not known.
    """

    networks: tuple[Network, ...] = ()
    group_ids: frozenset[str] = frozenset()
    prefix_list_ids: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    @property
    def worlds(self) -> tuple[Network, ...]:
        """The address families that are open to everybody."""
        return tuple(world for world in (WORLD_V4, WORLD_V6) if not uncovered(world, self.networks))

    @property
    def admits_none(self) -> bool:
        """Whether it is certain that no client gets in."""
        return not (self.networks or self.group_ids or self.prefix_list_ids or self.unread)


def ingress_of(group_ids: Iterable[str], observed: Observed) -> Ingress:
    """What the groups admit together."""
    wanted = list(group_ids)
    rules = [
        rule
        for group_id in wanted
        if group_id in observed.security_groups
        for rule in observed.security_groups[group_id].ingress
        if _reaches_nfs(rule)
    ]
    lists = sorted({name for rule in rules for name in rule.prefix_list_ids})
    entries = {name: observed.prefix_lists.get(name) for name in lists}
    cidrs = [cidr for rule in rules for cidr in (*rule.cidrs, *rule.cidrs_v6)]
    cidrs += [cidr for known in entries.values() for cidr in known or ()]
    unread = [group_id for group_id in wanted if group_id not in observed.security_groups]
    return Ingress(
        networks(cidrs),
        frozenset(group for rule in rules for group in rule.group_ids),
        frozenset(lists),
        (*unread, *(name for name, known in entries.items() if known is None)),
    )


def _reaches_nfs(rule: IngressRule) -> bool:
    if rule.protocol == "-1":
        return True
    # Port -1 stands for every port, as EC2 writes it for protocols other than tcp and udp.
    low = 0 if rule.from_port in (None, -1) else rule.from_port
    high = 65535 if rule.to_port in (None, -1) else rule.to_port
    return rule.protocol in ("tcp", "6") and (low or 0) <= NFS_PORT <= (high or 0)


def admits(ingress: Ingress, client: Client, observed: Observed, *, ipv6_only: bool = False) -> tuple[Verdict, str]:
    """Whether a client gets in, and in words what stands against it.

    Args:
        ingress: what the groups admit.
        client: who wants in.
        observed: for the entries of the client's prefix list.
        ipv6_only: whether the mount target has no IPv4 address.
    """
    if client.kind == "security_group":
        return _admits_group(ingress, client.value, WORLD_V6 if ipv6_only else WORLD_V4)
    if client.kind == "prefix_list":
        return _admits_list(ingress, client.value, observed)
    return _admits_networks(ingress, networks([client.value]))


def _admits_group(ingress: Ingress, group_id: str, world: Network) -> tuple[Verdict, str]:
    if group_id in ingress.group_ids or world in ingress.worlds:
        return "yes", ""
    if ingress.unread:
        return "unknown", f"{', '.join(ingress.unread)} could not be read"
    if ingress.networks:
        # Its members may all have addresses in there. Where they are is not known before they run.
        return "unknown", "the rules name addresses, which may or may not be those of its members"
    return "no", "no rule names it"


def _admits_list(ingress: Ingress, name: str, observed: Observed) -> tuple[Verdict, str]:
    if name in ingress.prefix_list_ids or len(ingress.worlds) == len((WORLD_V4, WORLD_V6)):
        return "yes", ""
    entries = observed.prefix_lists.get(name)
    if entries is not None:
        return _admits_networks(ingress, networks(entries))
    if ingress.networks or ingress.unread:
        return "unknown", "its entries could not be read"
    return "no", "no rule names it or an address"


def _admits_networks(ingress: Ingress, wanted: Iterable[Network]) -> tuple[Verdict, str]:
    left = [part for network in wanted for part in uncovered(network, ingress.networks)]
    if not left:
        return "yes", ""
    if ingress.unread:
        return "unknown", f"{', '.join(ingress.unread)} could not be read"
    return "no", f"no rule covers {_some(left)}"


def _some(parts: list[Network], most: int = 3) -> str:
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(map(str, parts[:most])) + more
