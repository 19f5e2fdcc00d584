"""The base of all explorers: one picture that follows its controls, always whole, never an error."""

import base64
import html
import io
import json
import subprocess
import sys

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from ipywidgets import Checkbox, IntSlider, Text, VBox, Widget
from matplotlib.figure import Figure
from PIL import Image

from course_utils.explorers.explorer import Explorer
from tools.course import ROOT


def waves(**options):
    """A sine with k periods, its zeros as a list of artists, and a title that only the typed text changes."""
    x = np.linspace(0, 1, 200)
    calls = []

    def setup(figure):
        ax = figure.subplots()
        ax.set(xlim=(0, 1), ylim=(-1.2, 1.2), xlabel="time (s)")
        return {
            "line": ax.plot(x, 0 * x)[0],
            "dots": [ax.plot([j / 9], [0], "o", color="k")[0] for j in range(3)],
            "title": ax.text(0.5, 1.05, "", ha="center"),
        }

    def update(artists, k, cosine, title):
        calls.append((k, cosine, title))
        if k == 5:
            raise ValueError("five waves cost $} and more than {$")
        if k == 6:
            raise RuntimeError("six is a bug")
        artists["line"].set_ydata((np.cos if cosine else np.sin)(2 * np.pi * k * x))
        for j, dot in enumerate(artists["dots"]):
            dot.set_xdata([j / max(2 * k, 1)])
        artists["title"].set_text(title)

    controls = {
        "k": IntSlider(2, 0, 6, description="k  waves"),
        "cosine": Checkbox(False, description="cosine"),
        "title": Text("waves", description="title"),
    }
    settings = {"still": ("title",), "slow": ("title",), "figsize": (5.0, 2.5)} | options
    explorer = Explorer(
        "WavesExplorer",
        controls,
        setup=setup,
        update=update,
        describe=lambda k, title: f"{k} waves of <{title}>.",
        **settings,
    )
    explorer.calls = calls
    return explorer


@pytest.fixture
def explorer():
    return waves()


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.picture.value)))


def fresh_pixels(**state):
    """What an explorer shows that has drawn everything anew with these values."""
    explorer = waves()
    explorer.set(**state)
    explorer.redraw()
    return pixels(explorer)


def test_every_move_equals_a_full_redraw_pixel_by_pixel(explorer):
    states = [{"k": 3}, {"k": 0}, {"cosine": True}, {"k": 4}, {"title": "sound"}, {"k": 1, "cosine": False}]
    for move in states:
        explorer.set(**move)
        np.testing.assert_array_equal(pixels(explorer), fresh_pixels(**explorer.state))
    assert explorer.state == {"k": 1, "cosine": False, "title": "sound"}


def test_a_move_draws_only_what_moves(explorer):
    full = []
    explorer._canvas.draw = lambda: full.append(1)
    before = pixels(explorer)
    explorer.set(k=3)
    assert not full, "the background was kept"
    changed = (pixels(explorer) != before).any(-1)
    assert 0 < changed.mean() < 0.3
    rows = np.flatnonzero(changed.any(1))
    assert rows.min() > 10, "labels and ticks stay"
    assert rows.max() < len(changed) - 40, "labels and ticks stay"


def test_slow_controls_redraw_the_background(explorer):
    full, draw = [], explorer._canvas.draw
    explorer._canvas.draw = lambda: (full.append(1), draw())
    assert not explorer.artists["title"].get_animated(), "what only they move belongs to the background"
    assert explorer.artists["line"].get_animated()
    explorer.set(cosine=True)
    assert not full
    before = pixels(explorer)
    explorer.set(title="sound")
    assert full
    assert (pixels(explorer) != before).any()


def test_update_is_called_once_per_move(explorer):
    explorer.calls.clear()
    explorer.set(k=3)
    explorer.set(k=3)
    assert explorer.calls == [(3, False, "waves")]


@pytest.mark.parametrize(("k", "said"), [(5, "five waves cost $} and more than {$"), (6, "RuntimeError: six is a bug")])
def test_what_cannot_be_drawn_is_said_in_the_picture(explorer, k, said):
    """Also with characters that matplotlib would take for mathematics."""
    before = pixels(explorer)
    explorer.set(k=k)
    assert explorer.message == said
    assert (pixels(explorer) != before).any()
    assert explorer.picture.tooltip == said
    assert html.escape(said) in explorer.reading.value
    explorer.set(k=2)
    np.testing.assert_array_equal(pixels(explorer), before)
    assert explorer.message == ""


def test_an_explorer_may_start_where_nothing_can_be_drawn():
    def refuse(artists):
        raise ValueError("nothing yet")

    explorer = Explorer("Empty", {}, setup=lambda: {}, update=refuse, describe=lambda: "never")
    assert explorer.message == explorer.picture.tooltip == "nothing yet"


