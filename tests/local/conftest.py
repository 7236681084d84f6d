"""One emulator for the whole folder, as new for each test, and a small network to put mount targets in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer


@pytest.fixture(scope="session")
def _server() -> Iterator[LocalAws]:
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(_server: LocalAws) -> LocalAws:
    """The emulator, as if just started, with mount targets that take 0.3 s."""
    _server.reset()
    _server.configure(mount_target_seconds=0.3)
    return _server


@pytest.fixture
def deployer(aws: LocalAws) -> Deployer:
    return Deployer(aws)


@dataclass(frozen=True)
class Network:
    """A VPC with one subnet in each of three AZs, and one file system."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    file_system_id: str


@pytest.fixture
def network(aws: LocalAws) -> Network:
    ec2 = aws.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for n, zone in enumerate("abc")
    ]
    file_system = aws.client("efs").create_file_system(CreationToken="test", Encrypted=True)
    return Network(vpc_id, tuple(item["Subnet"]["SubnetId"] for item in subnets), file_system["FileSystemId"])


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], None]:
    """Wait, at most 5 s, until something holds."""

    def wait(holds: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < deadline, "did not become true within 5 s"
            time.sleep(0.02)

    return wait


@pytest.fixture
def assembly(tmp_path: Path) -> Callable[..., Path]:
    """Writes a cloud assembly with one stack, as synthesis would, from a template."""

    def write(template: dict[str, Any], name: str = "Trial", files: dict[str, Any] | None = None) -> Path:
        artifacts = {
            name: {
                "type": "aws:cloudformation:stack",
                "dependencies": [f"{name}.assets"],
                "properties": {"templateFile": f"{name}.template.json", "tags": {"owner": "test"}},
            },
            f"{name}.assets": {"type": "cdk:asset-manifest", "properties": {"file": f"{name}.assets.json"}},
        }
        (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
        (tmp_path / f"{name}.template.json").write_text(json.dumps(template))
        (tmp_path / f"{name}.assets.json").write_text(json.dumps({"files": files or {}}))
        return tmp_path

    return write
