"""Axes in annotations are written in one way, "T" as "T *B D": single letters with no space before them or doubled."""

import re

from tools.course import ROOT

AXES = re.compile(r'\[\s*(?:\w+\.)?(?:Array|ndarray),\s*"([^"]*)"\s*\]')

WRITTEN = ["T", "T *B", " T", "T  *B"]


def _odd(text):
    return [axes for axes in AXES.findall(text) if axes != " ".join(axes.split())]


def test_axes_have_no_space_to_spare():
    folders = ("course_utils", "tools", "benchmarks", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    odd = {
        path: _odd(path.read_text("utf-8")) for path in (*files, *ROOT.glob("lessons/*.md"), ROOT / "CONTRIBUTING.md")
    }
    assert {path.name: axes for path, axes in odd.items() if axes} == {}


def test_a_space_would_be_noticed():
    texts = [
        f'x: {kind}[{array}, "{axes}"]'
        for kind, array in (("Float", "Array"), ("Int", "np.ndarray"))
        for axes in WRITTEN
    ]
    assert [_odd(text) for text in texts] == [[], [], [" T"], ["T  *B"]] * 2