def test_a_long_message_is_wrapped_into_the_picture():
    def refuse(artists):
        raise ValueError("much too long " * 30)

    explorer = Explorer("Long", {}, setup=lambda: {}, update=refuse, describe=lambda: "never")
    assert max(map(len, explorer.message.splitlines())) <= 70


def test_the_description_follows_and_is_escaped(explorer):
    assert explorer.picture.tooltip == "2 waves of <waves>."
    explorer.set(k=4, title="<script>")
    assert explorer.picture.tooltip == "4 waves of <<script>>."
    assert "4 waves of &lt;&lt;script&gt;&gt;." in explorer.reading.value
    assert "<script>" not in explorer.reading.value
    assert 'role="status"' in explorer.reading.value
    assert explorer.picture.get_state()["description"] is not None


def test_reset_puts_everything_back(explorer):
    before = pixels(explorer)
    explorer.set(k=4, cosine=True, title="sound")
    button = explorer.children[0].children[-1]
    assert button.description == "Reset"
    button.click()
    assert explorer.state == {"k": 2, "cosine": False, "title": "waves"}
    np.testing.assert_array_equal(pixels(explorer), before)


def test_set_refuses_what_does_not_exist_before_it_moves_anything(explorer):
    with pytest.raises(ValueError, match=r"WavesExplorer.set: wanted some of \['k', 'cosine', 'title'\], got \['q'\]"):
        explorer.set(k=4, q=1)
    assert explorer.state["k"] == 2


def test_repr_is_short_and_the_same_every_time(explorer):
    assert repr(explorer) == repr(waves()) == "WavesExplorer(k=2, cosine=False, title='waves')"
    explorer.set(title="many words " * 20)
    assert len(repr(explorer)) < 90


def test_the_page_has_a_picture_where_no_kernel_runs(explorer):
    data, metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == repr(explorer)
    assert metadata == {"image/png": {"alt": "2 waves of <waves>."}}, "as nbconvert asks for an alternative text"
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size == (500, 250)
    assert any(key.endswith("widget-view+json") for key in data)
    assert data["image/png"] == waves()._repr_mimebundle_()[0]["image/png"], "built again, it is the same picture"


def test_ipywidgets_7_shows_the_same(explorer, monkeypatch):
    """As Colab has it: widgets display themselves, and have no bundle to start from."""
    said = []
    before = set(explorer._repr_mimebundle_()[0])
    monkeypatch.setattr(VBox, "_ipython_display_", lambda self, **_: said.append("ipywidgets 7"), raising=False)
    monkeypatch.delattr(Widget, "_repr_mimebundle_", raising=False)
    data, metadata = DisplayFormatter().format(explorer)
    assert set(data) == before
    assert data["text/plain"] == repr(explorer)
    assert metadata["image/png"]["alt"] == explorer.picture.tooltip
    assert said == []


def test_the_picture_is_labelled_and_keyboard_controls_are_native(explorer):
    bar, picture, reading = explorer.children
    assert picture is explorer.picture
    assert reading is explorer.reading
    for key, control in explorer.controls.items():
        assert control in bar.children
        assert control.description
        assert control.style.description_width == "initial", "labels are never cut off"
        assert f"explorer-{key}" in control._dom_classes


def test_moves_are_quick_enough_for_a_slider(explorer):
    import time

    seconds = []
    for k in [3, 4, 1, 0, 2] * 4:
        start = time.process_time()
        explorer.set(k=k)
        seconds.append(time.process_time() - start)
    assert np.median(seconds) < 0.05


def test_no_pyplot_figure_is_opened(explorer):
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    waves()
    assert plt.get_fignums() == before


