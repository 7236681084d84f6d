"""Starts the scenarios of the claims that were collected, all at once, each in a network of its own.

The files are called claims_….py, so that `make test` leaves them alone; `make machine` runs them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.machine.lab import Lab
from tests.machine.machine import Boot

Scenario = Callable[[Lab], list[Boot]]
PACKAGES = Path(__file__).parents[2] / ".machine" / "packages"
_RUNS = pytest.StashKey[dict[str, "Future[list[Boot]]"]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "scenario(run): the boots that the claim is about")


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    scenarios = {scenario.__qualname__: scenario for item in session.items if (scenario := _scenario(item))}
    if not scenarios:
        return
    if reason := _unable():
        if os.environ.get("REQUIRE_MACHINE"):
            pytest.exit(f"the machine is required, and cannot run: {reason}", returncode=1)
        pytest.exit(f"skipped: the machine cannot run: {reason}", returncode=0)
    pool = ThreadPoolExecutor(len(scenarios))
    session.stash[_RUNS] = {name: pool.submit(_run, scenario) for name, scenario in scenarios.items()}


@pytest.fixture
def boots(request: pytest.FixtureRequest) -> list[Boot]:
    """The boots of the claim's scenario, each of which ended by itself."""
    scenario = _scenario(request.node)
    assert scenario, "the claim has no scenario"
    boots = request.session.stash[_RUNS][scenario.__qualname__].result()
    for boot in boots:
        assert boot.finished, f"the machine did not turn itself off:\n{boot}"
    return boots


@pytest.fixture
def boot(boots: list[Boot]) -> Boot:
    """The only boot of the scenario."""
    (boot,) = boots
    return boot


def _scenario(item: pytest.Item) -> Scenario | None:
    marker = item.get_closest_marker("scenario")
    return marker.kwargs["run"] if marker else None


def _run(scenario: Scenario) -> list[Boot]:
    # Not below the checkout: the kernel makes a socket there, whose path is limited to 108 bytes.
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        lab = Lab(Path(folder), PACKAGES)
        try:
            return scenario(lab)
        finally:
            lab.close()


def _unable() -> str:
    """Why the machine cannot run here; empty where it can."""
    programs = ("apt-get", "ip", "mkfs.ext4", "openssl", "setpriv", "taskset", "unshare")
    needs = {
        "Linux on x86-64": (platform.system(), platform.machine()) == ("Linux", "x86_64"),
        "root": os.geteuid() == 0,
        "systemd": Path("/lib/systemd/systemd").exists(),
        **{name: bool(shutil.which(name)) for name in programs},
    }
    missing = [name for name, there in needs.items() if not there]
    if missing:
        return f"it needs {', '.join(missing)}"
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False).returncode:
        return "it needs network namespaces"
    unpacked = subprocess.run(
        [Path(__file__).with_name("packages.sh"), PACKAGES], capture_output=True, text=True, check=False
    )
    return "" if unpacked.returncode == 0 else f"its Debian packages cannot be had: {unpacked.stderr.strip()[-300:]}"
