"""One look for all pictures, in colours that everybody can tell apart."""

import io
import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_utils.plots import palette, use_style
from course_utils.plots.rnn import coloured_text, page
from course_utils.plots.series import correlogram
from course_utils.plots.style import axes
from course_utils.plots.training import loss_curve
from tests.settings import HOSTILE
from tools.course import ROOT

# Linear RGB as seen without one kind of cone (Viénot, Brettel & Mollon 1999).
BLIND = {
    "protan": np.array([[0.1124, 0.8876, 0], [0.1124, 0.8876, 0], [0.0040, -0.0040, 1]]),
    "deutan": np.array([[0.2928, 0.7072, 0], [0.2928, 0.7072, 0], [-0.0223, 0.0223, 1]]),
    "all cones": np.eye(3),
}


def lab(rgb):
    """CIE L*a*b* of linear RGB: distances are how different two colours look."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(to_xyz @ rgb / [0.9505, 1, 1.089], 1e-6, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", BLIND)
@pytest.mark.parametrize("group", ["GATES", "MODELS", "MATRICES", "ACTIVATIONS", "LABELS"])
def test_colours_of_a_group_differ_for_all_eyes(eyes, group):
    colours = {name: lab(BLIND[eyes] @ np.array(to_rgb(c)) ** 2.2) for name, c in getattr(palette, group).items()}
    for (one, a), (other, b) in combinations(colours.items(), 2):
        assert np.linalg.norm(a - b) > 10, f"{one} and {other} look alike"


def test_the_style_reaches_the_figures_that_follow():
    with mpl.rc_context():
        use_style()
        ax = axes(None)
        assert tuple(ax.figure.get_size_inches()) == (8, 3.6)
        assert not ax.spines["top"].get_visible()
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0].lstrip("#") == palette.BLUE.lstrip("#")
        assert axes(ax) is ax
        plt.close(ax.figure)


def drawn():
    """The bytes of a few figures of chapters, as a notebook stores them."""
    figures = [
        loss_curve(list(np.exp(-np.arange(99) / 20))).figure,
        correlogram(0.8 ** np.arange(9), 50).figure,
        page("Not good, bad.", title="A text").figure,
        coloured_text("not good", np.linspace(-1, 1, 8)).figure,
    ]
    fig, ax = plt.subplots()
    ax.plot([-1, 1], [1e5, 1e-5], label="$x_t$")
    ax.imshow(np.eye(3))
    ax.hist([1, 2, 2], label="counted")
    ax.legend()
    for figure in [*figures, fig]:
        file = io.BytesIO()
        figure.savefig(file, metadata={"Software": None})
        plt.close(figure)
        yield file.getvalue()


@pytest.mark.parametrize("settings", HOSTILE.values(), ids=HOSTILE)
def test_figures_look_the_same_whatever_was_set_before(settings):
    with mpl.rc_context():
        use_style()
        plain = list(drawn())
    with mpl.rc_context(settings):
        use_style()
        assert list(drawn()) == plain


def test_the_learner_has_the_last_word():
    """And what is no matter of looks stays: which backend draws, and whether windows open at once."""
    with mpl.rc_context({"interactive": True, "figure.max_open_warning": 3}):
        before = mpl.rcParams["backend"]
        use_style()
        assert (mpl.rcParams["interactive"], mpl.rcParams["figure.max_open_warning"]) == (True, 3)
        assert mpl.rcParams["backend"] == before
        plt.rcParams["axes.facecolor"] = "black"
        figure, ax = plt.subplots()
        assert to_rgb(ax.get_facecolor()[:3]) == (0, 0, 0)
        plt.close(figure)


def test_the_colours_of_the_style_are_those_of_the_palette():
    with mpl.rc_context():
        use_style()
        named = {value.lstrip("#").lower() for value in vars(palette).values() if isinstance(value, str)}
        used = [colour.lower().lstrip("#") for colour in mpl.rcParams["axes.prop_cycle"].by_key()["color"][:6]]
        assert set(used) <= named
        assert mpl.rcParams["text.color"].lstrip("#") == palette.INK.lstrip("#")
        assert mpl.rcParams["grid.color"].lstrip("#") == palette.GRID.lstrip("#")


def test_pictures_of_a_notebook_do_not_name_the_version_of_matplotlib():
    """Else every upgrade would change the bytes of every stored picture."""
    code = (
        "from ipykernel.zmqshell import ZMQInteractiveShell as S; s = S.instance(); s.kernel = object()\n"
        "from course_utils.plots import use_style; use_style()\n"
        "from matplotlib_inline.config import InlineBackend\n"
        "print(InlineBackend.instance().print_figure_kwargs)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "{'bbox_inches': None, 'metadata': {'Software': None}}"
