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
REQUIREMENTS = [
    line for line in (PROJECT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")
]
LOCK: dict[str, Any] = json.loads((PROJECT / "package-lock.json").read_text())

# A host in the address of a package, an index or a registry. None belongs here: clients know theirs.
REGISTRY = re.compile(
    r"(?:https?://|//)([\w.-]+)(?::\d+)?/[^\s\"']*(?:simple/|-/[\w.-]+\.tgz|npm/|pypi/|artifactory|nexus)"
)


def test_every_requirement_is_pinned() -> None:
    loose = [line for line in REQUIREMENTS if not re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==\d", line)]
    assert loose == ["-e ."]


def test_the_requirements_have_the_exact_versions_that_the_project_names() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    pinned = {line.split("#")[0].split(";")[0].strip() for line in REQUIREMENTS}
    wanted = {re.sub(r"\[.*\]", "", one) for one in project["optional-dependencies"]["dev"]}
    assert wanted - pinned == set()


def test_the_cdk_cli_is_the_one_that_package_json_names() -> None:
    wanted = json.loads((PROJECT / "package.json").read_text())["devDependencies"]
    assert wanted == {"aws-cdk": LOCK["packages"]["node_modules/aws-cdk"]["version"]}


def test_the_lock_says_what_a_package_is_and_not_where_it_came_from() -> None:
    packages = {name: one for name, one in LOCK["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []


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
