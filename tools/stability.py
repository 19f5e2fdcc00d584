"""Do the committed outputs hold wherever a learner may run them? Strict nbval over all notebooks, once for each row.

    python -m tools.stability                       every row, about four minutes each on two cores
    python -m tools.stability "one thread" lowest   only these

Rows differ in how numbers are added up (threads and kernels of OpenBLAS, vector instructions of NumPy), or in the Python
and the versions of all dependencies. Each of the latter has a virtual environment of its own, made by uv in `.stability/`,
and with --tests also runs the tests. A row that asks for a Python that is not here is left out, and says so.

Results go to benchmarks/results/stability.json; the exit code is 1 if any cell or test failed. Needs the extra `stability`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import nbformat

from benchmarks.report import Rows, load, write
from tools.check import STAGES
from tools.course import ROOT
from tools.lesson import code_cells

HOME = ROOT / ".stability"
CONSTRAINED, LOWEST, NEWEST = ("--constraint", "constraints.txt"), ("--resolution", "lowest-direct"), ("--upgrade",)
ARITHMETIC: dict[str, dict[str, str]] = {
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "two threads": {"OPENBLAS_NUM_THREADS": "2"},
    "OpenBLAS Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "OpenBLAS Sandybridge": {"OPENBLAS_CORETYPE": "Sandybridge"},
    "OpenBLAS Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "OpenBLAS SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512"},
    "NumPy without AVX-512 and AVX2": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512 X86_V3 AVX2 FMA3"},
}
"""Environment variables of each row; NumPy's features by the beginnings of their names, old and new."""
VERSIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Python 3.12": ("3.12", CONSTRAINED),
    "Python 3.13": ("3.13", CONSTRAINED),
    "lowest": ("3.11", LOWEST),
    "newest": ("3.13", NEWEST),
}
"""Python and what uv is told about the dependencies."""
FACTS = """
import json, platform, numpy, threadpoolctl
from numpy._core import _multiarray_umath as core
blas = [lib["architecture"] for lib in threadpoolctl.threadpool_info() if lib["user_api"] == "blas"]
used = [name for name in core.__cpu_dispatch__ if core.__cpu_features__[name]]
print(json.dumps({"python": platform.python_version(), "numpy": numpy.__version__, "BLAS": blas[0], "vectors": used}))
"""


def facts(python: str, environment: dict[str, str]) -> dict[str, Any]:
    """Versions, the kernel of OpenBLAS that is really used, and the vector instructions that NumPy chooses among."""
    done = subprocess.run([python, "-c", FACTS], env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def without(beginnings: Iterable[str], dispatched: Iterable[str]) -> str:
    """Those features that NumPy could use here and whose names begin so, as NPY_DISABLE_CPU_FEATURES wants them."""
    return " ".join(name for name in dispatched if name.startswith(tuple(beginnings)))


def installed(name: str, version: str, how: tuple[str, ...]) -> str | None:
    """The Python of a fresh virtual environment with the course in it; None if this machine has no such Python."""
    from uv import find_uv_bin

    uv, home = find_uv_bin(), HOME / name.replace(" ", "-")
    if subprocess.run(
        [uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", version, home]
    ).returncode:
        return None
    python = str(home / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *how, "-e", ".[test,stability]"],
                   cwd=ROOT, check=True)  # fmt: skip
    return python


def counted(stage: str, python: str, environment: dict[str, str]) -> tuple[int, list[str]]:
    """How many cells or tests of `stage` ran, and the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        (command,) = STAGES[stage]
        done = subprocess.run([python, *command, f"--junitxml={report}"], cwd=ROOT, env=environment)
        if not report.exists():
            raise RuntimeError(f"stability: pytest wrote no report for {stage} (exit code {done.returncode})")
        cases = ElementTree.parse(report).getroot().iter("testcase")
        ran = [case for case in cases if case.find("skipped") is None]
    bad = [case for case in ran if case.find("failure") is not None or case.find("error") is not None]
    return len(ran), [f"{case.get('classname')} {case.get('name')}" for case in bad]


def measured(name: str, environment: dict[str, str], python: str, stages: tuple[str, ...]) -> dict[str, Any]:
    """One row: what it ran on, how many cells and tests ran, and which failed."""
    start = time.monotonic()
    row = {"row": name} | facts(python, environment) | {"cells": None, "tests": None, "failed": []}
    for stage in stages:
        count, failed = counted(stage, python, environment)
        row |= {"cells" if stage == "notebooks" else "tests": count, "failed": row["failed"] + failed}
    return row | {"seconds": round(time.monotonic() - start)}


def compared() -> Rows:
    """How much of what the cells put out nbval compares."""
    cells = [c for path in sorted((ROOT / "notebooks").glob("*.ipynb")) for c in code_cells(nbformat.read(path, 4))]
    shown = [cell for cell in cells if cell.outputs]
    strict = [cell for cell in shown if "nbval-ignore-output" not in cell.metadata.get("tags", ())]
    words = [cell for cell in strict if any(says(output) for output in cell.outputs)]
    counts = {"with output": shown, "compared strictly": strict, "of these with more than a picture": words}
    return [
        {"code cells": name, "count": len(found), "share": len(found) / len(shown)} for name, found in counts.items()
    ]


def says(output: Any) -> bool:
    """Is there text to compare, beyond the name and size that stand for a picture?"""
    return not str(output.get("data", {}).get("text/plain", "")).startswith("<Figure size")


def main(names: list[str], tests: bool) -> int:
    """Run the rows called `names` (all, if there is none), report after each, and return the exit code.

    Raises ValueError if there is no such row."""
    if unknown := set(names) - {*ARITHMETIC, *VERSIONS}:
        raise ValueError(f"stability: wanted rows among {[*ARITHMETIC, *VERSIONS]}, got {sorted(unknown)}")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "NPY_", "MPLBACKEND"))}
    plain |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    here, busy, rows, absent = facts(sys.executable, plain), load(), list[dict[str, Any]](), list[str]()
    for name in names or [*ARITHMETIC, *VERSIONS]:
        if name in ARITHMETIC:
            environment, python, stages = plain | ARITHMETIC[name], sys.executable, ("notebooks",)
            if features := ARITHMETIC[name].get("NPY_DISABLE_CPU_FEATURES"):
                environment["NPY_DISABLE_CPU_FEATURES"] = without(features.split(), here["vectors"])
        else:
            environment, python, stages = plain, installed(name, *VERSIONS[name]), ("tests", "notebooks")[not tests :]
        if python is None:
            absent.append(name)
            continue
        rows.append(measured(name, environment, python, stages))
        short = [row | {"vectors": " ".join(row["vectors"]), "failed": len(row["failed"])} for row in rows]
        which = [{"row": row["row"], "failed": failed} for row in rows for failed in row["failed"]]
        write(
            "stability", {"rows": short, "failures": which, "compared": compared()}, load_at_start=busy, absent=absent
        )
    print("".join(f"\nleft out, this machine has no such Python: {name}" for name in absent))
    return int(any(row["failed"] for row in rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join([*ARITHMETIC, *VERSIONS]))
    parser.add_argument(
        "--tests", action="store_true", help="also run the tests where Python or the dependencies differ"
    )
    chosen = parser.parse_args()
    sys.exit(main(chosen.rows, chosen.tests))
