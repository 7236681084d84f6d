"""Counts the round trips to the CDK's Node process: nearly all of a synth's time is spent on them (ADR 8)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from jsii._kernel.providers import process


@contextmanager
def round_trips() -> Iterator[list[str]]:
    """The requests that are sent inside of the context, by the name of their type."""
    sent: list[str] = []
    node = process._NodeProcess  # nothing public counts them
    real = node.send

    def send(self: Any, request: Any, response_type: Any) -> Any:
        sent.append(type(request).__name__)
        return real(self, request, response_type)

    with patch.object(node, "send", send):
        yield sent
