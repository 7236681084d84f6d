"""What every test needs: the CDK quiet and fast, its output in pytest's own folders, and the same inputs in every run."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from aws_cdk import App

    from local.emulator.local_aws import LocalAws

# Read by the Node process behind the CDK when it starts. tests/construct/test_strict_validation.py turns it on again.
os.environ["CDK_VALIDATION"] = "false"
# What the CDK is going to remove would print a warning at every synth of a user.
os.environ.setdefault("JSII_DEPRECATED", "fail")

# `make test` draws no random numbers: what it finds, it finds in every run. `make soak` draws new ones (tests/soak.py).
_SHARED: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "print_blob": True,
    # Each example makes an account of its own; what the fixtures give is the same for all.
    "suppress_health_check": [hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("gate", derandomize=True, **_SHARED)
hypothesis.settings.register_profile("soak", derandomize=False, **_SHARED)
hypothesis.settings.load_profile("gate")

# The handler makes its EFS client when it is imported, as Lambda wants it.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

# Tests that go the same ways a thousand times, or have another process go them.
_UNTRACED = {
    "fault_injection",
    "malformed_input",
    "integration",
    "examples",
    "simulator",
    "local",
    "project",
    "permissions",
    "ownership",
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Trace for coverage only where it is the point: it more than doubles the time of pure Python.

    What only the others reach does not count as covered, so the bar is higher, not lower.
    """
    if _UNTRACED.isdisjoint(item.path.relative_to(Path(__file__).parent).parts):
        return (yield)
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture
def quiet() -> Iterator[None]:
    """For tests that log hundreds of lines, or any character: pytest-xdist breaks down on some."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    """One local AWS for all tests; each resets it. With IAM evaluation: a right that is missing fails as it would on AWS."""
    # Here, as the lowest versions (tests/lowest_versions.py) are tried without MiniStack, which pins botocore.
    from local.emulator.local_aws import LocalAws  # noqa: PLC0415

    with LocalAws(auth=True) as aws:
        yield aws


@pytest.fixture
def new_app(tmp_path: Path) -> Callable[..., App]:
    """Makes apps that write below the test's folder, and not beside it in the system's."""
    # Here, so that tests without the CDK do not start Node.
    from aws_cdk import App  # noqa: PLC0415

    numbers = count()

    def make(context: dict[str, Any] | None = None) -> App:
        return App(context=context, outdir=str(tmp_path / f"cdk.out.{next(numbers)}"))

    return make