def test_it_works_without_a_kernel():
    code = (
        "from ipywidgets import IntSlider; from course_utils.explorers.explorer import Explorer\n"
        "e = Explorer('E', {'t': IntSlider(1)}, setup=lambda figure: {'a': figure.text(0, 0, '')},"
        " update=lambda artists, t: artists['a'].set_text(str(t)), describe=lambda t: f't is {t}.')\n"
        "e.set(t=3); import json; print(json.dumps([repr(e), len(e.picture.value), e.picture.tooltip]))"
    )
    strict = ("-W", "error", "-W", "ignore::DeprecationWarning")  # old versions of matplotlib use old pyparsing
    run = subprocess.run([sys.executable, *strict, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    name, size, tooltip = json.loads(run.stdout)
    assert (name, tooltip) == ("E(t=3)", "t is 3.")
    assert size > 500


def test_the_law_for_all_explorers_notices_a_dead_control(assert_every_control_matters):
    assert_every_control_matters(simple(lambda artists, t, dead: artists["text"].set_text(f"{t} {dead}")))
    with pytest.raises(AssertionError, match="dead: .* moves do nothing"):
        assert_every_control_matters(simple(lambda artists, t: artists["text"].set_text(f"{t}")))
    with pytest.raises(AssertionError, match=r"t=4: no"):
        assert_every_control_matters(simple(refuse_four))


def refuse_four(artists, t, dead):
    artists["text"].set_text(f"{t} {dead}")
    if t == 4:
        raise ValueError("no")


def simple(update):
    controls = {"t": IntSlider(1, 0, 5, description="t"), "dead": Checkbox(False, description="dead")}
    return Explorer(
        "Simple",
        controls,
        setup=lambda figure: {"text": figure.text(0.5, 0.5, "")},
        update=update,
        describe=lambda: "",
        figsize=(2.0, 1.0),
    )


def reader(**options):
    """Counts the letters of a typed text up to t, and says what was computed."""
    calls = []

    def letters(text):
        calls.append(f"letters of {text}")
        if not text:
            raise ValueError("type something")
        return list(text)

    def upper(letters, t):
        calls.append(f"upper {t}")
        return "".join(letters[:t]).upper()

    def write(artists, letters):
        calls.append("write")
        artists["text"].set_text("".join(letters))

    def mark(artists, upper):
        calls.append("mark")
        artists["mark"].set_text(upper)

    functions = {
        "compute": {"letters": letters, "upper": upper},
        "setup": lambda figure: {"text": figure.text(0.5, 0.8, ""), "mark": figure.text(0.5, 0.2, "")},
        "update": (write, mark),
        "describe": lambda upper, t: f"{t} read: {upper}.",
        "limits": {"t": lambda letters: len(letters)},
    }
    controls = {"text": Text("good"), "t": IntSlider(3, 1, 9), "idle": Checkbox(False)}
    explorer = Explorer("Reader", controls, figsize=(2.0, 1.0), **functions | options)
    explorer.calls = calls
    return explorer


def test_each_function_is_called_once_for_what_it_asks_for():
    explorer = reader()
    assert explorer.calls == ["letters of good", "write", "upper 3", "mark"]
    explorer.calls.clear()
    explorer.set(t=2)
    assert explorer.calls == ["upper 2", "mark"], "the text is the same"
    explorer.set(idle=True)
    explorer.set(t=3, idle=False)
    assert explorer.calls == ["upper 2", "mark", "mark"], "3 is known"
    assert explorer.picture.tooltip == "3 read: GOO."


def test_what_is_computed_is_drawn_anew_with_the_background():
    explorer = reader()
    explorer.calls.clear()
    explorer.redraw()
    assert explorer.calls == ["write", "mark"]


def test_a_slider_ends_where_its_limit_is():
    explorer = reader()
    assert explorer.controls["t"].max == 4
    explorer.set(text="no")
    assert (explorer.controls["t"].max, explorer.state["t"]) == (2, 2)
    explorer.set(text="marvellous")
    assert (explorer.controls["t"].max, explorer.state["t"]) == (10, 2), "where it stood"
    explorer.set(t=9)
    explorer.reset()
    assert explorer.state == {"text": "good", "t": 3, "idle": False}


def test_a_slider_may_go_to_the_end_of_each_new_text():
    explorer = reader(to_end=("t",))
    assert explorer.state["t"] == 4
    explorer.set(t=1, idle=True)
    assert explorer.state["t"] == 1
    explorer.set(text="bad")
    assert explorer.state["t"] == 3


def test_what_cannot_be_computed_is_said_and_leaves_the_sliders_alone():
    explorer = reader()
    before = explorer.picture.value
    explorer.set(text="")
    assert explorer.message == explorer.picture.tooltip == "type something"
    assert (explorer.controls["t"].max, explorer.state["t"]) == (4, 3)
    explorer.set(text="good")
    assert explorer.message == ""
    assert explorer.picture.value == before


def test_a_function_that_asks_for_what_there_is_not_is_named():
    with pytest.raises(
        ValueError, match=r"ask for some of \['text', 't', 'idle', 'letters', 'upper', 'artists'\], got \['q'\]"
    ):
        reader(update=lambda artists, q: None)
    with pytest.raises(ValueError, match=r"got \['later'\]"):
        Explorer("E", {}, compute={"now": lambda later: 1, "later": lambda: 2}, setup=dict, update=print, describe=str)


def test_a_parameter_with_a_default_asks_for_nothing():
    explorer = simple(lambda artists, t, dead, size=7: artists["text"].set_size(size + t + dead))
    assert explorer.artists["text"].get_size() == 8


def test_another_figure_can_show_the_same(explorer):
    explorer.set(k=3)
    other = Figure(figsize=(5.0, 2.5), dpi=100)
    explorer.draw_on(other, k=4, cosine=True, title="sound")
    assert [text.get_text() for text in other.axes[0].texts] == ["sound"]
    assert explorer.state["k"] == 3
