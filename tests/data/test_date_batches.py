"""Dates as batches: teacher forcing, padding, and texts of similar length together."""

import numpy as np
import pytest

from course_utils.data.date_batches import LENGTH, SIGNS, START, date_batch, date_batches, signs
from course_utils.data.dates import Pairs, draw_dates, split_dates
from course_utils.text.vocabulary import Vocabulary


def test_a_batch_gives_every_sign_one_step_before_it_is_asked_for():
    pairs = Pairs(("5.9.2012", "5/9/12; 6/9/12"), ("2012-09-05", "2012-09-05;2012-09-06"))
    vocabulary = Vocabulary.build([list("0123456789./; ")])
    x, given, answer, mask, answer_mask = date_batch(pairs, vocabulary)
    assert x.shape == mask.shape == (14, 2)
    assert given.shape == answer.shape == answer_mask.shape == (21, 2)
    assert mask.sum(0).tolist() == [8, 14]
    assert answer_mask.sum(0).tolist() == [10, 21]
    assert (given[0] == START).all()
    np.testing.assert_array_equal(given[1:], answer[:-1])
    assert signs(answer[:10, 0]) == "2012-09-05"
    assert "".join(vocabulary.decode(x[:8, 0])) == "5.9.2012"
    assert START == len(SIGNS)
    with pytest.raises(ValueError, match=r"wanted answers made of 0123456789-;, got \['/'\]"):
        date_batch(Pairs(("a",), ("1/2",)), vocabulary)


def test_batches_hold_every_pair_once_and_little_padding(rng):
    pairs = draw_dates(300, split_dates().train, rng=rng)
    vocabulary = Vocabulary.build(map(list, pairs.texts))
    batches = date_batches(pairs, vocabulary, 32, rng=rng)
    found = [
        ("".join(vocabulary.decode(batch.x[batch.mask[:, b], b])), signs(batch.answer[:, b]))
        for batch in batches
        for b in range(batch.x.shape[1])
    ]
    assert sorted(found) == sorted(zip(*pairs, strict=True))
    assert [batch.x.shape[1] for batch in batches].count(32) == 9
    assert {len(batch.answer) for batch in batches} == {LENGTH}
    assert np.mean([batch.mask.mean() for batch in batches]) > 0.85
