"""`cdk synth` of 1 and of 10 file systems that are waited for: GeuseEfs, and the CDK's own parts.

``python -m benchmarks.synth`` prints a table (in .venv, with Node on PATH: ``make bench``). The CDK's own parts are
`aws_efs.FileSystem`, with the policy, backups, protection and tag that a `GeuseEfs` has by default, and a
`custom_resources.Provider` waiter with inline functions, one custom resource per file system.
Both take turns in one run, so the ratios are paired; VPC, CLI and cdk.json are the same. ROUNDS in the environment says how
often.
"""

from __future__ import annotations

import json
import os
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aws_cdk import App, CustomResource, Stack, Tags
from aws_cdk import aws_ec2 as ec2

PROJECT = Path(__file__).resolve().parents[1]
COUNTS = (1, 10)
_INLINE = "def on_event(event, context):\n    return {}\n\n\ndef is_complete(event, context):\n    return {}\n"

_THROUGH_MOUNT_TARGETS = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
_CLIENT = [f"elasticfilesystem:Client{action}" for action in ("Mount", "RootAccess", "Write")]
_POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": _CLIENT, "Condition": _THROUGH_MOUNT_TARGETS},
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "elasticfilesystem:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
}


def with_geuse_efs(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    from geuse_efs import GeuseEfs  # noqa: PLC0415 - each variant pays for its own imports only

    for number in range(count):
        GeuseEfs(stack, f"Efs{number}", vpc=vpc)


def with_provider(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    from aws_cdk import aws_efs as efs  # noqa: PLC0415
    from aws_cdk import aws_iam as iam  # noqa: PLC0415
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415
    from aws_cdk import custom_resources  # noqa: PLC0415

    def function(name: str) -> lambda_.Function:
        runtime, code = lambda_.Runtime.PYTHON_3_14, lambda_.Code.from_inline(_INLINE)
        return lambda_.Function(stack, name, runtime=runtime, handler=f"index.{name}", code=code)

    is_complete = function("is_complete")
    describe = iam.PolicyStatement(actions=["elasticfilesystem:DescribeMountTargets"], resources=["*"])
    is_complete.add_to_role_policy(describe)
    waiter = custom_resources.Provider(
        stack, "Provider", on_event_handler=function("on_event"), is_complete_handler=is_complete
    )
    for number in range(count):
        file_system = efs.FileSystem(
            stack,
            f"Efs{number}",
            vpc=vpc,
            enable_automatic_backups=True,
            replication_overwrite_protection=efs.ReplicationOverwriteProtection.ENABLED,
            file_system_policy=iam.PolicyDocument.from_json(_POLICY),
        )
        Tags.of(file_system).add("created-by", "benchmark")
        ready = CustomResource(
            stack,
            f"Ready{number}",
            service_token=waiter.service_token,
            resource_type="Custom::Ready",
            properties={"FileSystemId": file_system.file_system_id},
        )
        ready.node.add_dependency(file_system.mount_targets_available)


VARIANTS: dict[str, Callable[[Stack, ec2.IVpc, int], None]] = {"GeuseEfs": with_geuse_efs, "Provider": with_provider}


def synthesise(variant: str, count: int) -> None:
    """Run as the app of `cdk synth`."""
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    app = App(context=context)
    stack = Stack(app, "Bench")
    VARIANTS[variant](stack, ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1), count)
    app.synth()


class Figures(NamedTuple):
    """Seconds of one `cdk synth` by the clock and of all its processes on a CPU, and the resources that it defines."""

    clock: float
    cpu: float
    resources: int


def measure(variant: str, count: int) -> Figures:
    with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
        app = shlex.join([sys.executable, "-m", "benchmarks.synth", variant, str(count)])
        cli = str(PROJECT / "node_modules" / ".bin" / "cdk")
        began, before = time.perf_counter(), os.times()
        subprocess.run(  # noqa: S603
            [cli, "synth", "--quiet", "--no-notices", "--app", app, "--output", folder],
            cwd=PROJECT,
            env={**os.environ, "CDK_DISABLE_CLI_TELEMETRY": "true"},
            capture_output=True,
            check=True,
        )
        clock, after = time.perf_counter() - began, os.times()
        template = json.loads(Path(folder, "Bench.template.json").read_text())
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Figures(clock, cpu, len(template["Resources"]))


def main() -> None:
    if sys.argv[1:]:
        synthesise(sys.argv[1], int(sys.argv[2]))
        return
    rounds = int(os.environ.get("ROUNDS", "5"))
    print(f"`cdk synth`, seconds: median (least-most) of {rounds} rounds in turn\n")
    print("| file systems | resources | of | GeuseEfs | FileSystem + Provider | GeuseEfs / Provider, paired |")
    print("|---|---|---|---|---|---|")
    for variant in VARIANTS:
        measure(variant, 1)  # unmeasured: the first run of each writes bytecode and fills the disk's cache
    for count in COUNTS:
        found: dict[str, list[Figures]] = {variant: [] for variant in VARIANTS}
        for number in range(rounds):
            for variant in sorted(VARIANTS, reverse=number % 2 == 1):
                found[variant].append(measure(variant, count))
        ours, theirs = found["GeuseEfs"], found["Provider"]
        resources = f"{ours[0].resources} and {theirs[0].resources}"
        _print_row(count, resources, "clock", [run.clock for run in ours], [run.clock for run in theirs])
        _print_row(count, resources, "CPU", [run.cpu for run in ours], [run.cpu for run in theirs])


def _print_row(count: int, resources: str, kind: str, ours: list[float], theirs: list[float]) -> None:
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    print(f"| {count} | {resources} | {kind} | {_spread(ours)} | {_spread(theirs)} | {_spread(ratios)} |", flush=True)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


if __name__ == "__main__":
    main()
