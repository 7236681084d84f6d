"""Arithmetic with CIDRs: what of one network is left when others are taken out of it. Pure, no calls."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeVar

N = TypeVar("N", ipaddress.IPv4Network, ipaddress.IPv6Network)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WORLD_V4 = ipaddress.IPv4Network("0.0.0.0/0")
WORLD_V6 = ipaddress.IPv6Network("::/0")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks of either family; host bits are cleared, as EC2 does.

    Raises:
        ValueError: if a text is no CIDR.
    """
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def uncovered(wanted: Network, by: Iterable[Network]) -> tuple[Network, ...]:
    """The parts of a network that no other network covers, in order; nothing if it is covered.

    Several networks may cover it together, as 0.0.0.0/1 and 128.0.0.0/1 cover 0.0.0.0/0. A network of the other
    family covers nothing.
    """
    if isinstance(wanted, ipaddress.IPv4Network):
        return tuple(_left(wanted, [network for network in by if isinstance(network, ipaddress.IPv4Network)]))
    return tuple(_left(wanted, [network for network in by if isinstance(network, ipaddress.IPv6Network)]))


def _left(wanted: N, by: list[N]) -> list[N]:
    left = [wanted]
    for taken in by:
        left = [part for piece in left for part in _without(piece, taken)]
    return sorted(left)


def _without(piece: N, taken: N) -> list[N]:
    if not piece.overlaps(taken):
        return [piece]
    return [] if piece.subnet_of(taken) else list(piece.address_exclude(taken))
