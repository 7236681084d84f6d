"""What the Lambda weighs: bytes zipped, and time and peak memory until a fresh process is ready for a request.

``python -m benchmarks.package`` prints the tables. As in Lambda, code that comes in the archive has no bytecode yet,
while boto3 (part of the runtime) has; "with bytecode" shows what compiling costs.
"""

from __future__ import annotations

import ast
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.environment import ENVIRONMENT, PROJECT, PYTHON, install, machine, spread

PACKAGE = PROJECT / "lambda" / "geuse_efs_waiter"
REPETITIONS = 25
BARE = "bare boto3 + efs client"

_PROBE = """
import json, sys, time
began = time.perf_counter()
exec(sys.argv[1])
took = time.perf_counter() - began
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps([took * 1000, int(peak) / 1024, len(sys.modules)]))
"""
_EFS = "import boto3; boto3.client('efs')"
_CODE = {
    BARE: _EFS,
    "bare, measured again (noise)": _EFS,
    "ours, as deployed": "import geuse_efs_waiter.handler",
    "ours, with bytecode": "import geuse_efs_waiter.handler",
    "efs + ec2 clients": "import boto3; boto3.client('efs'); boto3.client('ec2')",
    "crhelper + efs client, as deployed": "import boto3, crhelper; boto3.client('efs'); crhelper.CfnResource()",
    "crhelper + efs client, with bytecode": "import boto3, crhelper; boto3.client('efs'); crhelper.CfnResource()",
}


def zipped(change: Callable[[str], str] = str) -> int:
    """Bytes of the archive, as the construct puts it together."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(PACKAGE.rglob("*.py")):
            archive.writestr(str(file.relative_to(PACKAGE.parent)), change(file.read_text()))
    return len(memory.getvalue())


def without_words(source: str) -> str:
    """The code without docstrings and comments."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _installed(name: str) -> Path:
    return next(ENVIRONMENT.glob(f"lib/python3*/site-packages/{name}"))


def probe(code: str, path: Path, *, bytecode: bool) -> list[float]:
    """Milliseconds, MiB and modules of one fresh process."""
    surroundings = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "AWS"))},
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(path),
        **({} if bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}),
    }
    command = [str(PYTHON), "-c", _PROBE, code]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)  # noqa: S603
    return [float(one) for one in json.loads(done.stdout)]


def measure(folder: Path) -> dict[str, list[list[float]]]:
    """All variants, one after the other, many times, beginning with another one each time."""
    for name in ("fresh", "compiled"):
        ignore = shutil.ignore_patterns("__pycache__", "py.typed")
        shutil.copytree(PACKAGE, folder / name / PACKAGE.name, ignore=ignore)
        shutil.copytree(_installed("crhelper"), folder / name / "crhelper", ignore=ignore)
    found: dict[str, list[list[float]]] = {name: [] for name in _CODE}
    names = list(_CODE)
    for count in range(REPETITIONS + 1):
        shift = count % len(names)
        for name in names[shift:] + names[:shift]:
            bytecode = "with bytecode" in name
            one = probe(_CODE[name], folder / ("compiled" if bytecode else "fresh"), bytecode=bytecode)
            if count:  # the first round warms the disk's cache and writes bytecode
                found[name].append(one)
    return found


def main() -> None:
    install()
    print(f"{machine()}\n")
    print("| Lambda package | bytes |")
    print("|---|---|")
    print(f"| zipped | {zipped()} |")
    print(f"| zipped, without docstrings and comments | {zipped(without_words)} |")
    with TemporaryDirectory(prefix="geuse-efs-bench-") as name:
        found = measure(Path(name))
    print(f"\n{REPETITIONS} fresh processes each, interleaved\n")
    print(
        "| init | ms, median (min-max) | x bare, of medians | x bare, of minima | paired ratio, median | peak MiB | modules |"
    )
    print("|---|---|---|---|---|---|---|")
    bare = [one[0] for one in found[BARE]]
    for variant, rows in found.items():
        took = [row[0] for row in rows]
        ratio = statistics.median(took) / statistics.median(bare)
        paired = statistics.median(one / other for one, other in zip(took, bare, strict=True))
        print(
            f"| {variant} | {spread(took)} | {ratio:.3f} | {min(took) / min(bare):.3f} | {paired:.3f} "
            f"| {spread([row[1] for row in rows], 1)} | {rows[0][2]:.0f} |"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
