"""An explorer looks the same whatever is set in matplotlib: when it is made, when it is drawn anew, and at every move."""

import importlib
import pkgutil
from collections import Counter
from functools import partial

import matplotlib as mpl
import numpy as np
import pytest
from ipywidgets import IntSlider, Text
from matplotlib import rc_context, rcParams, style

import course_utils.explorers
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.explorers.explorer import Explorer
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.linear import Linear
from course_utils.layers.rnn import RNN
from course_utils.models.recurrent import RecurrentLanguageModel, RecurrentReader
from course_utils.plots import glyphs, use_style
from course_utils.pretrained.character_models import first_rnn
from course_utils.pretrained.head_reader import head_reader
from course_utils.pretrained.word_filler import word_filler
from course_utils.text.characters import ALPHABET
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary
from course_utils.text.word_vectors import WordVectors
from tests.settings import HOSTILE

VOCABULARY = Vocabulary.build([words(review.text) for review in EXAMPLES])


def language_model():
    rng = np.random.default_rng(1)
    return RecurrentLanguageModel.init(len(ALPHABET), 6, RNN.init(6, 10, rng=rng), 10, rng=rng)


def reader():
    rng = np.random.default_rng(1)
    embedding = Embedding.init(len(VOCABULARY), 4, rng=rng)
    return RecurrentReader(embedding, GRU.init(4, 5, rng=rng), Linear.init(5, 1, rng=rng))


def vectors():
    return WordVectors(VOCABULARY, np.random.default_rng(0).normal(size=(len(VOCABULARY), 8)))


def results():
    accuracy = {source: {"frozen": {"200": [0.6, 0.7], "500": [0.7, 0.8]}} for source in ("from scratch", "reviews")}
    return {"labels": [200, 500], "accuracy": accuracy, "command": "python -m benchmarks.quality.transfer"}


WANTED = {
    "dependence": lambda: {"model": language_model()},
    "direction": lambda: {"filler": word_filler()},
    "gates_over_text": lambda: {"model": reader(), "vocabulary": VOCABULARY, "reviews": EXAMPLES},
    "heads": lambda: {"reader": head_reader()},
    "transfer": lambda: {"results": results()},
    "units": lambda: {"model": first_rnn(), "tokens": encoded_characters(split(load_reviews()).test, 4_000)},
    "vocabulary": lambda: {"counts": Counter(words(" ".join(review.text for review in EXAMPLES)))},
    "word_map": lambda: {"vectors": vectors(), "word": "plot"},
}
"""What an explorer must be given that does not come with something to show."""


def makers():
    for module in pkgutil.iter_modules(course_utils.explorers.__path__):
        found = importlib.import_module(f"course_utils.explorers.{module.name}")
        if make := getattr(found, f"{module.name}_explorer", None):
            yield pytest.param(make, WANTED.get(module.name, dict), id=module.name)


def frames(explorer):
    """The picture at first, and with every control at another value, as a move draws it and drawn anew."""
    yield explorer.picture.value
    for control in explorer.controls.values():
        if isinstance(control, Text):
            control.value = "an odd film"
        elif hasattr(control, "options"):
            control.index = len(control.options) - 1
        elif hasattr(control, "max"):
            control.value = control.max
        else:
            control.value = not control.value
    yield explorer.picture.value
    explorer.redraw()
    yield explorer.picture.value


@pytest.mark.parametrize(("make", "wanted"), makers())
def test_every_explorer_looks_the_same_under_hostile_settings(make, wanted):
    given = wanted()
    with rc_context():
        use_style()
        plain = list(frames(make(**given)))
    glyphs.glyph.cache_clear()
    glyphs.outline.cache_clear()
    with rc_context(HOSTILE["all at once"]):
        set_before = dict.copy(rcParams)
        hostile = list(frames(make(**given)))
        assert dict.copy(rcParams) == set_before, "the learner's settings are as they were"
    assert [a == b for a, b in zip(plain, hostile, strict=True)] == [True] * len(plain)


def curve():
    """A line, a legend and mathematics, with ticks that follow a slow control, and new artists at every move."""

    def setup(figure):
        ax = figure.subplots()
        ax.set(xlabel=r"time $t^2$", ylabel="loss − 1", title="A curve")
        (line,) = ax.plot([-1, 0, 1], [-1e5, 0, 1e5], label="measured")
        ax.scatter([0], [0])
        ax.imshow(np.eye(3), extent=(0, 0.5, 0, 5e4), aspect="auto")
        ax.hist([1, 2, 2], label="counted")
        ax.legend()
        return {"line": line, "text": ax.text(0, 0, "")}

    def update(artists, t, top):
        artists["line"].set_data(np.linspace(-1, 1, 200), t * 1e4 * np.sin(np.linspace(-3, 3, 200)))
        artists["text"].set_text(f"$x_{t}$ is −{t}")
        artists["line"].axes.set_ylim(-1e5, 10.0**top)

    controls = {"t": IntSlider(1, 1, 9, description="t"), "top": IntSlider(5, 1, 9, description="top")}
    return Explorer("Curve", controls, setup=setup, update=update, describe=lambda: "", slow=("top",))


@pytest.mark.parametrize("settings", HOSTILE.values(), ids=HOSTILE)
def test_no_setting_shines_through(settings):
    plain = list(frames(curve()))
    with rc_context(settings):
        assert list(frames(curve())) == plain


@pytest.mark.parametrize("name", ["dark_background", "ggplot", "classic", "grayscale", "fast", "seaborn-v0_8-talk"])
def test_no_style_shines_through(name):
    plain = list(frames(curve()))
    with style.context(name):
        assert list(frames(curve())) == plain


def test_settings_that_change_later_do_not_matter():
    """Made in one look, moved in another."""
    plain, explorer = list(frames(curve())), curve()
    with rc_context(HOSTILE["all at once"]):
        assert list(frames(explorer)) == plain


def test_a_move_in_a_notebook_touches_no_setting(monkeypatch):
    """After `use_style` there is nothing to set and to put back, which would cost a millisecond at every move."""
    with rc_context():
        use_style()
        explorer, touched = curve(), []
        monkeypatch.setattr(mpl.RcParams, "__setitem__", lambda self, key, value: touched.append(key))
        monkeypatch.setattr(mpl.RcParams, "copy", lambda self: touched.append("copy"))
        explorer.set(t=5)
        explorer.redraw()
    assert touched == []


def test_a_letter_is_kept_as_it_looks_in_the_course():
    """Outlines are made once: by whom must not matter."""
    make = partial(glyphs.glyph.__wrapped__, "g")
    with rc_context({"font.monospace": ["DejaVu Serif"], "text.usetex": True, "text.hinting_factor": 1}):
        hostile = make()
    np.testing.assert_array_equal(hostile.vertices, make().vertices)
