"""Makes the command importable, and a fake AWS at hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

# pyproject's pythonpath says the same; here for a run that has another configuration.
_CLI = str(Path(__file__).parents[2] / "cli")
if _CLI not in sys.path:
    sys.path.append(_CLI)

from tests.adoption.fake_aws import FakeAws  # noqa: E402


@pytest.fixture
def fake() -> FakeAws:
    """An AWS with one healthy file system, its network, and one free zone."""
    return FakeAws()
