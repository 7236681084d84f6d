from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geuse_efs_waiter.adoption.checks.cidrs import WORLD_V4, WORLD_V6, networks, uncovered

# All blocks within 16 addresses, so that a set of addresses is the oracle.
_BASES = {4: int(ipaddress.IPv4Address("10.0.0.16")), 6: int(ipaddress.IPv6Address("2600::10"))}


def block(version: int, start: int, bits: int) -> Any:
    kind: Any = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    return kind((_BASES[version] + (start >> bits << bits), (32 if version == 4 else 128) - bits))


blocks = st.tuples(st.integers(0, 15), st.integers(0, 4))


@settings(deadline=None)
@given(st.sampled_from([4, 6]), blocks, st.lists(blocks, max_size=8))
def test_what_is_left_is_what_a_set_of_addresses_would_have_left(version: int, wanted: Any, by: Any) -> None:
    whole, others = block(version, *wanted), [block(version, *one) for one in by]
    left = uncovered(whole, others)
    expected = set(whole).difference(*others)
    assert {address for part in left for address in part} == expected
    assert sum(part.num_addresses for part in left) == len(expected)


@given(blocks, st.lists(blocks, max_size=8))
def test_the_other_family_covers_nothing(wanted: Any, by: Any) -> None:
    whole = block(4, *wanted)
    assert uncovered(whole, [WORLD_V6, *(block(6, *one) for one in by)]) == (whole,)


@given(st.integers(0, 32), st.randoms())
def test_all_parts_of_the_world_in_any_order_are_the_world(prefix: int, random: Any) -> None:
    # One block of each size beside 0.0.0.0, and 0.0.0.0 itself: as many parts as bits.
    parts = [
        ipaddress.IPv4Network((0, prefix)),
        *(ipaddress.IPv4Network((1 << 32 - n, n)) for n in range(1, prefix + 1)),
    ]
    random.shuffle(parts)
    assert uncovered(WORLD_V4, parts) == ()
    if prefix:
        parts.pop()
        assert uncovered(WORLD_V4, parts) != ()


def test_host_bits_are_cleared_as_ec2_does_and_a_text_that_is_no_cidr_is_refused() -> None:
    assert networks(["10.0.0.7/24", "2600::1/64"]) == tuple(map(ipaddress.ip_network, ("10.0.0.0/24", "2600::/64")))
    with pytest.raises(ValueError, match="nonsense"):
        networks(["nonsense"])
