"""Do the committed outputs hold wherever a learner may run them? Strict nbval over all notebooks, once for each row.

    python -m tools.stability [--quick]             every row, about four minutes each on two cores
    python -m tools.stability "one thread" lowest   only these

Rows differ in how numbers are added up (threads and kernels of OpenBLAS, vector instructions of NumPy), or in the Python
and the versions of all dependencies; the latter run in virtual environments of their own, made by uv in `.stability/`,
and run the tests, too (not with --quick). A row whose Python is not on this machine says so and is left out: the workflow
in .github/ has it. "Colab" takes that service's own versions (constraints-colab.txt) and fails if installing the course
replaces one of them. Results go to benchmarks/results/stability.json; the exit code is 1 if anything failed, or if a row
that was asked for by name is missing. Needs the extra `stability`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from xml.etree import ElementTree

from tools.check import STAGES
from tools.command_line import arguments
from tools.course import ROOT
from tools.machine import load
from tools.report import write
from tools.stability_rows import ARITHMETIC, VERSIONS, installed


def facts(python: str, environment: dict[str, str]) -> dict[str, Any]:
    """The Python and NumPy of a row, the kernel of OpenBLAS that is really used, and NumPy's vector instructions."""
    found = json.loads(subprocess.check_output([python, "-m", "tools.machine"], cwd=ROOT, env=environment))
    return {name: found[name] for name in ("python", "numpy", "BLAS", "vectors")}


def ran(stage: str, python: str, environment: dict[str, str]) -> dict[str, int]:
    """How many cells or tests of `stage` ran, and how many of them failed; pytest prints which."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        subprocess.run([python, *STAGES[stage][0], f"--junitxml={report}"], cwd=ROOT, env=environment)
        cases = [case for case in ElementTree.parse(report).iter("testcase") if case.find("skipped") is None]
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return {stage: len(cases), f"{stage} failed": len(bad)}


def main(names: list[str], quick: bool) -> int:
    """Run the rows called `names` (all, if there is none), report after each, and return the exit code.

    Raises ValueError if there is no such row."""
    if unknown := set(names) - {*ARITHMETIC, *VERSIONS}:
        raise ValueError(f"stability: wanted rows among {[*ARITHMETIC, *VERSIONS]}, got {sorted(unknown)}")
    unwanted = ("OPENBLAS_", "NPY_", "MPLBACKEND", "VIRTUAL_ENV")  # in the last IPython would look for packages first
    plain = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
    plain |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    busy, rows, missing = load(), list[dict[str, Any]](), list[str]()
    for name in names or [*ARITHMETIC, *VERSIONS]:
        start, environment, python = monotonic(), plain | ARITHMETIC.get(name, {}), sys.executable
        if off := tuple(environment.get("NPY_DISABLE_CPU_FEATURES", "").split()):
            here = facts(python, plain)["vectors"].split()
            environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(vector for vector in here if vector.startswith(off))
        if name in VERSIONS:
            try:
                python = installed(name, *VERSIONS[name])
            except LookupError as error:
                print(error, flush=True)
                missing.append(name)
                continue
        row = {"row": name} | facts(python, environment) | dict.fromkeys(("tests", "tests failed"))
        for stage in ("tests", "notebooks") if name in VERSIONS and not quick else ("notebooks",):
            row |= ran(stage, python, environment)
        rows.append(row | {"seconds": round(monotonic() - start)})
        write("stability", {"code cells under strict nbval": rows}, keep=not quick, load_at_start=busy)
    return int(
        any(row["notebooks failed"] or row["tests failed"] for row in rows) or not set(names).isdisjoint(missing)
    )


if __name__ == "__main__":
    sys.exit(main(**vars(arguments(__doc__, quick="notebooks only, no tests", names="row"))))
