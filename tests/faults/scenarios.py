"""The requests that the faults strike."""

from __future__ import annotations

from tests.faults.adopting import ADOPTION
from tests.faults.create_path import CREATE_PATH

SCENARIOS = (*CREATE_PATH, *ADOPTION)
