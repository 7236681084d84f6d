"""The requests that the faults strike."""

from __future__ import annotations

from tests.faults.adopting import ACCESS_POINT, ADOPTION, CLIENTS, OURS, theirs
from tests.faults.create_path import CREATE_PATH
from tests.faults.scenario import FILE_SYSTEM, Scenario

__all__ = ["ACCESS_POINT", "CLIENTS", "FILE_SYSTEM", "OURS", "SCENARIOS", "Scenario", "theirs"]

SCENARIOS = (*CREATE_PATH, *ADOPTION)
