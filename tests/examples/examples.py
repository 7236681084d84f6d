"""The apps of `examples/`, run as the CDK CLI runs them: with the context of cdk.json and what `-c` adds."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

PROJECT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (PROJECT / "examples").glob("*.py"))
ACCOUNT, REGION = "000000000000", "us-east-1"
EXISTING = {
    "file_system_id": "fs-0123456789abcdef0",
    "vpc_id": "vpc-0123456789abcdef0",
    "mount_target_group_id": "sg-0123456789abcdef0",
    "node_group_id": "sg-0123456789abcdef1",
    "subnets": {"us-east-1a": "subnet-0123456789abcdef0", "us-east-1b": "subnet-0123456789abcdef1"},
}
"""What some examples find: it is given with `-c`, or looked up."""


def synthesise(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, existing: Mapping[str, Any]) -> Path:
    """Run an example, and give the cloud assembly that it wrote."""
    app = aws_cdk.App(
        context={**json.loads((PROJECT / "cdk.json").read_text())["context"], **existing, **_looked_up(existing)},
        outdir=str(folder),
    )
    # An example makes its app itself; where and with what, the CLI says in the environment of a process of its own.
    monkeypatch.setattr(aws_cdk, "App", lambda: app)
    monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", ACCOUNT)
    monkeypatch.setenv("CDK_DEFAULT_REGION", REGION)
    runpy.run_path(str(PROJECT / "examples" / f"{name}.py"), run_name="__main__")
    return folder


def _looked_up(existing: Mapping[str, Any]) -> dict[str, Any]:
    """The context that the CLI adds once it has looked the VPC up."""
    subnets = [
        {"subnetId": subnet, "cidr": f"10.0.{n}.0/24", "availabilityZone": zone, "routeTableId": f"rtb-0000000{n}"}
        for n, (zone, subnet) in enumerate(existing["subnets"].items())
    ]
    key = f"vpc-provider:account={ACCOUNT}:filter.vpc-id={existing['vpc_id']}:region={REGION}:returnAsymmetricSubnets=true"
    groups = [{"name": "Isolated", "type": "Isolated", "subnets": subnets}]
    vpc = {"vpcId": existing["vpc_id"], "vpcCidrBlock": "10.0.0.0/16", "ownerAccountId": ACCOUNT}
    return {key: {**vpc, "availabilityZones": [], "subnetGroups": groups}}
