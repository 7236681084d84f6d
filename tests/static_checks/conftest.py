"""Templates of all stacks and of the bad one, synthesised once for all workers."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.static_checks.synthesis import Synthesis, read, synthesise


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that every worker of this run sees."""
    own = tmp_path_factory.getbasetemp()
    # Each file of tests may have another worker.
    return own if worker_id == "master" else own.parent


def _once(folder: Path, module: str) -> Synthesis:
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return read(folder) if folder.exists() else synthesise(folder, module)


@pytest.fixture(scope="session")
def all_stacks(shared: Path) -> Synthesis:
    return _once(shared / "checked-stacks", "tests.static_checks.all_stacks")


@pytest.fixture(scope="session")
def bad(shared: Path) -> Synthesis:
    return _once(shared / "bad-stack", "tests.static_checks.bad_stack")
