"""`make test` ends alike in every run: random numbers have two sources, and tests replace both."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from geuse_efs_waiter.aws.polling import SystemClock
from geuse_efs_waiter.run_context import RunContext
from tests.simulator.simulation import simulate

PROJECT = Path(__file__).parents[2]
SHIPPED = [path for root in ("constructs", "lambda", "cli", "stacks") for path in (PROJECT / root).rglob("*.py")]
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
SOURCES = {"random", "secrets", "uuid"}


def imported(path: Path) -> set[str]:
    """The modules of random numbers that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found & SOURCES


def unseeded(path: Path) -> Iterator[str]:
    """Each call of a module of random numbers that makes no generator with a seed."""
    names = imported(path)
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="random"), attr="Random"), args=[_, *_]):
                pass
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute)) if name in names:
                yield f"{path.name} calls {name}.{attribute}"


def test_only_the_clock_and_the_run_context_draw_random_numbers() -> None:
    drawing = {str(path.relative_to(PROJECT / "lambda")): imported(path) for path in SHIPPED if imported(path)}
    assert drawing == {"geuse_efs_waiter/aws/polling.py": {"random"}, "geuse_efs_waiter/run_context.py": {"secrets"}}


@pytest.mark.parametrize("draw", [SystemClock().jitter, RunContext.__dataclass_fields__["run_suffix"].default])
def test_a_run_in_the_simulator_that_draws_one_fails(draw: Callable[[], object]) -> None:
    draw()
    with simulate(), pytest.raises(AssertionError, match="a random number was drawn"):
        draw()


def test_tests_draw_from_generators_with_a_seed_and_the_soaks_alone_take_a_new_one() -> None:
    found = [call for path in TESTS for call in unseeded(path)]
    assert set(found) == {"soak.py calls secrets.randbits"}


def test_hypothesis_draws_the_same_examples_in_every_run_and_remembers_none() -> None:
    assert hypothesis.settings.default is not None
    assert hypothesis.settings.default.derandomize
    assert hypothesis.settings.default.database is None
