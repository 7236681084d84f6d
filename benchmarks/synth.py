"""What synthesis costs, and what comes out: GeuseEfs, the plain L2, and the L2 with a provider-framework waiter.

``python -m benchmarks.synth`` prints the tables. One process a repetition; in it every variant runs once unmeasured,
then all variants in turn.
"""

from __future__ import annotations

import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App, CustomResource, Stack, custom_resources
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from benchmarks.environment import PROJECT, machine, spread
from geuse_efs import GeuseEfs

COUNTS = (1, 10, 50)
REPETITIONS = 5
_INLINE = "def on_event(event, context):\n    return {}\n\n\ndef is_complete(event, context):\n    return {}\n"


def plain(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    for number in range(count):
        efs.FileSystem(stack, f"Efs{number}", vpc=vpc)


def provider(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    """One provider a stack, one custom resource a file system."""

    def function(name: str) -> lambda_.Function:
        return lambda_.Function(
            stack,
            name,
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler=f"index.{name}",
            code=lambda_.Code.from_inline(_INLINE),
        )

    waits = function("is_complete")
    waits.add_to_role_policy(iam.PolicyStatement(actions=["elasticfilesystem:DescribeMountTargets"], resources=["*"]))
    waiter = custom_resources.Provider(
        stack, "Provider", on_event_handler=function("on_event"), is_complete_handler=waits
    )
    for number in range(count):
        file_system = efs.FileSystem(stack, f"Efs{number}", vpc=vpc)
        ready = CustomResource(
            stack,
            f"Ready{number}",
            service_token=waiter.service_token,
            resource_type="Custom::Ready",
            properties={"FileSystemId": file_system.file_system_id},
        )
        ready.node.add_dependency(file_system.mount_targets_available)


def ours(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    for number in range(count):
        GeuseEfs(stack, f"Efs{number}", vpc=vpc)


VARIANTS: dict[str, Callable[[Stack, ec2.IVpc, int], None]] = {"ours": ours, "L2": plain, "L2 + provider": provider}


def synthesise(variant: str, count: int, folder: str) -> tuple[float, Path]:
    """Seconds from nothing to a cloud assembly, and its template. Stack and VPC are the same for all."""
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    context.pop("@aws-cdk/aws-efs:defaultEncryptionAtRest", None)  # version 2's L2 refuses it; it is always on
    began = time.perf_counter()
    app = App(outdir=folder, context=context)
    stack = Stack(app, "Bench")
    VARIANTS[variant](stack, ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1), count)
    app.synth()
    return time.perf_counter() - began, Path(folder, "Bench.template.json")


def references(value: Any) -> Iterator[str]:
    """Logical ids (and parameters) that a resource names in Ref, GetAtt, Sub and DependsOn."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _named(key, one)
            yield from references(one)


def _named(key: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if key in {"Ref", "DependsOn"}:
        return list(values)
    if key == "Fn::GetAtt":
        return [str(values[0]).split(".")[0]]
    if key == "Fn::Sub":
        return re.findall(r"\$\{(\w+)", values[0])
    return []


def depth(resources: dict[str, Any]) -> int:
    """Resources in the longest chain that has to be created one after the other."""

    @cache
    def below(name: str) -> int:
        return 1 + max((below(one) for one in references(resources[name]) if one in resources), default=0)

    return max(below(name) for name in resources)


def one_repetition(shift: int) -> dict[str, Any]:
    """Seconds of each variant and count, and what the templates hold."""
    names = list(VARIANTS)[shift % 3 :] + list(VARIANTS)[: shift % 3]
    found: dict[str, Any] = {}
    with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
        for name in names:
            synthesise(name, 1, f"{folder}/warm-{names.index(name)}")
        for count in COUNTS:
            for name in names:
                gc.collect()
                took, path = synthesise(name, count, f"{folder}/{names.index(name)}-{count}")
                resources = json.loads(path.read_text())["Resources"]
                found[f"{name}/{count}"] = [took, len(resources), path.stat().st_size, depth(resources)]
    return found


def child(*arguments: str) -> tuple[float, str]:
    """Seconds and output of a process of this module."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.synth", *arguments],
        env={**os.environ, "CDK_VALIDATION": "false"},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, done.stdout


def whole_process(shift: int) -> dict[str, float]:
    """Seconds of ``python`` from start to exit."""
    names = list(VARIANTS)[shift % 3 :] + list(VARIANTS)[: shift % 3]
    return {f"{name}/{count}": child("--app", name, str(count))[0] for count in COUNTS for name in names}


def print_times(title: str, rows: list[dict[str, float]]) -> None:
    """Seconds, and ratios paired within each repetition."""
    print(f"\n| {title}, s | {' | '.join(VARIANTS)} | ours / L2 | ours / L2 + provider |")
    print("|---" * (len(VARIANTS) + 3) + "|")
    for count in COUNTS:
        times = [spread([row[f"{name}/{count}"] for row in rows], 3) for name in VARIANTS]
        ratios = [
            spread([row[f"ours/{count}"] / row[f"{other}/{count}"] for row in rows], 2)
            for other in ("L2", "L2 + provider")
        ]
        print(f"| {count} | {' | '.join(times + ratios)} |")


def print_templates(row: dict[str, Any]) -> None:
    print(f"\n| file systems | what | {' | '.join(VARIANTS)} |")
    print("|---" * (len(VARIANTS) + 2) + "|")
    for count in COUNTS:
        for place, what in enumerate(("resources", "template bytes", "dependency depth"), start=1):
            print(f"| {count} | {what} | {' | '.join(str(row[f'{name}/{count}'][place]) for name in VARIANTS)} |")


def main() -> None:
    if sys.argv[1:2] == ["--repetition"]:
        print(json.dumps(one_repetition(int(sys.argv[2]))))
    elif sys.argv[1:2] == ["--app"]:
        with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
            synthesise(sys.argv[2], int(sys.argv[3]), folder)
    else:
        print(f"{machine()}; {REPETITIONS} repetitions, median (min-max), ratios paired within a repetition")
        found = [json.loads(child("--repetition", str(shift))[1]) for shift in range(REPETITIONS)]
        print_times("in a warm process", [{key: one[0] for key, one in row.items()} for row in found])
        print_times("whole process", [whole_process(shift) for shift in range(REPETITIONS)])
        print_templates(found[0])
        least = {key: min(row[key][0] for row in found) for key in found[0]}
        ratios = ", ".join(f"{count}: {least[f'ours/{count}'] / least[f'L2/{count}']:.2f}" for count in COUNTS)
        pairs = ((row["ours/50"][0] - row["L2/50"][0]) / 50 * 1000 for row in found)
        print(
            f"\nours / L2 of minima, warm: {ratios}; one more GeuseEfs costs {statistics.median(pairs):.1f} ms more than an L2"
        )


if __name__ == "__main__":
    main()
