"""The two places that the contract holds for; the local AWS is one server for all of its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.backends import Backend, LocalBackend, SimulatorBackend


@pytest.fixture(params=["lab", "local"])
def place(request: pytest.FixtureRequest) -> Backend:
    """One of the two, as new."""
    if request.param == "lab":
        return SimulatorBackend()
    return LocalBackend(request.getfixturevalue("local_aws"))


@pytest.fixture
def lab_place() -> SimulatorBackend:
    """The simulator alone: for what the local AWS does otherwise, and the waiter does not depend on."""
    return SimulatorBackend()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a function of the simulator finds its requests, as its environment says."""
    monkeypatch.setenv("REQUESTS", str(tmp_path / "requests"))
    return tmp_path
