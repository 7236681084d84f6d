"""What synthesis costs, and what comes out: GeuseEfs, the plain L2, and the L2 with a provider-framework waiter.

``python -m benchmarks.synth`` prints the tables: in a warm process (one a repetition; in it every variant runs once
unmeasured, then all variants in turn), from the start of ``python`` to its exit, and ``cdk synth`` as the user runs it, which
validates too. The jsii round trips are what nearly all of it is spent on.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from aws_cdk import App, CfnResource, CustomResource, Stack
from aws_cdk import aws_ec2 as ec2
from jsii._kernel.providers import process

from benchmarks.environment import PROJECT, machine, repetitions, spread

COUNTS = (1, 10, 50)
CDK = str(PROJECT / "node_modules" / ".bin" / "cdk")
_INLINE = "def on_event(event, context):\n    return {}\n\n\ndef is_complete(event, context):\n    return {}\n"


# Each variant imports what it needs itself: nobody pays for the modules of another.


def plain(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    from aws_cdk import aws_efs as efs  # noqa: PLC0415

    for number in range(count):
        efs.FileSystem(stack, f"Efs{number}", vpc=vpc)


def provider(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    """One provider a stack, one custom resource a file system."""
    from aws_cdk import aws_efs as efs  # noqa: PLC0415
    from aws_cdk import aws_iam as iam  # noqa: PLC0415
    from aws_cdk import aws_lambda as lambda_  # noqa: PLC0415
    from aws_cdk import custom_resources  # noqa: PLC0415

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
    from geuse_efs import GeuseEfs  # noqa: PLC0415

    for number in range(count):
        GeuseEfs(stack, f"Efs{number}", vpc=vpc)


def floor(stack: Stack, vpc: ec2.IVpc, count: int) -> None:
    """Our resources of a file system in the fewest questions: no tags, no policy, no options, no rights, nothing refused."""
    from aws_cdk import aws_efs as efs  # noqa: PLC0415

    subnet_ids = [subnet.subnet_id for subnet in vpc.select_subnets(one_per_az=True).subnets]
    for number in range(count):
        group = ec2.SecurityGroup(stack, f"Group{number}", vpc=vpc, allow_all_outbound=False)
        file_system = efs.FileSystem(
            stack, f"Efs{number}", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[]), security_group=group
        )
        file_system_id, group_ids = file_system.file_system_id, [group.security_group_id]
        targets = [
            efs.CfnMountTarget(
                stack,
                f"Target{number}-{place}",
                file_system_id=file_system_id,
                subnet_id=subnet_id,
                security_groups=group_ids,
            )
            for place, subnet_id in enumerate(subnet_ids)
        ]
        properties = {
            "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:waiter",
            "FileSystemId": file_system_id,
            "MountTargets": [target.ref for target in targets],
        }
        CfnResource(stack, f"Ready{number}", type="Custom::Ready", properties=properties)


FLOOR = "floor"
VARIANTS: dict[str, Callable[[Stack, ec2.IVpc, int], None]] = {"ours": ours, "L2": plain, "L2 + provider": provider}
APPS = {**VARIANTS, FLOOR: floor}


def synthesise(variant: str, count: int, folder: str) -> tuple[float, Path]:
    """Seconds from nothing to a cloud assembly, and its template. Stack and VPC are the same for all."""
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    context.pop("@aws-cdk/aws-efs:defaultEncryptionAtRest", None)  # version 2's L2 refuses it; it is always on
    began = time.perf_counter()
    app = App(outdir=folder, context=context)
    stack = Stack(app, "Bench")
    APPS[variant](stack, ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1), count)
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


@contextmanager
def round_trips() -> Iterator[list[str]]:
    """What is sent to jsii's Node process inside, one name a request."""
    sent: list[str] = []
    node = process._NodeProcess  # noqa: SLF001 - nothing public counts them
    real = node.send

    def send(self: Any, request: Any, response_type: Any) -> Any:
        sent.append(type(request).__name__)
        return real(self, request, response_type)

    with patch.object(node, "send", send):
        yield sent


def _in_turn(shift: int, names: Sequence[str] = tuple(VARIANTS)) -> list[str]:
    """The variants, beginning with another one each time."""
    return [*names[shift % len(names) :], *names[: shift % len(names)]]


def one_repetition(shift: int) -> dict[str, Any]:
    """Seconds of each variant and count, and what the templates hold."""
    names = _in_turn(shift)
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


