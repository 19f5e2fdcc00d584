"""The reader that comes with the course reads, and reads well."""

import numpy as np
import pytest

from course_utils.data.reviews import load_reviews, split
from course_utils.pretrained import first_reader


def test_accuracy_on_held_out_reviews():
    reader = first_reader()
    reviews = split(load_reviews()).test[:600]
    right = [(reader.read(review.text).opinion[-1] > 0.5) == review.label for review in reviews]
    assert np.mean(right) > 0.85


def test_shapes_and_causality():
    reader = first_reader()
    short, long = reader.read("not bad"), reader.read("not bad at all")
    assert short.h.shape == (2, 12)
    assert short.h.dtype == np.float32
    np.testing.assert_allclose(long.h[:2], short.h, atol=1e-6)
    np.testing.assert_allclose(long.opinion[:2], short.opinion, atol=1e-6)


def test_units_are_ordered_by_what_they_say():
    assert (np.diff(first_reader().model.layers[2].W[:, 0]) <= 0).all()


def test_no_words():
    with pytest.raises(ValueError, match="at least one|empty"):
        first_reader().read("   ")
