"""Deploys each example to the local AWS and destroys it. IAM is evaluated, the waiter is the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.emulator.local_aws import LocalAws
from tests.examples.examples import NAMES, REGION, synthesise
from tests.integration.existing import Existing
from tests.support.deployer import Deployer

pytestmark = pytest.mark.check

UNKNOWN = {"batch": "MiniStack's CloudFormation has no AWS::Batch types"}
"""What the local AWS cannot deploy."""


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNKNOWN])
def test_an_example_is_deployed_and_destroyed(
    name: str, local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    there = Existing(local_aws)
    given = {"file_system_id": there.file_system_id, "vpc_id": there.vpc_id, "subnets": there.subnets}
    groups = {"mount_target_group_id": there.group, "node_group_id": there.clients}
    assembly = synthesise(name, tmp_path, monkeypatch, {**given, **groups})
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = [
        artifact
        for artifact, item in artifacts.items()
        if item["type"] == "aws:cloudformation:stack" and item["environment"].endswith((REGION, "unknown-region"))
    ]
    deployer = Deployer(local_aws)
    for stack in stacks:
        deployed = deployer.deploy(assembly, stack, timeout=180)
        assert deployed.status == "CREATE_COMPLETE", deployed.failures
    for stack in reversed(stacks):
        destroyed = deployer.delete(stack, timeout=180)
        assert destroyed.status == "DELETE_COMPLETE", destroyed.failures
