"""The units explorer colours a text by what the model's unit does there."""

import numpy as np
import pytest

from course_utils.analysis.hidden_units import PROPERTIES, correlations
from course_utils.data.examples import EXAMPLES
from course_utils.data.reviews import encoded_characters, load_reviews, split
from course_utils.explorers.units import COLUMNS, ROWS, units_explorer
from course_utils.pretrained.character_models import first_rnn
from course_utils.text.characters import fold, spell


@pytest.fixture(scope="module")
def tokens():
    return encoded_characters(split(load_reviews()).test, 4_000)


@pytest.fixture
def explorer(tokens):
    return units_explorer(first_rnn(), tokens)


def test_every_control_matters(explorer, assert_every_control_matters):
    # Several properties may share their closest unit in a network of 16.
    assert_every_control_matters(explorer, still=0.4)


def test_it_shows_the_unit_over_our_own_reviews_first(explorer, tokens):
    model = first_rnn()
    text = "\n".join(fold(review.text) for review in EXAMPLES)[: ROWS * COLUMNS]
    assert "".join(explorer.artists["letters"].texts) == text.replace("\n", "¶")
    h = model.forward(encoded_characters(EXAMPLES)[: ROWS * COLUMNS])[1].recurrent.h[1:]
    found = correlations(model.forward(tokens)[1].recurrent.h[1:], PROPERTIES["position in the word"](spell(tokens)))
    order = np.argsort(-np.abs(found), kind="stable")
    for rank in (1, 5):
        explorer.set(rank=rank)
        np.testing.assert_array_equal(explorer.artists["image"].get_array().ravel(), h[:, order[rank - 1]])


def test_any_real_review_can_be_picked(explorer):
    explorer.set(review=3)
    start = fold(load_reviews()[2].text)[:100]
    assert "".join(explorer.artists["letters"].texts).startswith(start)
    assert "over review 3" in explorer.reading.value
    assert len(load_reviews()) == explorer.controls["review"].max
