"""The Makefile takes nothing away that it has not made, whatever a learner calls their files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.course import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="there is no make")

LEARNERS = (
    "notebooks/05_rnn.ipynb",
    "notebooks/.ipynb_checkpoints/05_rnn-checkpoint.ipynb",
    "notebooks copy/.ipynb_checkpoints/05_rnn-checkpoint.ipynb",
    "notebooks copy/05_rnn.ipynb",
    "notebooks - Copy/__pycache__/answers.txt",
    "my_notebooks/05_rnn.ipynb",
    "my_notebooks/.ipynb_checkpoints/05_rnn-checkpoint.ipynb",
    "my_notebooks/.replaced/05_rnn.ipynb",
    "my_notebooks/.originals.json",
    "my_notebooks/__pycache__/mine.cpython-311.pyc",
    "student's notes/.ipynb_checkpoints/a.ipynb",
    'a "quoted" folder/.ipynb_checkpoints/a.ipynb',
    "two\nlines/.ipynb_checkpoints/a.ipynb",
    "two\nlines/__pycache__/a.txt",
    "-rf/.ipynb_checkpoints/a.ipynb",
    "--help",
    "* ?/.ipynb_checkpoints/a.ipynb",
    "$(HOME)/`id`/a.ipynb",
    "笔记 é/.ipynb_checkpoints/笔记.ipynb",
    " blanks at both ends /.hypothesis/a.ipynb",
    "build/mine.ipynb",
    "dist/mine.ipynb",
    "course_utils/build/mine.ipynb",
    "course_utils/my model.py",
    "course_utils/my tries/.ipynb_checkpoints/a.ipynb",
    "tests/__pycache__/not compiled.ipynb",
    "tests/it's mine/__pycache__/notes.pyc",
    "tools/.venv/pyvenv.cfg",
    "benchmarks/.pytest_cache/mine.txt",
    ".venv copy/pyvenv.cfg",
    "my env/a.ipynb",
    ".gitignore",
)
CACHES = (
    ".venv/pyvenv.cfg",
    ".venv/bin/python",
    ".venv/.course",
    ".pytest_cache/README.md",
    ".mypy_cache/3.11/a b.json",
    ".ruff_cache/0/it's.bin",
    ".hypothesis/x",
    ".stability/lowest/pyvenv.cfg",
    "course_utils/__pycache__/tree.cpython-311.pyc",
    "course_utils/layers/__pycache__/rnn.cpython-313.opt-1.pyc",
    "tests/it's mine/two\nlines/__pycache__/test_x.cpython-312-pytest-9.2.0.pyc",
    "tools/__pycache__/check.cpython-311.pyc",
    "benchmarks/speed/__pycache__/layers.cpython-311.pyc",
)

OURS = ["Makefile", "constraints.txt", "pyproject.toml"]


def grow(root, names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {name}", encoding="utf-8")


def files(root):
    """Everything below `root`: bytes of files, targets of links."""
    found = {}
    for folder, below, names in os.walk(root):
        for name in [*names, *(name for name in below if os.path.islink(os.path.join(folder, name)))]:
            path = Path(folder, name)
            found[str(path.relative_to(root))] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


def make(root, *arguments, **environment):
    return subprocess.run(
        ["make", *arguments], cwd=root, env=os.environ | environment, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "the course's folder"
    root.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root)
    return root


def test_clean_takes_the_caches_and_nothing_of_the_learners(course):
    grow(course, LEARNERS)
    outside = course.parent / "outside"
    grow(outside, ("notes.ipynb", "__pycache__/x.cpython-311.pyc", "env/pyvenv.cfg"))
    for place in ("course_utils", "tests/__pycache__", "my_notebooks"):
        (course / place / "link").symlink_to(outside)
        (course / place / "lost").symlink_to("nowhere")
    theirs = files(course)
    grow(course, CACHES)
    run = make(course, "clean")
    assert (run.returncode, run.stderr) == (0, "")
    assert files(course) == theirs
    assert len(files(outside)) == 3
    empty = [folder for folder in course.rglob("__pycache__") if not any(folder.iterdir())]
    assert empty == [], "no empty shells stay"
    assert make(course, "clean").returncode == 0
    assert files(course) == theirs


def test_clean_of_a_bare_folder(course):
    assert make(course, "clean").returncode == 0
    assert sorted(files(course)) == OURS


def test_clean_takes_a_link_to_an_environment_not_what_it_leads_to(course):
    grow(course.parent / "shared", ("pyvenv.cfg", "lib/site.py"))
    (course / ".venv").symlink_to(course.parent / "shared")
    (course / ".hypothesis").symlink_to(course.parent / "shared")
    for name in ("VENV=.venv/", "VENV=.venv"):
        assert make(course, "clean", name).returncode == 0
    assert sorted(files(course)) == OURS
    assert len(files(course.parent / "shared")) == 2


@pytest.mark.parametrize("name", ["my env", "it's mine", 'a "quote"', "-rf", "é", "* ?", "a/b c/"])
def test_clean_takes_an_environment_of_any_name_and_no_other_folder(course, name):
    grow(course, ("my/pyvenv.cfg", "env/pyvenv.cfg", "mine/a.ipynb", "é2/pyvenv.cfg", "b ?/pyvenv.cfg"))
    theirs = files(course)
    grow(course, (f"{name}/pyvenv.cfg", f"{name}/lib/x.py"))
    assert make(course, "clean", VENV=name).returncode == 0
    assert files(course) == theirs


@pytest.mark.parametrize("name", ["mine", "missing", ".", "..", "/", "", "notebooks", "$(HOME)"])
def test_clean_takes_no_folder_that_is_no_environment(course, name):
    grow(course, ("mine/a.ipynb", "notebooks/a.ipynb"))
    theirs = files(course)
    make(course, "clean", VENV=name)
    assert files(course) == theirs


@pytest.mark.parametrize("name", [".", "..", "./", "{}", "{}/.."])
def test_clean_does_not_take_the_course_when_it_lies_in_the_environment(course, name):
    """Who made the environment around it (`python -m venv .`) has a pyvenv.cfg next to the notebooks."""
    grow(course, ("pyvenv.cfg", "notebooks/a.ipynb"))
    grow(course.parent, ("pyvenv.cfg",))
    theirs = files(course.parent)
    assert make(course, "clean", VENV=name.format(course)).returncode == 0
    assert files(course.parent) == theirs


# --- making an environment --------------------------------------------------------------------------------------------


@pytest.fixture
def tools_that_fail(tmp_path):
    """A PATH on which there is no uv, and a Python that leaves half an environment behind, as that of Debian."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "ls", "rm", "id", "grep", "touch", "find", "make", "env"):
        (folder / name).symlink_to(shutil.which(name))
    python = folder / "python3"
    python.write_text(
        f'#!/bin/sh\nif [ "$1" = -c ]; then exec "{sys.executable}" "$@"; fi\n'
        'for last; do :; done; mkdir="$last"\n'
        f'"{sys.executable}" -c "import os, sys; os.makedirs(sys.argv[1] + \'/half\', exist_ok=True)" "$mkdir"\nexit 1\n'
    )
    python.chmod(0o755)
    return str(folder)


