"""``python -m benchmarks`` runs all of them and prints what docs/benchmarks.md holds, in its order.

REPETITIONS=1 in the environment makes each of them quick and inexact.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.environment import PROJECT, PYTHON, install

_COMMANDS = {
    "Synthesis": [sys.executable, "-m", "benchmarks.synth"],
    # In .venv-bench for the plot; the schedule itself comes from lambda/.
    "Waiting": [str(PYTHON), "-m", "benchmarks.waiter", "--plot", "docs/waiter-pareto.png"],
    "The Lambda": [sys.executable, "-m", "benchmarks.package"],
    "The Lambda in its runtime": [sys.executable, "-m", "benchmarks.runtime"],
    "The local deployment": [sys.executable, "-m", "benchmarks.deployment"],
}

install()
_began = time.monotonic()
for _title, _command in _COMMANDS.items():
    print(f"## {_title}\n", flush=True)
    _variables = {**os.environ, "PYTHONPATH": "lambda"} if _command[0] == str(PYTHON) else None
    subprocess.run(_command, cwd=PROJECT, env=_variables, check=True)  # noqa: S603
    print(flush=True)
    sys.stderr.write(f"{_title}: done after {time.monotonic() - _began:.0f} s\n")
