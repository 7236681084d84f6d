"""A stack that takes any event, and what must hold after each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# The handler makes its EFS client when it is imported, as Lambda wants it.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from tests.simulator.simulation import Simulation, simulate

FIXED = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is logged may hold any character, and pytest-xdist breaks down on some: only tests of the log have one."""
    if "caplog" not in request.fixturenames:
        logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world() -> Iterator[Simulation]:
    """A lab with a file system that has a mount target of somebody else's."""
    with simulate() as made:
        yield made
