"""The reader whose heads chapter 14 shows: weights that add up, blanks that hide, and more than a guess at hidden words."""

import numpy as np
import pytest

from course_utils.data.examples import EXAMPLES
from course_utils.pretrained.head_reader import LAYERS, T_MAX, N, V, head_reader
from course_utils.text.preprocessing import words
from course_utils.tree import leaves

TEXT = "the film is not bad at all ."


@pytest.fixture(scope="module")
def reader():
    return head_reader()


def test_rows_of_weights_add_up_and_see_both_sides(reader):
    for look in (reader.look(TEXT), reader.look_blanked(TEXT)):
        T = len(look.words)
        assert look.a.shape == (LAYERS, N, T, T)
        assert look.log_p.shape == (T, V)
        np.testing.assert_allclose(look.a.sum(-1), 1, atol=1e-5)
        assert (look.a > 0).all()
        np.testing.assert_allclose(np.exp(look.log_p).sum(-1), 1)
        assert np.isneginf(look.log_p[:, :2]).all(), "padding and the unknown word are no guesses"


def test_a_blank_hides_its_word_and_only_that(reader):
    one, other = (reader.look_blanked(f"the film is {word} .") for word in ("good", "bad"))
    np.testing.assert_allclose(one.a[:, :, 3], other.a[:, :, 3], atol=1e-6)
    np.testing.assert_allclose(one.log_p[3], other.log_p[3], atol=1e-4)
    assert not np.allclose(one.log_p[2], other.log_p[2], atol=1e-2)


def test_one_blank_at_a_time(reader):
    look = reader.look_blanked(TEXT)
    numbers = look.numbers.copy()
    numbers[4] = V
    logits, trace = reader.model.forward(numbers)
    weights = np.stack([block.attention.a for block in trace.transformer.blocks])
    np.testing.assert_allclose(look.a[:, :, 4], weights[:, :, 4], atol=1e-5)
    assert look.log_p[4].argmax() == logits[4, :V].argmax()


def test_it_has_learned_something(reader):
    costs, by_frequency = [], []
    share = np.array(reader.vocabulary.counts[:V]) / sum(reader.vocabulary.counts[2:])
    for review in EXAMPLES:
        text = words(review.text)[:T_MAX]
        look = reader.look_blanked(text)
        known = look.numbers > 1
        costs.append(-look.log_p[np.arange(len(text)), look.numbers][known])
        by_frequency.append(-np.log(share[look.numbers[known]]))
    assert np.concatenate(costs).mean() < np.concatenate(by_frequency).mean() - 1


def test_it_is_small_and_finite(reader):
    assert all(np.isfinite(array).all() for _, array in leaves(reader.model))
    assert sum(array.size for _, array in leaves(reader.model)) * 2 < 300_000


@pytest.mark.parametrize("text", ["word " * (T_MAX + 1), []])
def test_texts_it_cannot_read(reader, text):
    with pytest.raises(ValueError, match="1 to 28 words"):
        reader.look(text)


def test_words_are_as_good_as_a_text(reader):
    np.testing.assert_array_equal(reader.look(TEXT).a, reader.look(TEXT.split()).a)
