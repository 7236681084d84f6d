"""One account with one stack whose custom resource is the waiter: everything of the simulator, put together."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from geuse_efs_waiter.aws import clients as waiter_clients
from tests.simulator.account import Account
from tests.simulator.cloudformation import ResponseAddress, Stack
from tests.simulator.functions import Code, Function, waiter
from tests.simulator.iam import Principal


@dataclass
class Simulation:
    """What a test has at hand."""

    aws: Account
    function: Function
    address: ResponseAddress
    stack: Stack


@contextmanager
def simulate(
    aws: Account | None = None,
    *,
    role: Principal | None = None,
    validating: bool = False,
    code: Code | None = None,
) -> Iterator[Simulation]:
    """A simulator that this process's calls lead to: those of the waiter's clients and those of urllib.

    Random numbers come from the virtual clock and the run context alone; to draw any other is an error, for a test must
    end alike in every run.

    Args:
        aws: default is a new account.
        role: whose rights the function has; everything is allowed to None.
        validating: the waiter's clients are botocore's, which is slower.
        code: what the function runs instead of the waiter.
    """
    aws = aws or Account()
    direct = aws.direct(role)

    def client(service: str) -> Any:
        return aws.client(service, role) if validating else direct

    address = ResponseAddress(aws)
    function = Function(aws, code or waiter(aws, client), role)
    opener = urllib.request.OpenerDirector()
    for urllib_handler in (address, urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler()):
        opener.add_handler(urllib_handler)
    with (
        mock.patch("urllib.request._opener", opener),
        mock.patch.object(waiter_clients, "client", client),
        mock.patch("random.random", _refuse),
        mock.patch("secrets.token_hex", _refuse),
    ):
        yield Simulation(aws, function, address, Stack(function, address))


def _refuse(*_: object) -> Any:
    raise AssertionError("a random number was drawn: take Clock.jitter or RunContext.run_suffix")
