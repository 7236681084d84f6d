"""``python -m benchmarks`` runs all of them and prints what docs/benchmarks.md holds."""

from __future__ import annotations

import os
import subprocess

from benchmarks import package, synth
from benchmarks.environment import PROJECT, PYTHON, install

install()
synth.main()
print()
package.main()
print(flush=True)
# In .venv-bench for the plot; the schedule itself comes from lambda/.
subprocess.run(  # noqa: S603
    [str(PYTHON), "-m", "benchmarks.waiter", "--plot", "docs/waiter-pareto.png"],
    cwd=PROJECT,
    env={**os.environ, "PYTHONPATH": "lambda"},
    check=True,
)
