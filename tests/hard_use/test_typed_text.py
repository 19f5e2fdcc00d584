"""Every box that can be typed into, with anything typed: always a whole picture and a sentence, never a bare Python error."""

import json
import re
import time
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ipywidgets import BoundedIntText, Text

from course_utils.data.examples import EXAMPLES
from course_utils.explorers.attention import attention_explorer
from course_utils.explorers.direction import direction_explorer
from course_utils.explorers.first_look import first_look_explorer
from course_utils.explorers.heads import heads_explorer
from course_utils.explorers.main_line import main_line_explorer
from course_utils.explorers.ngram import ngram_explorer
from course_utils.explorers.temperature import temperature_explorer
from course_utils.explorers.unrolling import unrolling_explorer
from course_utils.explorers.vocabulary import vocabulary_explorer
from course_utils.explorers.word_map import word_map_explorer
from course_utils.plots.heatmaps import heatmap
from course_utils.plots.ngram import next_words, surprise
from course_utils.plots.page import lay_out
from course_utils.plots.rnn import coloured_text, page
from course_utils.plots.text import sentence_weights, word_weights
from course_utils.pretrained.date_writer import date_writer
from course_utils.pretrained.first_reader import first_reader
from course_utils.pretrained.head_reader import head_reader
from course_utils.pretrained.word_filler import word_filler
from course_utils.text.preprocessing import words
from course_utils.text.vocabulary import Vocabulary, count
from course_utils.text.word_vectors import WordVectors
from tests.hard_use.strategies import at_most, filled, huge, numbers, result, texts

OURS = [review.text for review in EXAMPLES]
COUNTS = count(map(words, OURS))
SMALL = Vocabulary.from_counts(COUNTS)


def word_map():
    vectors = np.random.default_rng(0).normal(size=(len(SMALL), 8)).astype(np.float32)
    return word_map_explorer(WordVectors(SMALL, vectors), SMALL.words[9])


MAKE = {
    "first look": first_look_explorer,
    "vocabulary": lambda: vocabulary_explorer(COUNTS, reviews=EXAMPLES),
    "n-gram": lambda: ngram_explorer(texts=OURS * 3),
    "unrolling": unrolling_explorer,
    "main line": main_line_explorer,
    "direction": lambda: direction_explorer(word_filler(), reviews=EXAMPLES),
    "word map": word_map,
    "attention": attention_explorer,
    "heads": lambda: heads_explorer(head_reader(), reviews=EXAMPLES),
    "temperature": temperature_explorer,
}
TYPED = [name for name in MAKE if name != "vocabulary"]


@cache
def explorer(name):
    return MAKE[name]()


def box(name, kind):
    return next((control for control in explorer(name).controls.values() if isinstance(control, kind)), None)


def shows(name):
    """The picture is whole, and what is said is a sentence."""
    one = explorer(name)
    said = one.message
    assert not re.match(r"\w+(Error|Warning|Exception):", said), said
    assert bytes(one.picture.value[:4]) == b"\x89PNG"
    assert 10 < len(one.picture.tooltip) < 3_000
    json.dumps(one.reading.value + one.picture.tooltip, ensure_ascii=False).encode()  # as ipykernel sends it


@pytest.mark.parametrize("name", TYPED)
@at_most(4)
@given(typed=texts)
@example("")
@example("\ud83d\x00 $x^{ \ud800")
@example("\ufeff\u200b")
@example("\u05e9\u05dc\u05d5\u05dd 👩‍👩‍👧 e\u0301\u0301 <b>&amp;")
def test_anything_typed_gives_a_picture(name, typed):
    box(name, Text).value = typed
    shows(name)


@pytest.mark.parametrize("name", TYPED)
@at_most(2)
@given(typed=huge)
@example("the film " * 11_000)
@example("a" * 100_000)
@example("a.b," * 25_000)
def test_a_huge_text_does_not_stop_the_kernel(name, typed):
    start = time.process_time()
    box(name, Text).value = typed
    shows(name)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", MAKE)
@at_most(4)
@given(data=st.data())
def test_any_number_set_from_code_moves_a_control_or_is_refused(name, data):
    one = explorer(name)
    key = data.draw(
        st.sampled_from(sorted(set(one.controls) - {k for k, c in one.controls.items() if isinstance(c, Text)}))
    )
    before = one.state[key]
    result(one.set, **{key: data.draw(numbers)})
    shows(name)
    assert one.state[key] == one.state[key], "no control stands at nan"
    one.set(**{key: before})


@pytest.mark.parametrize("name", [name for name in MAKE if name in ("vocabulary", "direction", "heads")])
def test_a_number_outside_the_reviews_is_the_nearest(name):
    number = box(name, BoundedIntText)
    for value in (10**9, -5, 3, 0):
        number.value = value
        shows(name)
        assert number.min <= number.value <= number.max


@given(filled)
@example("\n")
@example("a" * 100_000)
def test_a_page_holds_every_token_once(text):
    for tokens, gap in ((list(text), 0), (text.split() or ["x"], 1)):
        laid = lay_out(tokens, columns=20, gap=gap)
        assert len(laid.line) == len(tokens)
        assert (np.diff(laid.line) >= 0).all()
        assert len({*zip(laid.line.tolist(), laid.column.tolist(), strict=True)}) == len(tokens)


@at_most(2)
@given(st.lists(texts.map(lambda t: t.encode("utf-8", "replace").decode()), min_size=1, max_size=5), st.integers(0, 9))
@example(["$x^{", "$", "\x00"], 0)
@pytest.mark.filterwarnings("ignore:Glyph .* missing", "ignore:.*constrained_layout not applied")
def test_figures_write_any_token(tokens, seed):
    values = np.random.default_rng(seed).normal(size=len(tokens))
    for draw in (
        lambda: heatmap(values[:, None], words=tokens),
        lambda: sentence_weights(tokens, values),
        lambda: word_weights(dict(zip(tokens, values, strict=True))),
        lambda: surprise({"a model": np.abs(values)}, tokens),
        lambda: next_words(np.abs(values) / np.abs(values).sum(), tokens, top=len(tokens)),
        lambda: coloured_text("".join(tokens) or "x", np.resize(values, len("".join(tokens)) or 1)),
        lambda: page("".join(tokens) or "x"),
    ):
        ax = result(draw)
        if ax is not None:
            ax.figure.canvas.draw()
        plt.close("all")


@at_most(20)
@given(texts)
def test_models_that_read_texts(text):
    reading = result(first_reader().read, text)
    assert reading is None or np.isfinite(reading.opinion).all()
    written = result(date_writer("dot").write, text)
    assert written is None or np.isfinite(written.p).all()
    guesses = result(word_filler().guesses, text)
    assert guesses is None or not np.isnan(guesses.log_p).any()
