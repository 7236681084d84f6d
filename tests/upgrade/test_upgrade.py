"""A stack that a released version deployed is updated by the present one, on the local AWS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer

pytestmark = pytest.mark.check

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
STACK = "Storage"
CHANGED = {
    "EfsFileSystem339D9BB5": "[~] DeletionPolicy",  # a failed first deployment leaves no file system
    "EfsReadinessF885DC8F": "[+] AllowDeletionWhileAdopted",
    "GeuseEfsWaiterFunction83960107": "[~] .S3Key",
    "GeuseEfsWaiterPolicy412A21E1": "[~] PolicyDocument",
}
"""All that `cdk diff` shows after the update from 0.1: the resources, and one of the changes of each."""


def synthesise(folder: Path, packages: Path | None) -> Path:
    """The cloud assembly of the app, with the packages of a folder or with the present ones."""
    environment = {**os.environ, "CDK_OUTDIR": str(folder), **({"PYTHONPATH": str(packages)} if packages else {})}
    subprocess.run([sys.executable, str(HERE / "app.py")], env=environment, cwd=PROJECT, check=True)  # noqa: S603
    return folder


def diff(aws: LocalAws, assembly: Path) -> dict[str, str]:
    """What `cdk diff` says of each resource, by logical id."""
    cdk = str(PROJECT / "node_modules" / ".bin" / "cdk")
    command = [cdk, "diff", STACK, "--exclusively", "--app", str(assembly), "--no-notices", "--no-color"]
    run = subprocess.run(command, env=aws.environment(), cwd=assembly, capture_output=True, text=True, check=True)  # noqa: S603
    *_, resources = (run.stdout + run.stderr).partition("\nResources\n")
    entries = re.split(r"^\[.\] ", resources.partition("\n\n")[0], flags=re.MULTILINE)[1:]
    return {entry.splitlines()[0].removesuffix(" may be replaced").split()[-1]: entry for entry in entries}


def admitted(aws: LocalAws) -> set[str]:
    """The groups whose members may connect to some mount target."""
    efs, ec2 = aws.client("efs"), aws.client("ec2")
    [file_system] = efs.describe_file_systems()["FileSystems"]
    targets = efs.describe_mount_targets(FileSystemId=file_system["FileSystemId"])["MountTargets"]
    ids = [target["MountTargetId"] for target in targets]
    groups = {
        group for id_ in ids for group in efs.describe_mount_target_security_groups(MountTargetId=id_)["SecurityGroups"]
    }
    rules = [
        rule
        for group in ec2.describe_security_groups(GroupIds=sorted(groups))["SecurityGroups"]
        for rule in group["IpPermissions"]
    ]
    return {pair["GroupId"] for rule in rules for pair in rule["UserIdGroupPairs"]}


@pytest.mark.parametrize("release", sorted(path.name for path in HERE.glob("*.whl")))
def test_a_stack_of_a_released_version_is_updated_in_place(release: str, local_aws: LocalAws, tmp_path: Path) -> None:
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    deployer = Deployer(local_aws)
    with zipfile.ZipFile(HERE / release) as wheel:
        wheel.extractall(tmp_path / "released")
    released = synthesise(tmp_path / "before", tmp_path / "released")
    present = synthesise(tmp_path / "after", None)
    for stack in ("Network", STACK):
        assert deployer.deploy(released, stack).succeeded
    before, let_in = deployer.physical_ids(STACK), admitted(local_aws)
    shown = diff(local_aws, present)
    assert {name for name, change in CHANGED.items() if change in shown.get(name, "")} == shown.keys() == CHANGED.keys()
    updated = deployer.deploy(present, STACK)
    assert updated.status == "UPDATE_COMPLETE", updated.failures
    assert deployer.physical_ids(STACK) == before
    assert admitted(local_aws) == let_in
    assert len(let_in) == 2
