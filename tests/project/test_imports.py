"""Imports are a tree: no circle between modules, and no arrow from a lower floor to a higher one. Imports for types count."""

from __future__ import annotations

import ast
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
        ["custom_resource", "adoption_policy"],
        ["base"],
        ["adopted"],
        ["file_system"],
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


def test_a_circle_is_found_even_if_it_is_only_of_types() -> None:
    sources = {"a": "if TYPE_CHECKING:\n    from b import B\n", "b": "import c\n", "c": "def f():\n    import a\n"}
    assert set(circle(graph(sources))) == {"a", "b", "c"}
    assert circle(graph({**sources, "c": ""})) == []


def test_the_longest_name_that_fits_is_the_floor() -> None:
    assert floor("geuse_efs_waiter.adoption.adoption_spec") < floor("geuse_efs_waiter.adoption.checks.evaluate")
    assert floor("geuse_efs_waiter.adoption.ownership.notes") < floor("geuse_efs_waiter.adoption.ownership.plan")
    assert floor("geuse_efs.tags") < floor("geuse_efs.base") < floor("geuse_efs.file_system") < floor("geuse_efs")
