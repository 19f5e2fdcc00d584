"""How all benchmarks report: tables to read, and the same as JSON with the versions and the machine it was measured on."""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = (
    "numpy",
    "matplotlib",
    "ipywidgets",
    "ipykernel",
    "jupyterlab",
    "nbclient",
    "nbval",
    "nltk",
    "gensim",
    "scikit-learn",
    "torch",
)

Rows = Sequence[dict[str, Any]]
"""The rows of a table, all with the same keys."""


def installed(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Versions of Python and of those packages that are there."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """What a measurement was made on."""
    return {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()}


def arithmetic() -> dict[str, str | None]:
    """The kernel of OpenBLAS (None without threadpoolctl) and the vector instructions that NumPy chooses among here."""
    from numpy._core import _multiarray_umath as core  # also loads OpenBLAS

    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        kernel = None
    else:
        kernel = next(lib.get("architecture") for lib in threadpool_info() if lib["user_api"] == "blas")
    return {"BLAS": kernel, "vectors": " ".join(v for v in core.__cpu_dispatch__ if core.__cpu_features__[v])}


def load() -> float | None:
    """How many processes wanted a core in the last minute: above half the cores, timings mean little. None on Windows."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def table(rows: Rows) -> str:
    """The rows as text: words to the left, numbers to the right, "–" for what was not measured."""
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = [isinstance(value, str) for value in rows[0].values()]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if to_left else cell.rjust(w) for cell, w, to_left in zip(line, widths, left, strict=True)
        )
        for line in lines
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def write(name: str, tables: dict[str, Rows], **facts: Any) -> Path:
    """Print the tables and write them, with `facts`, to ``benchmarks/results/<name>.json``; returns that path."""
    for title, rows in tables.items():
        print(f"\n{title}\n{table(rows)}" if rows else f"\n{title}: nothing measured")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(
        json.dumps({"versions": installed(), "machine": machine() | arithmetic(), **facts, **tables}, indent=1) + "\n",
        "utf-8",
    )
    return path


if __name__ == "__main__":
    print(json.dumps(installed() | arithmetic()))
