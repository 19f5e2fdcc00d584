"""Do the tests bite? Put plausible bugs into the package, one at a time, and see whether a test notices each.

python -m tools.mutate              all bugs of tools/mutants.toml; exit code 1 if one survives
python -m tools.mutate rnn losses   only those whose file is named so

Each bug is planted in a copy of the course, never in the course itself.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tools.course import ROOT

MUTANTS = ROOT / "tools" / "mutants.toml"
PARTS = "course_utils tests tools lessons benchmarks etc pyproject.toml README.md CONTRIBUTING.md".split()


@dataclass(frozen=True)
class Mutant:
    """A bug: in `file`, `old` (which stands there exactly once) becomes `new`; `tests` should notice."""

    file: str
    why: str
    old: str
    new: str
    tests: tuple[str, ...]

    def source(self) -> str:
        """The file with the bug. Raises ValueError if `old` does not stand in it exactly once."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.file}: wanted exactly one place that reads {self.old!r}, got {text.count(self.old)}"
            )
        return text.replace(self.old, self.new)


def mutants(path: Path = MUTANTS) -> list[Mutant]:
    """The bugs as listed: a table per file with its tests, and in it an array of (why, old, new)."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Mutant(file, bug["why"], bug["old"], bug["new"], tuple(entry["tests"]))
        for file, entry in listed.items()
        for bug in entry["bugs"]
    ]


def killed(mutant: Mutant, copy: Path) -> bool:
    """Plant the bug in the copy, run its tests, take it out again. True if a test failed."""
    place = copy / mutant.file
    healthy = place.read_text(encoding="utf-8")
    place.write_text(mutant.source(), encoding="utf-8")
    try:
        return run(mutant.tests, copy).returncode != 0
    finally:
        place.write_text(healthy, encoding="utf-8")


def run(tests: tuple[str, ...], copy: Path) -> "subprocess.CompletedProcess[str]":
    """Pytest in the copy, up to the first failure. Without bytecode, since two versions of a file may be born in one second."""
    command = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests)
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(copy), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def main(names: list[str]) -> int:
    """Try the chosen bugs and return how many survived; more than 0 also if the tests fail without any bug."""
    listed = mutants()
    if unknown := set(names) - (files := {Path(mutant.file).stem for mutant in listed}):
        raise ValueError(f"mutate: wanted some of {sorted(files)}, got {sorted(unknown)}")
    chosen = [mutant for mutant in listed if not names or Path(mutant.file).stem in names]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, copy / part)
        tests = tuple(sorted({test for mutant in chosen for test in mutant.tests}))
        if (healthy := run(tests, copy)).returncode:
            print(f"the tests fail without any bug:\n{healthy.stdout[-3000:]}")
            return 1
        survivors = 0
        for mutant in chosen:
            dead = killed(mutant, copy)
            survivors += not dead
            print(f"{'killed  ' if dead else 'SURVIVED'}  {Path(mutant.file).stem}: {mutant.why}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} bugs noticed")
    return survivors


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
