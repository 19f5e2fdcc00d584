"""All checks of the course in their order; `make test` and CI run nothing else.

python -m tools.check                    lint, types, tests, browser, notebooks; stops at the first that fails
python -m tools.check tests notebooks    only these
python -m tools.check wasm               part of the tests on the 32-bit machine that a browser is; CI runs it, too
python -m tools.check site               builds the website and uses it in a browser; CI does so with three chapters
python -m tools.check slow               what takes too long for every day, such as running every chapter twice in the browser
"""

import argparse
import os
import subprocess
import sys

from tools.course import ROOT

PYTEST = ("-m", "pytest", "-q")
STAGES = {
    "lint": (("-m", "ruff", "check", "."), ("-m", "ruff", "format", "--check", ".")),
    "types": (("-m", "mypy"),),
    "tests": ((*PYTEST, "-n", "2", "--dist", "loadfile", "-m", "not browser and not site and not slow", "tests"),),
    "browser": ((*PYTEST, "-rs", "-n", "2", "--maxschedchunk", "1", "-m", "browser and not slow", "tests/browser"),),
    # every cell of every notebook, its outputs compared strictly; loadscope keeps a notebook's cells in one kernel
    "notebooks": (
        (*PYTEST, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-n", "2", "--dist", "loadscope",
         "-W", "default", "notebooks"),
    ),
    # part of the tests on the 32-bit machine that a browser is, run by Node; says so where there is none
    "wasm": (("-m", "tools.wasm.tests"),),
    "site": (("-m", "tools.site"), (*PYTEST, "-rs", "-m", "site", "tests/browser")),
    "slow": ((*PYTEST, "-rs", "-n", "2", "--maxschedchunk", "1", "-m", "slow", "tests"),),
}  # fmt: skip
ASKED_FOR = {"wasm", "site", "slow"}
"""Stages that run only where they are named: two fetch 80 MB, all take their time."""


def main(names: list[str]) -> int:
    """Run the named stages and return the first exit code that is not 0, or 0."""
    # two workers with one BLAS thread each, unless told otherwise; kernels choose the inline backend by themselves
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | os.environ
    environment.pop("MPLBACKEND", None)
    for name in names or (stage for stage in STAGES if stage not in ASKED_FOR):
        for command in STAGES[name]:
            print(f"\n== {name}: python {' '.join(command)}", flush=True)
            if code := subprocess.run((sys.executable, *command), cwd=ROOT, env=environment).returncode:
                return code
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stages", nargs="*", metavar="stage", choices=[*STAGES, []], help=", ".join(STAGES))
    sys.exit(main(parser.parse_args().stages))
