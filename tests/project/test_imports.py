"""Imports are a tree: no circle between modules, no arrow from a lower floor to a higher one, no package that is not there.

Imports for types count.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
Graph = dict[str, set[str]]

ROOTS = {"geuse_efs_waiter": "lambda", "geuse_efs": "constructs", "geuse_efs_check": "cli", "stacks": "", "local": ""}
"""The packages, and the source root that each stands in."""

MAY_IMPORT = {"geuse_efs_check": {"geuse_efs_waiter"}, "stacks": {"geuse_efs"}}
"""What each package may import of the others."""

CDK = {"aws_cdk", "constructs"}
NEEDS: dict[str, set[str]] = {"geuse_efs_waiter": {"boto3", "botocore"}, "geuse_efs": {*CDK, "jsii"}, "stacks": CDK}
"""What is installed beside a package, which may import nothing else: in Lambda, or where a stack is synthesised."""

IMPURE = {"os", "datetime", "time", "random", "uuid", "secrets", "try_get_context", "get_context", "get_all_context"}
"""What a construct that is the same wherever it is synthesised neither imports nor calls."""

FLOORS: dict[str, list[list[str]]] = {
    "geuse_efs_waiter": [
        ["limits", "errors", "models"],
        ["aws"],
        ["cloudformation"],
        [
            "created_spec",
            "readiness",
            "waiting",
            "run_context",
            "replacement_guard",
            "adoption",
            "adoption.ownership.notes",
        ],
        ["adoption.ownership", "deletion_guard"],
        ["adoption.checks"],
        ["adoption.reconciler"],
        ["reconciler"],
        ["handler", ""],
    ],
    "geuse_efs": [
        ["*"],  # the parts: zones, tags, groups, policies, mounts, limits and checks of values
        ["waiter_function"],
        ["clients", "custom_resource", "adoption_policy"],
        ["waiting_file_system"],
        ["mounting", "monitoring"],
        ["base"],
        ["adopted"],
        ["file_system", "mount_targets_ready"],
        [""],
    ],
    "geuse_efs_check": [["session"], ["*"], ["command"], ["main"], ["__main__", ""]],
    "stacks": [["settings"], ["storage_stack"], [""]],
    "local": [["emulator"], ["demo"], ["__main__", ""]],
}
"""From the lowest up, the modules and sub-packages of each package: the longest name that fits counts, "" is the package
itself and "*" is every module that has no floor of its own."""


def modules(package: str) -> dict[str, Path]:
    root = PROJECT / ROOTS[package]
    files = sorted((root / package).rglob("*.py"))
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


MODULES = {name: file for package in ROOTS for name, file in modules(package).items()}


def imported(source: str, known: Mapping[str, object]) -> Iterator[str]:
    """The known modules that are imported, anywhere in the source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from names & known.keys() or {str(node.module)} & known.keys()


def graph(sources: Mapping[str, str]) -> Graph:
    return {name: set(imported(source, sources)) for name, source in sources.items()}


def circle(imports: Graph) -> list[str]:
    """The modules of one circle, or none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def floor(module: str) -> int:
    """How high a module stands in its package."""
    package, _, inside = module.partition(".")
    floors = {name: number for number, names in enumerate(FLOORS[package]) for name in names}
    while inside and inside not in floors:
        inside = inside.rpartition(".")[0]
    if inside or module == package:
        return floors[inside]
    assert "*" in floors, f"{module} has no floor: put it into FLOORS"
    return floors["*"]


IMPORTS = graph({name: file.read_text() for name, file in MODULES.items()})


@pytest.mark.parametrize("package", ROOTS)
def test_there_is_no_circle_between_modules(package: str) -> None:
    assert circle({name: found for name, found in IMPORTS.items() if name.partition(".")[0] == package}) == []


@pytest.mark.parametrize("package", ROOTS)
def test_no_module_imports_one_of_a_higher_floor(package: str) -> None:
    upward = [
        f"{name} -> {other}"
        for name in modules(package)
        for other in IMPORTS[name]
        if other.partition(".")[0] == package and floor(other) > floor(name)
    ]
    assert upward == []


@pytest.mark.parametrize("package", ROOTS)
def test_packages_import_only_those_below_them(package: str) -> None:
    others = {other.partition(".")[0] for name in modules(package) for other in IMPORTS[name]} - {package}
    assert others <= MAY_IMPORT.get(package, set())


def top_level(tree: ast.AST) -> set[str]:
    """The packages that are imported, anywhere in the source."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found


def without_types(path: Path) -> ast.Module:
    """The source without what only a type checker imports."""
    tree = ast.parse(path.read_text())
    for_types = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    tree.body = [node for node in tree.body if node not in for_types]
    return tree


@pytest.mark.parametrize("package", NEEDS)
def test_a_package_imports_only_what_is_installed_beside_it(package: str) -> None:
    ours = {package, *MAY_IMPORT.get(package, ())}
    imported_by = {name: top_level(without_types(path)) for name, path in modules(package).items()}
    foreign = {name: found - ours - NEEDS[package] - sys.stdlib_module_names for name, found in imported_by.items()}
    assert {name: found for name, found in foreign.items() if found} == {}


def test_the_construct_reads_no_context_no_environment_and_no_clock() -> None:
    for path in modules("geuse_efs").values():
        tree = ast.parse(path.read_text())
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not (top_level(tree) | attributes) & IMPURE, path.name


def test_only_the_settings_read_the_context() -> None:
    paths = [*modules("geuse_efs").values(), *modules("stacks").values()]
    readers = [
        path.name
        for path in paths
        if "context" in {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
    ]
    assert readers == ["settings.py"]


def test_the_app_imports_the_stacks_only() -> None:
    assert top_level(ast.parse((PROJECT / "app.py").read_text())) == {"aws_cdk", "stacks", "sys"}


@pytest.mark.parametrize("root", ["constructs", "lambda", "tests"])
def test_a_source_root_is_no_package(root: str) -> None:
    # constructs/__init__.py would hide the package that the CDK is built on.
    assert not (PROJECT / root / "__init__.py").exists()


def test_a_circle_is_found_even_if_it_is_only_of_types() -> None:
    sources = {"a": "if TYPE_CHECKING:\n    from b import B\n", "b": "import c\n", "c": "def f():\n    import a\n"}
    assert set(circle(graph(sources))) == {"a", "b", "c"}
    assert circle(graph({**sources, "c": ""})) == []


def test_the_longest_name_that_fits_is_the_floor() -> None:
    assert floor("geuse_efs_waiter.adoption.adoption_spec") < floor("geuse_efs_waiter.adoption.checks.evaluate")
    assert floor("geuse_efs_waiter.adoption.ownership.notes") < floor("geuse_efs_waiter.adoption.ownership.plan")
    assert floor("geuse_efs.tags") < floor("geuse_efs.base") < floor("geuse_efs.file_system") < floor("geuse_efs")
