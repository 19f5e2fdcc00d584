"""Is this computer ready for the course? Asked in chapter 00."""

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from course_utils.data.reviews import load_reviews

PYTHON = (3, 11)
MEMORY_GB = 2.0
DISTRIBUTION = "sequence-models-course"


def check_environment() -> None:
    """Print one line per thing the course needs: ✓ it is there, or ✗ what is missing and what to do.

    What is fine is said without numbers, so the text is the same on every machine that is ready.
    """
    problems = [*_python(), *_packages(), *_reviews(), *_memory()]
    for line in problems:
        print(f"✗ {line}")
    if problems:
        print("Mend these, restart the kernel (menu Kernel) and run this cell again.")
    else:
        print("✓ Python, the packages, the film reviews and enough memory are here. You are ready.")


def _python() -> Iterator[str]:
    if sys.version_info < PYTHON:
        yield f"Python {PYTHON[0]}.{PYTHON[1]} or newer is wanted, this is {sys.version.split()[0]}; see the README."


def _packages() -> Iterator[str]:
    try:
        needed = [Requirement(line) for line in requires(DISTRIBUTION) or []]
    except PackageNotFoundError:
        yield "the course is not installed in this environment: run `pip install -e .` in its folder."
        return
    for requirement in needed:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield f"{requirement.name} is missing: run `pip install -e .` in the folder of the course."
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            yield f"{requirement.name}{requirement.specifier} is wanted, {found} is here: run `pip install -e .` again."


def _reviews() -> Iterator[str]:
    try:
        load_reviews()
    except (FileNotFoundError, ValueError) as error:
        yield f"the film reviews cannot be read: {error}"


def _memory() -> Iterator[str]:
    try:
        from psutil import virtual_memory  # comes with the Jupyter kernel; a browser kernel (Pyodide) has none
    except ImportError:
        return
    free = virtual_memory().available / 2**30
    if free < MEMORY_GB:
        yield f"only {free:.1f} GB of memory are free, {MEMORY_GB:.0f} GB make it comfortable: close other programs."
