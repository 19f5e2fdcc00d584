"""The rows of `tools.stability`: ways to add up numbers, and versions of Python and of the dependencies."""

import os
import subprocess

from tools.course import ROOT

ARITHMETIC = {
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "two threads": {"OPENBLAS_NUM_THREADS": "2"},
    "OpenBLAS for SSE3": {"OPENBLAS_CORETYPE": "Prescott"},
    "OpenBLAS for AVX2": {"OPENBLAS_CORETYPE": "Haswell"},
    "OpenBLAS for AVX-512": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512"},
    "NumPy without AVX-512 and AVX2": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512 X86_V3 AVX2 FMA3"},
}
"""Environment variables of each row; NumPy's features by the beginnings of their names, old and new."""
VERSIONS = {
    "Python 3.12": ("3.12", "--constraint constraints.txt"),
    "Python 3.13": ("3.13", "--constraint constraints.txt"),
    "Python 3.14": ("3.14", "--constraint constraints.txt"),
    "lowest": ("3.11", "--resolution lowest-direct"),
    "newest": ("3.13", "--upgrade"),
    "Colab": ("3.13", "--constraint constraints-colab.txt"),
}
"""Python and what uv is told about the dependencies."""
THERE_ALREADY = {"Colab": "ipykernel ipython ipywidgets matplotlib numpy pandas pillow traitlets"}
"""What is installed before the course comes, and must be the same afterwards, with all that it needs."""


def installed(name: str, version: str, how: str) -> str:
    """The Python of a fresh virtual environment with the course in it.

    LookupError if this machine has no such Python, CalledProcessError if packages do not go together, RuntimeError if
    installing the course replaced what was there already."""
    from uv import find_uv_bin  # of the extra `stability`

    home = ROOT / ".stability" / name.replace(" ", "-")
    python = str(home / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))

    def uv(command: str, *arguments: str) -> str:
        return subprocess.check_output([find_uv_bin(), *command.split(), *arguments], cwd=ROOT, text=True)

    try:
        uv("venv -q --clear --no-python-downloads --python", version, str(home))
    except subprocess.CalledProcessError as error:
        raise LookupError(
            f"{name}: Python {version} is not on this machine; this row is left to the workflow"
        ) from error
    install, freeze = ("pip install -qp", python), ("pip freeze -qp", python)
    if name in THERE_ALREADY:
        uv(*install, *how.split(), *THERE_ALREADY[name].split())
        before = set(uv(*freeze).splitlines())
        uv(*install, "-e", ".")
        if gone := before - set(uv(*freeze).splitlines()):
            raise RuntimeError(f"{name}: installing the course replaced {sorted(gone)}")
    uv(*install, *how.split(), "-e", ".[test,stability]")
    return python
