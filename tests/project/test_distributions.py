"""What is published: both archives are built, checked as the index checks them, and used by somebody."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

PROJECT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
APP = """
from aws_cdk import App, Stack, aws_ec2 as ec2
from geuse_efs import GeuseEfs
app = App()
stack = Stack(app, "Storage")
GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0))
app.synth()
"""


def run(*command: str | Path, **variables: str) -> str:
    # A user's folder: neither this project nor its environment is there to be found.
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(  # noqa: S603
        list(map(str, command)), env={**kept, **variables}, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel, built from the sdist, and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--quiet", "--out-dir", folder, PROJECT)
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def test_the_index_takes_both_archives_and_renders_the_readme(archives: tuple[Path, Path]) -> None:
    run(
        UV,
        "tool",
        "run",
        "--quiet",
        "--from",
        "twine==7.0.0",
        "--with",
        "readme-renderer[md]==46.0",
        "twine",
        "check",
        "--strict",
        *archives,
    )


def test_the_wheel_says_its_version_and_that_it_is_typed(archives: tuple[Path, Path]) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\n## [{version}]" in (PROJECT / "CHANGELOG.md").read_text()
    with zipfile.ZipFile(archives[0]) as wheel:
        names = set(wheel.namelist())
    assert {f"{package}/py.typed" for package in ("geuse_efs", "geuse_efs_waiter")} <= names
    assert f"geuse_efs-{version}.dist-info/licenses/LICENSE" in names


def test_the_sdist_has_what_the_wheel_is_built_from_and_no_tests(archives: tuple[Path, Path]) -> None:
    with tarfile.open(archives[1]) as sdist:
        names = {name.split("/")[1] for name in sdist.getnames() if "/" in name}
    sources = {"constructs", "lambda", "cli", "README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"}
    assert names - {"PKG-INFO", ".gitignore"} == sources


def test_the_wheel_works_in_an_environment_that_has_nothing_else(archives: tuple[Path, Path], tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    run(UV, "pip", "install", "--quiet", "--python", python, f"geuse-efs[check] @ {archives[0].as_uri()}")
    (tmp_path / "app.py").write_text(APP)
    run(python, tmp_path / "app.py", CDK_OUTDIR=str(tmp_path / "out"))
    assert "Custom::GeuseEfsMountTargets" in (tmp_path / "out" / "Storage.template.json").read_text()
    assert list((tmp_path / "out").glob("asset.*/geuse_efs_waiter/handler.py"))
    assert "check" in run(python.with_name("geuse-efs"), "--help")
