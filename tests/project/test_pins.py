"""What is installed is said exactly, and says nothing about where it came from."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "docs/mkdocs/requirements.txt")
NPM = (PROJECT, PROJECT / "docs/mkdocs")

# A host in the address of a package, an index or a registry. None belongs here: clients know theirs.
REGISTRY = re.compile(
    r"(?:https?://|//)([\w.-]+)(?::\d+)?/[^\s\"']*(?:simple/|-/[\w.-]+\.tgz|npm/|pypi/|artifactory|nexus)"
)


def requirements(lock: str) -> list[str]:
    return [line for line in (PROJECT / lock).read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize(("lock", "loose"), [(LOCKS[0], ["-e ."]), (LOCKS[1], [])])
def test_every_requirement_is_pinned(lock: str, loose: list[str]) -> None:
    pinned = re.compile(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\d")
    assert [line for line in requirements(lock) if not pinned.match(line)] == loose


def test_the_requirements_have_the_exact_versions_that_the_project_names() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    named = (project["project"]["optional-dependencies"]["dev"], project["dependency-groups"]["docs"])
    for lock, names in zip(LOCKS, named, strict=True):
        pinned = {line.split("#")[0].split(";")[0].strip() for line in requirements(lock)}
        assert {re.sub(r"\[.*\]", "", one) for one in names} - pinned == set()


def npm_lock(folder: Path) -> dict[str, Any]:
    """The packages of a lock, by the folder they are installed into."""
    packages: dict[str, Any] = json.loads((folder / "package-lock.json").read_text())["packages"]
    return {name: one for name, one in packages.items() if name}


@pytest.mark.parametrize("folder", NPM, ids=["root", "docs"])
def test_npm_installs_exactly_what_package_json_names(folder: Path) -> None:
    named = json.loads((folder / "package.json").read_text())["devDependencies"]
    assert named == {name: npm_lock(folder)[f"node_modules/{name}"]["version"] for name in named}


@pytest.mark.parametrize("folder", NPM, ids=["root", "docs"])
def test_the_lock_says_what_a_package_is_and_not_where_it_came_from(folder: Path) -> None:
    packages = npm_lock(folder)
    assert packages
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []


def test_the_workflow_runs_the_gate_on_each_python_that_is_promised_with_pinned_actions() -> None:
    workflow = (PROJECT / ".github" / "workflows" / "ci.yml").read_text()
    classifiers = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["classifiers"]
    promised = [line.rpartition(" ")[2] for line in classifiers if re.search(r"Python :: 3\.\d+$", line)]
    [tested] = re.findall(r"python: (\[.*\])", workflow)
    assert json.loads(tested) == promised
    assert "run: .ci/run\n" in workflow
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[a-z-]+@v\d+\.\d+\.\d+", action)] == []


def _tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [PROJECT / name for name in listing.stdout.split("\0") if name]


def test_no_file_names_a_registry() -> None:
    found = {
        (path.name, host)
        for path in _tracked()
        if path.is_file() and path != Path(__file__)
        for host in REGISTRY.findall(path.read_text(errors="ignore"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("index-url = https://packages.example.test/simple/", ["packages.example.test"]),
        ('"resolved": "https://npm.example.test:8443/aws-cdk/-/aws-cdk-2.1148.1.tgz"', ["npm.example.test"]),
        ("https://docs.aws.amazon.com/efs/latest/ug/", []),
    ],
)
def test_the_search_for_registries_finds_them(text: str, hosts: list[str]) -> None:
    assert REGISTRY.findall(text) == hosts
