"""An app, a stack that does not know its account and region, and a VPC with one isolated subnet in each of three AZs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2

from tests.construct.templates import import_vpc


@pytest.fixture
def app(new_app: Callable[..., App]) -> App:
    return new_app()


@pytest.fixture
def stack(app: App) -> Stack:
    return Stack(app, "Storage")


@pytest.fixture
def vpc(stack: Stack) -> ec2.IVpc:
    return import_vpc(stack)
