"""What mypy skips of the CDK is nothing that the types of this project depend on."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
MYPY = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mypy"]
SKIPPED, READ = (
    [one["module"] for one in MYPY["overrides"] if one.get("follow_imports") == how] for how in ("skip", "normal")
)
NAMED = re.compile(r"    import (aws_cdk[\w.]*) as \w+\n")
"""How a module of the CDK imports what its types name, within `if typing.TYPE_CHECKING:`."""


def sources() -> list[Path]:
    places = [PROJECT / one for one in MYPY["files"]]
    return [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))]


def cdk_folder() -> Path:
    spec = find_spec("aws_cdk")
    assert spec is not None
    return Path(str(spec.origin)).parent


def of_the_cdk(name: str) -> bool:
    return (cdk_folder().parent / name.replace(".", "/")).is_dir()


def imported(source: Path) -> Iterator[str]:
    """The modules of the CDK that the file imports."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] == "aws_cdk")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "aws_cdk":
            yield str(node.module)
            yield from filter(of_the_cdk, (f"{node.module}.{one.name}" for one in node.names))


def named_by(module: str) -> Iterator[str]:
    """The modules of the CDK whose types the module's own types name."""
    with (cdk_folder().parent / module.replace(".", "/") / "__init__.py").open() as lines:
        for line in lines:
            if line == "else:\n":
                return
            if found := NAMED.fullmatch(line):
                yield found[1]


def is_read(module: str) -> bool:
    """As mypy matches: `a.b.*` means `a.b` too."""
    return any(fnmatchcase(module, one) or module == one.removesuffix(".*") for one in READ[0])


def test_only_the_cdk_is_skipped() -> None:
    assert SKIPPED == ["aws_cdk.*"]
    assert len(READ) == 1


def test_every_module_of_the_cdk_that_is_imported_is_read() -> None:
    names = {name for source in sources() for name in imported(source)}
    assert "aws_cdk.aws_efs" in names
    assert [name for name in sorted(names) if not is_read(name)] == []


@pytest.mark.parametrize("module", [one for one in READ[0] if "*" not in one])
def test_what_a_module_names_is_read_too(module: str) -> None:
    assert [name for name in named_by(module) if not is_read(name)] == []


def test_what_the_interfaces_name_is_read_too() -> None:
    folders = [file.parent for file in (cdk_folder() / "interfaces").rglob("__init__.py")]
    names = {name for one in folders for name in named_by(".".join(one.relative_to(cdk_folder().parent).parts))}
    assert "aws_cdk.interfaces" in names
    assert [name for name in sorted(names) if not is_read(name)] == []


def test_a_module_names_others() -> None:
    assert "aws_cdk.aws_cloudwatch" in set(named_by("aws_cdk.aws_ec2"))
