"""Node, and what it is told to run under Pyodide."""

import json
import re
import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

from course_utils.notebook.environment import DISTRIBUTION
from tools.course import ROOT
from tools.wasm.files import NATIVE, Files, Unavailable

OLDEST = 18
COURSE, HOME = "/course", "/home/pyodide"
"""Where the Python inside sees this folder, and an empty one that is gone in the end."""


def node() -> str:
    """The path of a Node that is new enough. Raises Unavailable if there is none."""
    path = shutil.which("node")
    if path is None:
        raise Unavailable(f"there is no Node here, wanted {OLDEST} or newer")
    version = subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip()
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major[1]) < OLDEST:
        raise Unavailable(f"wanted Node {OLDEST} or newer, {path} is {version or 'no Node'}")
    return path


def run(files: Files, module: str, *argv: str, cwd: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`python -m module argv` under Pyodide, the course's code being that of this folder; its output is kept.

    Raises Unavailable without a Node that is new enough."""
    job = {
        "core": str(files.core),
        "native": str(files.native),
        "packages": NATIVE,
        "pure": [str(wheel) for wheel in files.pure],
        # what an installed course says of itself, so that chapter 00 can check the versions
        "files": {"sequence_models_course.dist-info/METADATA": distribution(DISTRIBUTION).read_text("METADATA")},
        "course": COURSE,
        "root": str(ROOT),
        "cwd": cwd,
        "argv": [module, *argv],
        "env": {"HOME": HOME, "PYTHONDONTWRITEBYTECODE": "1", **environment},
    }
    return subprocess.run(
        [node(), str(Path(__file__).with_name("run.mjs"))],
        input=json.dumps(job),
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