def test_half_an_environment_does_not_stay(course, tools_that_fail):
    run = make(course, "test", PATH=tools_that_fail)
    assert run.returncode
    assert "sudo apt install python3-venv" in run.stdout
    assert not (course / ".venv").exists()


def test_an_environment_that_was_there_stays_when_it_cannot_be_made_whole(course, tools_that_fail):
    grow(course, (".venv/pyvenv.cfg", ".venv/mine.txt"))
    theirs = files(course)
    assert make(course, "test", PATH=tools_that_fail).returncode
    assert files(course) == theirs


def test_no_environment_is_made_in_a_folder_of_the_learners(course):
    """`make clean` would take it for an environment from then on."""
    grow(course, ("mine/a.ipynb",))
    run = make(course, "test", "VENV=mine")
    assert run.returncode
    assert "mine is there already and is no virtual environment" in run.stdout
    assert sorted(files(course)) == sorted([*OURS, "mine/a.ipynb"])


def test_a_name_with_blanks_is_refused_before_anything_is_made(course):
    before = files(course)
    run = make(course, "course", "VENV=my env")
    assert run.returncode
    assert 'without blanks, got "my env"' in run.stderr
    assert files(course) == before
    assert make(course, VENV="my env").returncode == 0, "help is given all the same"


def test_nothing_else_takes_anything_away():
    """`rm` stands in the Makefile only where the tests above look."""
    lines = [line.strip() for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()]
    assert sum(line.count("rm -") for line in lines) == 4
    assert not [line for line in lines if "xargs" in line or "-delete" in line or "git clean" in line]
