"""What every test needs: the CDK quiet and fast, and its output in pytest's own folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from aws_cdk import App

# Read by the Node process behind the CDK when it starts. tests/template/test_strict_validation.py turns it on again.
os.environ["CDK_VALIDATION"] = "false"
# What the CDK is going to remove would print a warning at every synth of a user.
os.environ["JSII_DEPRECATED"] = "fail"


@pytest.fixture
def new_app(tmp_path: Path) -> Callable[..., App]:
    """Makes apps that write below the test's folder, and not beside it in the system's."""
    # Here, so that tests without the CDK do not start Node.
    from aws_cdk import App  # noqa: PLC0415

    numbers = count()

    def make(context: dict[str, Any] | None = None) -> App:
        return App(context=context, outdir=str(tmp_path / f"cdk.out.{next(numbers)}"))

    return make
