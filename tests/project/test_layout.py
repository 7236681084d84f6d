"""What the layout promises: source roots that are no packages, and imports that point one way."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CONSTRUCTS = sorted((PROJECT / "constructs" / "geuse_efs").rglob("*.py"))
WAITER = sorted((PROJECT / "lambda" / "geuse_efs_waiter").rglob("*.py"))
STACKS = sorted((PROJECT / "stacks").rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def _imports(source: str) -> Iterator[str]:
    """The top-level packages that are imported, anywhere in the source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level or (node.module or "").partition(".")[0]


def _names(source: str) -> set[str]:
    """Every name and attribute that is used."""
    nodes = list(ast.walk(ast.parse(source)))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("root", ["constructs", "lambda", "tests"])
def test_a_source_root_is_no_package(root: str) -> None:
    # constructs/__init__.py would hide the package that the CDK is built on.
    assert not (PROJECT / root / "__init__.py").exists()


def test_tests_are_no_packages() -> None:
    assert list((PROJECT / "tests").rglob("__init__.py")) == []


def test_there_is_something_to_look_at() -> None:
    assert min(len(CONSTRUCTS), len(WAITER), len(STACKS)) > 1


@pytest.mark.parametrize("path", CONSTRUCTS, ids=_name)
def test_the_construct_imports_the_cdk_and_itself_only(path: Path) -> None:
    allowed = {"aws_cdk", "constructs", "geuse_efs", "jsii"} | sys.stdlib_module_names
    assert set(_imports(path.read_text())) <= allowed


@pytest.mark.parametrize("path", CONSTRUCTS, ids=_name)
def test_the_construct_reads_no_context_and_no_environment(path: Path) -> None:
    source = path.read_text()
    assert not _names(source) & {"try_get_context", "get_context", "get_all_context", "environ", "getenv"}
    assert "os" not in set(_imports(source))


@pytest.mark.parametrize("path", CONSTRUCTS, ids=_name)
def test_the_construct_does_not_know_the_time(path: Path) -> None:
    assert not set(_imports(path.read_text())) & {"datetime", "time", "random", "uuid", "secrets"}


@pytest.mark.parametrize("path", WAITER, ids=_name)
def test_the_waiter_imports_what_lambda_has_and_itself_only(path: Path) -> None:
    types_only = {"mypy_boto3_ec2", "mypy_boto3_efs", "mypy_boto3_lambda"}
    allowed = {"boto3", "botocore", "geuse_efs_waiter"} | sys.stdlib_module_names
    source = path.read_text()
    checked = {one for node in _type_checking(source) for one in _imports(ast.unparse(node))}
    assert set(_imports(source)) <= allowed | (types_only & checked)


@pytest.mark.parametrize("path", STACKS, ids=_name)
def test_the_stacks_import_the_construct_and_not_the_app(path: Path) -> None:
    allowed = {"aws_cdk", "constructs", "geuse_efs", "stacks"} | sys.stdlib_module_names
    assert set(_imports(path.read_text())) <= allowed


def test_only_the_settings_read_the_context() -> None:
    readers = [path.name for path in [*CONSTRUCTS, *STACKS] if "context" in _names(path.read_text())]
    assert readers == ["settings.py"]


def test_the_app_imports_the_stacks_only() -> None:
    assert set(_imports((PROJECT / "app.py").read_text())) == {"aws_cdk", "stacks", "sys"}


def _type_checking(source: str) -> Iterator[ast.If]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield node
