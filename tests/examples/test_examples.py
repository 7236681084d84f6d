"""Every example synthesises, and is as short as it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.examples.examples import EXISTING, NAMES, PROJECT, synthesise


@pytest.mark.parametrize("name", NAMES)
def test_an_example_synthesises_without_a_warning(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assembly = synthesise(name, tmp_path, monkeypatch, EXISTING)
    resources = [
        resource["Type"]
        for template in assembly.glob("*.template.json")
        for resource in json.loads(template.read_text())["Resources"].values()
    ]
    assert "Custom::GeuseEfsMountTargets" in resources
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"].values()
    messages = [
        entry for artifact in artifacts for entries in artifact.get("metadata", {}).values() for entry in entries
    ]
    assert [entry["data"] for entry in messages if entry["type"] in ("aws:cdk:warning", "aws:cdk:error")] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short_and_says_its_command(name: str) -> None:
    text = (PROJECT / "examples" / f"{name}.py").read_text()
    assert len(text.splitlines()) < 60
    assert f'\ncdk deploy --app "python3 examples/{name}.py"' in text
    assert re.search(rf"\]\({name}\.py\)", (PROJECT / "examples" / "README.md").read_text())
