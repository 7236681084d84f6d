"""A construct library must not need the packages of its Lambda."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys

sys.modules["boto3"] = sys.modules["botocore"] = None  # an import of either fails
sys.path[:0] = ["constructs", "lambda"]
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from geuse_efs import GeuseEfs

stack = Stack(App(outdir=sys.argv[1]), "Storage")
GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0))
stack.node.root.synth()
"""


def test_a_synth_needs_no_boto3(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert (tmp_path / "Storage.template.json").exists()
