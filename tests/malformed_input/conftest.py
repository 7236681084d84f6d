"""A simulation that takes any event."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.malformed_input.sending import prepared
from tests.simulator.simulation import Simulation


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    """A file system of another owner, with a mount target in zone a."""
    with prepared() as made:
        yield made
