"""Properties of text by hand, and correlations against np.corrcoef."""

import numpy as np
import pytest

from course_utils.analysis.hidden_units import PROPERTIES, correlations, inside, one_of, since


def test_since_counts_from_the_last_mark_and_stops_at_most():
    assert since("ab cde\nf", " \n", 12).tolist() == [1, 2, 0, 1, 2, 3, 0, 1]
    assert since("abcdef", " ", 3).tolist() == [1, 2, 3, 3, 3, 3]


def test_inside_opens_closes_and_ends_with_the_line():
    assert inside("a(b)c", "(", ")").tolist() == [0, 1, 1, 0, 0]
    assert inside('x"ab"y', '"', '"').tolist() == [0, 1, 1, 1, 0, 0]
    assert inside("(a\nb)", "(", ")").tolist() == [1, 1, 0, 0, 0]
    assert inside("a)b", "(", ")").tolist() == [0, 0, 0]


def test_one_of():
    assert one_of("banana", "an").tolist() == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_property_depends_on_what_was_read_only(name):
    text = 'he said "no, never!" (twice). then\nit rained again'
    whole = PROPERTIES[name](text)
    assert whole.shape == (len(text),)
    assert np.ptp(whole) > 0
    for t in (5, 12, 24, 36):
        np.testing.assert_array_equal(PROPERTIES[name](text[:t]), whole[:t])


def test_correlations_are_those_of_numpy_and_a_dead_unit_has_none(rng):
    h, values = rng.normal(size=(50, 4)).astype(np.float32), rng.normal(size=50)
    h[:, 2] = 0.5
    got = correlations(h, values)
    assert got[2] == 0
    for k in (0, 1, 3):
        np.testing.assert_allclose(got[k], np.corrcoef(h[:, k], values)[0, 1], atol=1e-6)


def test_a_unit_that_is_the_property_follows_it_best_whatever_its_sign(rng):
    values = rng.normal(size=50)
    h = rng.normal(size=(50, 5))
    h[:, 3] = -values
    assert np.abs(correlations(h, values)).argmax() == 3


def test_values_that_are_all_equal_cannot_be_followed(rng):
    with pytest.raises(ValueError, match="wanted 50 values that are not all equal"):
        correlations(rng.normal(size=(50, 2)), np.ones(50))


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_correlations_do_not_depend_on_the_size(size, rng):
    h, values = rng.normal(size=(50, 3)), rng.normal(size=50)
    want = correlations(h, values)
    np.testing.assert_allclose(correlations(h * size, values), want, rtol=1e-9)
    np.testing.assert_allclose(correlations(h * [size, 1, 1 / size], values * size), want, rtol=1e-9)
