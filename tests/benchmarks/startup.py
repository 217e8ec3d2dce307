"""Start-up against bare imports, in one interleaved run: `python tests/benchmarks/startup.py [rounds]`.

Prints medians and ratios. The promises: `--help` within 1.3 × of importing click; `solve` and `grade` of one file within
1.3 × of importing click, yaml, numpy and rich.table. hwcheck starts NumPy with one BLAS thread, which is faster than a bare
import; the ratio against imports that do the same is printed beside it.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HWCHECK = Path(sys.executable).parent / "hwcheck"
ANSWERS = ROOT / "problems" / "answers" / "comp433-a3.right.yaml"
IMPORTS = "import click, yaml, numpy, rich.table"
ONE_THREAD = f"import os; os.environ['OPENBLAS_NUM_THREADS'] = '1'; {IMPORTS}"
COMMANDS = {
    "import click": [sys.executable, "-c", "import click"],
    "import click, yaml, numpy, rich.table": [sys.executable, "-c", IMPORTS],
    "the same with one BLAS thread": [sys.executable, "-c", ONE_THREAD],
    "hwcheck --help": [str(HWCHECK), "--help"],
    "hwcheck solve conv2d": [str(HWCHECK), "solve", "conv2d"],
    "hwcheck grade (5 parts)": [
        str(HWCHECK),
        "grade",
        str(ANSWERS.with_name("conv2d.right.yaml")),
        "--against",
        "conv2d",
    ],
    "hwcheck grade (38 parts)": [str(HWCHECK), "grade", str(ANSWERS), "--against", "comp433-a3"],
}
PROMISES = {
    "hwcheck --help": "import click",
    "hwcheck solve conv2d": "import click, yaml, numpy, rich.table",
    "hwcheck grade (5 parts)": "import click, yaml, numpy, rich.table",
    "hwcheck grade (38 parts)": "import click, yaml, numpy, rich.table",
}


def once(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    return 1000 * (time.perf_counter() - start)


def main(rounds: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name in random.sample(sorted(COMMANDS), len(COMMANDS)):
            times[name].append(once(COMMANDS[name]))
    for name, values in times.items():
        against = PROMISES.get(name)
        ratio = statistics.median(a / b for a, b in zip(values, times[against], strict=True)) if against else None
        shown = f"{ratio:5.2f} × {against}" if ratio is not None else ""
        if against == "import click, yaml, numpy, rich.table":
            one = times["the same with one BLAS thread"]
            shown += (
                f" ({statistics.median(a / b for a, b in zip(values, one, strict=True)):.2f} × with one BLAS thread)"
            )
        print(f"{name:40} {statistics.median(values):7.1f} ms  {shown}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
