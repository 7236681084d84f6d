"""What the Lambda weighs, and how long a fresh process takes until it can serve a request, against bare boto3.

``python -m benchmarks.lambda_start`` prints both. The code is the asset of a cloud assembly. As in Lambda, it has no
bytecode yet, while boto3, which is part of Lambda's runtime, has. ROUNDS in the environment says how often.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs

_PROBE = """
import sys, time
began = time.perf_counter()
exec(sys.argv[1])
print((time.perf_counter() - began) * 1000)
"""
BARE = "import boto3; boto3.client('efs')"
VARIANTS = {
    "bare boto3 + efs client": BARE,
    "the same again (noise)": BARE,
    "ours": "import geuse_efs_waiter.handler",
    "ours with its adoption": "import geuse_efs_waiter.handler, geuse_efs_waiter.adoption.reconciler",
}


def deployed_code(folder: Path) -> Path:
    """Synthesise a file system and give the folder of its function's code."""
    app = App(outdir=str(folder))
    stack = Stack(app, "Bench")
    GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0))
    app.synth()
    [package] = folder.glob("asset.*/geuse_efs_waiter")
    return package.parent


def milliseconds(code: str, path: Path) -> float:
    """One fresh process, with none of the caller's Python or AWS settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS"))}
    dummy = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _PROBE, code],
        env={**kept, **dummy, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "15"))
    names = list(VARIANTS)
    taken: dict[str, list[float]] = {name: [] for name in names}
    with TemporaryDirectory(prefix="geuse-efs-bench-") as name:
        code = deployed_code(Path(name))
        archive = Path(shutil.make_archive(f"{name}/code", "zip", code))
        print(f"Lambda package: {archive.stat().st_size} bytes zipped, {len(list(code.rglob('*.py')))} modules\n")
        for number in range(rounds + 1):
            shift = number % len(names)
            for variant in names[shift:] + names[:shift]:
                took = milliseconds(VARIANTS[variant], code)
                if number:  # the first round fills the disk's cache
                    taken[variant].append(took)
    print(f"Init, {rounds} fresh processes each, in turn; ratios paired within a round\n")
    print("| init | ms, median (least-most) | x bare, median of pairs |\n|---|---|---|")
    for variant, values in taken.items():
        ratio = statistics.median(
            one / bare for one, bare in zip(values, taken["bare boto3 + efs client"], strict=True)
        )
        print(f"| {variant} | {statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f}) | {ratio:.3f} |")


if __name__ == "__main__":
    main()
