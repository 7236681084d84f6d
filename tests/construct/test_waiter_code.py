"""The archive that Lambda gets: the package, without its words."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from aws_cdk import App, Stack, Stage
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs, waiter_code
from geuse_efs.waiter_code import without_words
from tests.construct.templates import FUNCTION, import_vpc, properties_of

LAMBDA = Path(__file__).parents[2] / "lambda"
SOURCES = {file.relative_to(LAMBDA).as_posix(): file for file in sorted(LAMBDA.rglob("*.py"))}
LARGEST_ARCHIVE = 40 * 1024  # 37 KB where this was written; compressors differ a little


def _archive(app: App, stack: str = "Storage") -> Path:
    """The file that the CDK CLI uploads for the function of the stack."""
    [manifest] = Path(str(app.synth().directory)).rglob(f"{stack}.assets.json")
    files = json.loads(manifest.read_text())["files"].values()
    [archive] = [str(file["source"]["path"]) for file in files if file["source"]["path"].endswith(".zip")]
    return (manifest.parent / archive).resolve()


@pytest.fixture
def archive(app: App, stack: Stack, vpc: ec2.IVpc) -> Path:
    GeuseEfs(stack, "Efs", vpc=vpc)
    return _archive(app)


@pytest.fixture
def contents(archive: Path) -> dict[str, bytes]:
    """All files by their path, those of the archive inside included."""
    found: dict[str, bytes] = {}
    with ZipFile(archive) as packed:
        for name in packed.namelist():
            if not name.endswith(".zip"):
                found[name] = packed.read(name)
                continue
            with ZipFile(BytesIO(packed.read(name))) as inner:
                found |= {f"geuse_efs_waiter/{one}": inner.read(one) for one in inner.namelist()}
    return found


def test_has_the_package_and_nothing_else(contents: dict[str, bytes]) -> None:
    assert "geuse_efs_waiter/handler.py" in SOURCES
    assert "geuse_efs_waiter/adoption/claim.py" in SOURCES
    assert sorted(contents) == sorted(SOURCES)


def test_holds_the_code_that_is_tested(contents: dict[str, bytes]) -> None:
    assert contents == {name: without_words(source.read_text()).encode() for name, source in SOURCES.items()}


def test_python_finds_all_of_it(archive: Path, tmp_path: Path) -> None:
    """Unpacked, as Lambda does it; what does not wait is imported from the archive inside."""
    with ZipFile(archive) as packed:
        packed.extractall(tmp_path)
    names = [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in SOURCES]
    code = f"import importlib\nfor name in {names}:\n    print(importlib.import_module(name).__file__)"
    environment = {"PYTHONPATH": str(tmp_path), "AWS_DEFAULT_REGION": "us-east-1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    places = dict(zip(names, done.stdout.splitlines(), strict=True))
    package = tmp_path / "geuse_efs_waiter"
    assert places["geuse_efs_waiter.handler"] == str(package / "handler.py")
    assert places["geuse_efs_waiter.adoption.ownership.claim"] == str(package / "packed.zip/adoption/claim.py")
    assert all(place.startswith(str(package)) for place in places.values())


def test_stacks_of_all_stages_upload_the_same_file(app: App) -> None:
    places = (Stack(app, "Storage"), Stack(Stage(app, "Prod"), "Deep"), Stack(Stage(Stage(app, "A"), "B"), "Deeper"))
    for stack in places:
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    archive, *others = [_archive(app, name) for name in ("Storage", "ProdDeep*", "AB*")]
    assert archive.parent == Path(app.outdir).resolve()
    assert archive.is_file()
    assert others == [archive, archive]


def test_the_function_runs_what_is_uploaded(app: App, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    code = properties_of(FUNCTION, stack)["Code"]
    assert code["S3Key"] == _archive(app).name.removeprefix("asset.")


def test_everybody_may_read_its_files(archive: Path) -> None:
    """Lambda runs as another user than the one who owns them."""
    with ZipFile(archive) as packed:
        assert {file.external_attr >> 16 for file in packed.infolist()} == {0o100644}


def test_is_small(archive: Path) -> None:
    assert archive.stat().st_size <= LARGEST_ARCHIVE


def test_its_handler_exists() -> None:
    # Read, not imported: it makes its AWS clients when it is imported.
    source = ast.parse(SOURCES["geuse_efs_waiter/handler.py"].read_text())
    assert "handler" in [one.name for one in source.body if isinstance(one, ast.FunctionDef)]


class _EmptyDocstrings(ast.NodeTransformer):
    """Makes every docstring empty, the way the archive does it, but on the syntax tree."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for one in node.body:
                if (
                    isinstance(one, ast.Expr)
                    and isinstance(one.value, ast.Constant)
                    and isinstance(one.value.value, str)
                ):
                    one.value.value = ""
        return self.generic_visit(node)


def _lines(tree: ast.AST) -> list[tuple[str, int]]:
    return [(type(node).__name__, node.lineno) for node in ast.walk(tree) if isinstance(node, ast.stmt)]


@pytest.mark.parametrize("name", SOURCES)
def test_its_code_means_the_same_and_stands_on_the_same_lines(name: str) -> None:
    source = SOURCES[name].read_text()
    before, after = ast.parse(source), ast.parse(without_words(source))
    assert _lines(after) == _lines(before)
    assert ast.dump(after) == ast.dump(_EmptyDocstrings().visit(before))


@pytest.mark.parametrize("name", SOURCES)
def test_its_code_has_no_words(name: str) -> None:
    left = without_words(SOURCES[name].read_text())
    assert not [line for line in left.splitlines() if line.lstrip().startswith(("#", '"""')) or "  # " in line]


def test_does_not_change_when_the_package_was_imported() -> None:
    compiled = LAMBDA / "geuse_efs_waiter" / "__pycache__"
    files = waiter_code._files.__wrapped__
    before = files()
    compiled.mkdir(exist_ok=True)
    left_over = compiled / "left_over_by_a_test.pyc"
    left_over.touch()
    try:
        assert files() == before
    finally:
        left_over.unlink()


def test_its_hash_is_that_of_its_contents(new_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch) -> None:
    def name() -> str:
        app = new_app()
        stack = Stack(app, "Storage")
        GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
        return _archive(app).name

    before = name()
    assert name() == before
    for cached in ("_archive", "_content_hash"):
        monkeypatch.setattr(waiter_code, cached, getattr(waiter_code, cached).__wrapped__)
    monkeypatch.setattr(waiter_code, "_files", lambda: {"handler.py": b"def handler(): ..."})
    assert name() != before


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiter_code, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match="the package geuse_efs_waiter is missing; install geuse-efs anew"):
        waiter_code._package_folder.__wrapped__()
