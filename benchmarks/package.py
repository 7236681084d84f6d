"""What the Lambda weighs: bytes zipped, and time and peak memory until a fresh process is ready for a request.

``python -m benchmarks.package`` prints the tables. The code is what a deployment uploads. As in Lambda, code that comes in
the archive has no bytecode yet, while boto3 (part of the runtime) has; "with bytecode" shows what compiling costs.
"""

from __future__ import annotations

import ast
import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.bundle import Bundle, bundled, source, zipped
from benchmarks.environment import ENVIRONMENT, PYTHON, install, lambda_variables, machine, repetitions, spread

BARE = "bare boto3 + efs client"
_ADOPTION = "geuse_efs_waiter/adoption/"

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
    "bare botocore + efs client": "from botocore import session; session.get_session().create_client('efs')",
    "ours, as deployed": "import geuse_efs_waiter.handler",
    "ours, with bytecode": "import geuse_efs_waiter.handler",
    "ours and its adoption, as deployed": "import geuse_efs_waiter.handler, geuse_efs_waiter.adoption.reconciler",
    "efs + ec2 clients": "import boto3; boto3.client('efs'); boto3.client('ec2')",
    "crhelper + efs client, as deployed": "import boto3, crhelper; boto3.client('efs'); crhelper.CfnResource()",
    "crhelper + efs client, with bytecode": "import boto3, crhelper; boto3.client('efs'); crhelper.CfnResource()",
}


class Figures(NamedTuple):
    """Milliseconds, MiB at most, and modules loaded."""

    took: float
    peak: float
    modules: int


def without_words(code: bytes) -> bytes:
    """The code without docstrings, comments and empty lines: as small as the same code can be said."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)] or [ast.Pass()]
    return ast.unparse(tree).encode()


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def print_sizes(bundle: Bundle) -> None:
    """The archive as it is uploaded, and what the source gives without our packing, in whole and for the create path."""
    plain = source()
    create = {path: code for path, code in plain.items() if not path.startswith(_ADOPTION)}
    without = "without docstrings, comments and empty lines"
    rows = {
        "as deployed": (bundle.archive or zipped(bundle.files), bundle.files),
        "the plain source": (zipped(plain), plain),
        f"the plain source {without}": (zipped(_each_without_words(plain)), _each_without_words(plain)),
        "the plain source of the create path alone": (zipped(create), create),
        f"the same {without}": (zipped(_each_without_words(create)), _each_without_words(create)),
    }
    print("| Lambda package, bytes | zipped | unzipped |")
    print("|---|---|---|")
    for name, (size, files) in rows.items():
        print(f"| {name} | {size} | {sum(map(len, files.values()))} |")
    made = "the archive of the cloud assembly itself" if bundle.archive else "zipped here; the CDK CLI zips the folder"
    print(f"\nas deployed: {made}; the others are zipped here (DEFLATE, level 9, fixed timestamps)")


def _each_without_words(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: without_words(code) for path, code in files.items()}


def copy_code(bundle: Bundle, folder: Path) -> None:
    """The code folder of a function: ours as bundled, and crhelper, which comes in a function's archive too."""
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(bundle.folder, folder, ignore=ignore)
    crhelper = next(ENVIRONMENT.glob("lib/python3*/site-packages/crhelper"))
    shutil.copytree(crhelper, folder / "crhelper", ignore=ignore)


def probe(code: str, path: Path, *, bytecode: bool) -> Figures:
    """Milliseconds, MiB and modules of one fresh process."""
    done = subprocess.run(  # noqa: S603
        [str(PYTHON), "-c", _PROBE, code],
        env=lambda_variables(path, bytecode=bytecode),
        capture_output=True,
        text=True,
        check=True,
    )
    return Figures(*json.loads(done.stdout))


def measure(bundle: Bundle, folder: Path, times: int) -> dict[str, list[Figures]]:
    """All variants, one after the other, many times, beginning with another one each time."""
    for name in ("fresh", "compiled"):
        copy_code(bundle, folder / name)
    found: dict[str, list[Figures]] = {name: [] for name in _CODE}
    names = list(_CODE)
    for count in range(times + 1):
        shift = count % len(names)
        for name in names[shift:] + names[:shift]:
            bytecode = "with bytecode" in name
            one = probe(_CODE[name], folder / ("compiled" if bytecode else "fresh"), bytecode=bytecode)
            if count:  # the first round warms the disk's cache and writes bytecode
                found[name].append(one)
    return found


def main() -> None:
    install()
    times = repetitions(15)
    print(f"{machine()}\n")
    with TemporaryDirectory(prefix="geuse-efs-bench-") as name:
        bundle = bundled(Path(name))
        print_sizes(bundle)
        found = measure(bundle, Path(name), times)
    print(f"\n{times} fresh processes each, interleaved; ratios paired within a round\n")
    print(
        "| init | ms, median (min-max) | x bare, of medians | x bare, of minima | x bare, paired | peak MiB | modules |"
    )
    print("|---|---|---|---|---|---|---|")
    for variant, rows in found.items():
        pairs = list(zip(rows, found[BARE], strict=True))
        took, bare = [one.took for one, _ in pairs], [one.took for _, one in pairs]
        ratios = (
            statistics.median(took) / statistics.median(bare),
            min(took) / min(bare),
            statistics.median(one.took / other.took for one, other in pairs),
        )
        print(
            f"| {variant} | {spread(took)} | {' | '.join(f'{one:.3f}' for one in ratios)} "
            f"| {spread([one.peak for one in rows], 1)} | {rows[0].modules} |"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
