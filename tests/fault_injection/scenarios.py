"""The requests that the faults strike."""

from __future__ import annotations

import os

from tests.fault_injection.adopting import ADOPTION
from tests.fault_injection.create_path import CREATE_PATH
from tests.fault_injection.scenario import ONE_RUN

SCENARIOS = (*CREATE_PATH, *ADOPTION)
LONG_ADOPTIONS = tuple(scenario for scenario in ADOPTION if scenario.wait > ONE_RUN)
"""Those that wait for longer than one run: a thousand calls each."""
ALL_FAULTS = os.environ.get("FAULTS") == "all"
"""Strike those too, and each call of every operation."""
