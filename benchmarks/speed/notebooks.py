"""How long a learner and CI wait: seconds for each chapter from top to bottom, and for the first imports.

    python -m benchmarks.speed.notebooks [--quick] [01 03]

run     the chapter's cells in a fresh kernel (nbclient), the kernel's start not counted
nbval   the chapter under strict nbval in a process of its own, everything counted
import  seconds that `import course_utils` and the first cell of every chapter take in a fresh process once NumPy is
        there; the median of nine (--quick: three), modules read from disk before

All with one BLAS thread. --quick leaves nbval out. Wanted on two cores: a chapter at most 45 s, `import course_utils` at
most 0.3 s. Results go to benchmarks/results/notebooks.json.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import nbformat
from nbclient import NotebookClient

from tools.command_line import arguments
from tools.course import ROOT, chapters
from tools.lesson import code_cells
from tools.machine import load
from tools.report import Rows, write

CHAPTER, IMPORT = 45.0, 0.3
"""Seconds wanted for a chapter, and for `import course_utils` beyond NumPy."""
ENVIRONMENT = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
ENVIRONMENT.pop("MPLBACKEND", None)
EVERYTHING = """
import importlib, pkgutil, course_utils
for module in pkgutil.walk_packages(course_utils.__path__, "course_utils."):
    importlib.import_module(module.name)
"""
STOPWATCH = (
    "import sys, time, numpy; start = time.perf_counter(); exec(sys.argv[1]); print(time.perf_counter() - start)"
)


def run(path: Path) -> float:
    """Seconds that all cells of the notebook take in a fresh kernel. Raises CellExecutionError if one fails."""
    notebook = nbformat.read(path, 4)
    client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}})
    with client.setup_kernel(env=ENVIRONMENT):
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        return time.perf_counter() - start


def nbval(path: Path) -> float:
    """Seconds of `pytest --nbval` on the notebook. Raises RuntimeError with the end of its output if it fails."""
    flags = (
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=600",
        "-q",
        "-p",
        "no:cacheprovider",
        "-W",
        "default",
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *flags, str(path)], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"nbval fails on {path.name}, so its time means nothing:\n{done.stdout[-1500:]}")
    return time.perf_counter() - start


def seconds_of(code: str, repeats: int) -> float:
    """Median seconds of `code` in a fresh process that has imported NumPy; one unmeasured process goes first."""
    command = (sys.executable, "-c", STOPWATCH, code)
    times = [
        float(subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout)
        for _ in range(1 + repeats)
    ]
    return median(times[1:])


def main(names: list[str], quick: bool) -> dict[str, Rows]:
    """Measure the chapters that begin with one of `names` (all, if there is none), print and write the tables.

    Raises ValueError if there is no such chapter."""
    built = [c for c in chapters() if c.notebook.exists() and (not names or c.name.startswith(tuple(names)))]
    if not built:
        raise ValueError(f"notebooks: wanted numbers of built chapters, such as 00; got {names}")
    busy = load()
    first_cell = code_cells(nbformat.read(built[0].notebook, 4))[0].source
    imports = [
        {"code": name, "seconds": round(seconds_of(code, 3 if quick else 9), 3), "wanted": wanted}
        for name, code, wanted in (
            ("import course_utils", "import course_utils", IMPORT),
            ("the first cell", first_cell, None),
            ("load_reviews()", "from course_utils.data.reviews import load_reviews\nload_reviews()", None),
            ("every module of course_utils", EVERYTHING, None),
            ("matplotlib.pyplot alone", "import matplotlib.pyplot", None),
        )
    ]
    times = []
    for chapter in built:
        times.append(
            {
                "chapter": chapter.name,
                "run s": round(run(chapter.notebook), 2),
                "nbval s": None if quick else round(nbval(chapter.notebook), 2),
                "wanted": CHAPTER,
            }
        )
        print(times[-1], flush=True)
    tables: dict[str, Rows] = {"seconds of a chapter": times, "seconds of an import, NumPy being there": imports}
    write("notebooks", tables, keep=not quick, load_at_start=busy)
    return tables


if __name__ == "__main__":
    main(**vars(arguments(__doc__, quick="without nbval, fewer repeats", names="NN")))
