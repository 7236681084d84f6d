"""A template is a function of its inputs: not of the time, the folder, or how the package was installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aws_cdk import App, Stack

from geuse_efs import GeuseEfs
from tests.construct.templates import FUNCTION, import_vpc, of_type, resources_of

pytestmark = pytest.mark.newest("the app itself runs on the pinned versions")

PROJECT = Path(__file__).parents[2]

Contents = dict[str, bytes]


def _synthesise(folder: Path, *, app: Path, cwd: Path, search: str) -> Contents:
    """Runs the app as the CDK CLI does, and reads what it wrote."""
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "PYTHONPATH": search}
    subprocess.run(  # noqa: S603
        [sys.executable, str(app)], cwd=cwd, env=environment, capture_output=True, check=True
    )
    # The metadata holds stack traces, for people.
    files = [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(".metadata.json")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The app, synthesised in the checkout."""
    return _synthesise(tmp_path_factory.mktemp("first"), app=PROJECT / "app.py", cwd=PROJECT, search=str(PROJECT))


def test_has_a_template_and_the_code(checkout: Contents) -> None:
    assert "geuse-efs-dev.template.json" in checkout
    handlers = [name for name in checkout if re.fullmatch(r"asset\.\w{64}/geuse_efs_waiter/handler\.py", name)]
    assert len(handlers) == 1


def test_a_second_time_gives_the_same_bytes(checkout: Contents, tmp_path: Path) -> None:
    again = _synthesise(tmp_path, app=PROJECT / "app.py", cwd=PROJECT, search=str(PROJECT))
    assert again == checkout


def test_another_folder_gives_the_same_bytes(
    checkout: Contents, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = _synthesise(
        tmp_path, app=PROJECT / "app.py", cwd=tmp_path_factory.mktemp("elsewhere"), search=str(PROJECT)
    )
    assert elsewhere == checkout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked where pip would put it."""
    folder = tmp_path_factory.mktemp("wheel")
    site = folder / "site"
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "--quiet", "build", "--wheel", "--out-dir", str(folder), str(PROJECT)], check=True)  # noqa: S603
    [wheel] = folder.glob("*.whl")
    subprocess.run([uv, "--quiet", "pip", "install", "--no-deps", "--target", str(site), str(wheel)], check=True)  # noqa: S603
    return site


CONSUMER = """
import geuse_efs, geuse_efs_waiter
from pathlib import Path
site = Path({site!r})
assert site in Path(geuse_efs.__file__).parents
assert site in Path(geuse_efs_waiter.__file__).parents
import sys
sys.path.append({project!r})
import app
"""


def test_an_installed_wheel_gives_the_same_bytes(
    checkout: Contents, installed: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    consumer = tmp_path_factory.mktemp("consumer") / "synthesise.py"
    consumer.write_text(CONSUMER.format(site=str(installed), project=str(PROJECT)))
    assert _synthesise(tmp_path, app=consumer, cwd=consumer.parent, search=str(installed)) == checkout


def test_the_code_has_the_same_hash_in_every_stack(new_app: Callable[..., App]) -> None:
    keys = set()
    for name in ("One", "Two"):
        stack = Stack(new_app(), name)
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
        [function] = of_type(resources_of(stack), FUNCTION).values()
        keys.add(function["Properties"]["Code"]["S3Key"])
    assert len(keys) == 1
