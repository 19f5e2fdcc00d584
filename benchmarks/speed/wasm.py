"""How long a chapter takes in a browser's Python: its cells from top to bottom under Pyodide, run by Node.

    python -m benchmarks.speed.wasm [01 03]

Seconds are those of the cells, without the start of Pyodide (about ten more). Faults are errors, warnings, and outputs
that are not those of the notebook; each is printed. Results go to benchmarks/results/wasm.json after every chapter, where
chapters that are not named keep their rows, together with how busy the machine was: above half of its cores, read
the seconds as upper bounds. The exit code is 1 if there is a fault.
"""

import argparse
import subprocess
import sys
from typing import Any

from tools.course import Chapter, chapters
from tools.machine import load
from tools.report import Rows, rows_of, write
from tools.wasm.files import Files, fetch, versions
from tools.wasm.node import node
from tools.wasm.notebooks import faults, run_chapter

TITLE = "seconds of a chapter under Pyodide"


def measure(chapter: Chapter, files: Files) -> dict[str, Any]:
    """One row, and its faults printed."""
    busy, cells = load(), run_chapter(chapter, files)
    slowest = max(cells, key=lambda cell: cell.seconds)
    wrong = list(faults(chapter, cells))
    print(*wrong, sep="\n")
    return {
        "chapter": chapter.name,
        "cells": len(cells),
        "faults": len(wrong),
        "seconds": round(sum(cell.seconds for cell in cells), 1),
        "slowest cell": slowest.id,
        "its seconds": round(slowest.seconds, 1),
        "load before": busy,
        "load after": load(),
    }


def main(names: list[str]) -> Rows:
    """Measure the chapters that begin with one of `names` (all, if there is none), print and write the table.

    Raises Unavailable without Node or without the files; RuntimeError if Pyodide itself stops."""
    files = fetch("browser.txt")
    facts = {
        "inside": versions(files.core),
        "node": subprocess.check_output([node(), "--version"], text=True).strip(),
    }
    measured = []
    for chapter in chapters():
        if chapter.written and (not names or chapter.name.startswith(tuple(names))):
            measured.append(measure(chapter, files))
            rows = sorted([*kept(chapter), measured[-1]], key=lambda row: row["chapter"])
            write("wasm", {TITLE: rows}, **facts)
    return measured


def kept(measured: Chapter) -> Rows:
    """The rows of all other chapters, as they are on the disk now: two processes can measure at the same time."""
    return [row for row in rows_of("wasm", TITLE) if row["chapter"] != measured.name]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NN")
    sys.exit(any(row["faults"] for row in main(parser.parse_args().names)))