def count_round_trips() -> dict[str, int]:
    """Requests to jsii of each variant and count, in a warm process."""
    found: dict[str, int] = {}
    with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
        for place, name in enumerate(VARIANTS):
            synthesise(name, 1, f"{folder}/warm-{place}")
            for count in COUNTS:
                with round_trips() as sent:
                    synthesise(name, count, f"{folder}/{place}-{count}")
                found[f"{name}/{count}"] = len(sent)
    return found


def run(command: Sequence[str], **variables: str) -> tuple[float, str]:
    """Seconds and output of a process."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **variables}, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True
    )
    return time.perf_counter() - began, done.stdout


def this(*arguments: str) -> list[str]:
    """The command of a process of this module."""
    return [sys.executable, "-m", "benchmarks.synth", *arguments]


def child(*arguments: str) -> tuple[float, str]:
    return run(this(*arguments), CDK_VALIDATION="false")


def whole_process(shift: int) -> dict[str, float]:
    """Seconds of ``python`` from start to exit."""
    return {f"{name}/{count}": child("--app", name, str(count))[0] for count in COUNTS for name in _in_turn(shift)}


def cdk_synth(name: str, count: int) -> float:
    """Seconds of the CDK CLI, with the project's cdk.json: the app, its validation, and the CLI itself."""
    with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
        app = shlex.join(this("--app", name, str(count)))
        command = [CDK, "synth", "--quiet", "--no-notices", "--app", app, "--output", folder]
        return run(command, CDK_DISABLE_CLI_TELEMETRY="true")[0]


def whole_cli(shift: int) -> dict[str, float]:
    return {f"{name}/{count}": cdk_synth(name, count) for count in COUNTS for name in _in_turn(shift)}


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


def print_round_trips(found: dict[str, int]) -> None:
    print(f"\n| jsii round trips | {' | '.join(VARIANTS)} |")
    print("|---" * (len(VARIANTS) + 1) + "|")
    for count in COUNTS:
        print(f"| {count} | {' | '.join(str(found[f'{name}/{count}']) for name in VARIANTS)} |")
    least, most = COUNTS[0], COUNTS[-1]
    each = [(found[f"{name}/{most}"] - found[f"{name}/{least}"]) / (most - least) for name in VARIANTS]
    print(f"| each further file system | {' | '.join(f'{one:.1f}' for one in each)} |")


def print_floor(times: int) -> None:
    """How near to the L2 any construct with our resources could come."""
    print("\n| floor / L2, paired | whole process | cdk synth |\n|---|---|---|")
    for count in (COUNTS[0], COUNTS[-1]):
        ratios: list[list[float]] = [[], []]
        for shift in range(times):
            names = _in_turn(shift, ("L2", FLOOR))
            processes = {name: child("--app", name, str(count))[0] for name in names}
            clis = {name: cdk_synth(name, count) for name in names}
            for found, taken in zip(ratios, (processes, clis), strict=True):
                found.append(taken[FLOOR] / taken["L2"])
        print(f"| {count} | {' | '.join(spread(one, 2) for one in ratios)} |")


def print_all() -> None:
    times, few = repetitions(5), repetitions(3)
    print(
        f"{machine()}; {times} repetitions in a warm process, {few} of the others; median (min-max), ratios paired within "
        "a repetition"
    )
    found = [json.loads(child("--repetition", str(shift))[1]) for shift in range(times)]
    print_times("in a warm process", [{key: one[0] for key, one in row.items()} for row in found])
    print_times("whole process", [whole_process(shift) for shift in range(few)])
    cdk_synth("ours", 1)  # the CLI's own files are read once, unmeasured
    print_times("cdk synth", [whole_cli(shift) for shift in range(few)])
    print_floor(times)
    print_templates(found[0])
    print_round_trips(json.loads(child("--round-trips")[1]))
    least = {key: min(row[key][0] for row in found) for key in found[0]}
    ratios = ", ".join(f"{count}: {least[f'ours/{count}'] / least[f'L2/{count}']:.2f}" for count in COUNTS)
    pairs = ((row["ours/50"][0] - row["L2/50"][0]) / 50 * 1000 for row in found)
    print(
        f"\nours / L2 of minima, warm: {ratios}; one more GeuseEfs costs {statistics.median(pairs):.1f} ms more than an L2",
        flush=True,
    )


def main() -> None:
    match sys.argv[1:]:
        case ["--repetition", shift]:
            print(json.dumps(one_repetition(int(shift))))
        case ["--round-trips"]:
            print(json.dumps(count_round_trips()))
        case ["--app", name, count]:
            with TemporaryDirectory(prefix="geuse-efs-bench-") as folder:
                synthesise(name, int(count), os.environ.get("CDK_OUTDIR", folder))
        case _:
            print_all()


if __name__ == "__main__":
    main()
