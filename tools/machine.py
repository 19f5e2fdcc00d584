"""What something is measured on: versions of packages, processor, kernels of arithmetic, and how busy it is.

python -m tools.machine    prints it as JSON
"""

import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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


if __name__ == "__main__":
    print(json.dumps(installed() | arithmetic()))
