"""Settings of the tests of rights."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

# The handler makes its EFS client when it is imported, as Lambda wants it.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A run logs hundreds of lines that nobody reads."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
