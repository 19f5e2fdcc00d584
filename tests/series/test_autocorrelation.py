"""Autocorrelation and mutual information against their definitions, and against series whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.series.autocorrelation import (
    as_series,
    autocorrelation,
    mutual_information,
    standardised,
    white_noise_band,
)


def test_equals_the_sum_written_out(rng):
    x = rng.normal(size=30) + 5
    mean = sum(x) / 30
    for k, r in enumerate(autocorrelation(x, 29)):
        above = sum((x[t] - mean) * (x[t - k] - mean) for t in range(k, 30))
        assert r == pytest.approx(above / sum((x[t] - mean) ** 2 for t in range(30)), abs=1e-12)


@given(st.lists(st.integers(-100, 100), min_size=3, max_size=30).filter(lambda v: len(set(v)) > 1))
def test_bounded_and_blind_to_scale_and_shift(values):
    x = np.array(values, dtype=float)
    r = autocorrelation(x, len(x) - 1)
    assert r[0] == pytest.approx(1)
    assert np.all(np.abs(r) <= 1 + 1e-12)
    assert np.sum(r) == pytest.approx(0.5), "the deviations sum to zero, so r[0] + 2 (r[1] + ...) = 0"
    np.testing.assert_allclose(autocorrelation(7 - 3 * x, len(x) - 1), r, atol=1e-9)


def test_alternating_and_trending_series():
    assert autocorrelation(np.resize([1.0, -1.0], 100), 2)[1:] == pytest.approx([-0.99, 0.98])
    assert autocorrelation(np.arange(100.0), 1)[1] > 0.96


def test_the_band_holds_95_percent_of_white_noise(rng):
    T, series = 200, 500
    r = np.concatenate([autocorrelation(rng.normal(size=T), 5)[1:] for _ in range(series)])
    assert np.mean(np.abs(r) < white_noise_band(T)) == pytest.approx(0.95, abs=0.015)


def test_ar1_has_powers_of_its_weight(rng):
    x = np.zeros(100_000)
    noise = rng.normal(size=len(x))
    for t in range(1, len(x)):
        x[t] = 0.8 * x[t - 1] + noise[t]
    np.testing.assert_allclose(autocorrelation(x, 5), 0.8 ** np.arange(6), atol=0.03)


@pytest.mark.parametrize("step", [1.0, 1e-4, 1e-5])
def test_a_small_wave_far_from_zero_is_seen(step):
    """1.7e9 + 1e-4 sin t varies by 800 units in the last place: what is left of the wave has its autocorrelation."""
    wave = np.sin(np.arange(300.0))
    far = 1.7e9 + step * wave
    np.testing.assert_allclose(autocorrelation(far, 20), autocorrelation(wave, 20), atol=2 * np.spacing(1.7e9) / step)
    exact = (far - 1.7e9).astype(np.longdouble)
    exact -= exact.mean()
    slow = [(exact[k:] * exact[: 300 - k]).sum() / (exact * exact).sum() for k in range(21)]
    np.testing.assert_allclose(autocorrelation(far, 20), np.array(slow, float), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("unit", [5e-324, 1e-310, 1e-160, 1.0, 1e160, 5e307])
def test_no_unit_is_too_large_or_too_small(unit):
    x = np.array([3.0, 1, -2, 0, 2, 1, -3, 1])
    np.testing.assert_allclose(autocorrelation(x * unit, 7), autocorrelation(x, 7), rtol=1e-9, atol=1e-12)
    z = standardised(x * unit)
    assert z.mean() == pytest.approx(0, abs=1e-12)
    assert z.std() == pytest.approx(1)


@pytest.mark.parametrize(
    "x",
    [
        np.full(300, 0.1),
        np.full(300, 1 / 3) * 3e7,
        np.full(5, 1.7e308),
        np.full(9, 5e-324),
        np.zeros(3),
        np.sin(np.arange(300)) ** 2 + np.cos(np.arange(300)) ** 2,
        1 + np.resize([0, 2.0**-52], 50),
    ],
)
@pytest.mark.parametrize("function", [lambda x: autocorrelation(x, 1), standardised])
def test_constant_up_to_rounding_is_constant(x, function):
    with pytest.raises(ValueError, match="wanted values that vary, got a constant series: its correlation is 0/0"):
        function(x)


@pytest.mark.parametrize(
    ("x", "lags", "message"),
    [
        ([1.0, 2.0], 2, "got lags=2 for T=2"),
        ([1.0, 2.0], -1, "lags >= 0, got -1"),
        ([0.1] * 7, 1, "got a constant series"),
        ([0.0] * 7, 1, "got a constant series"),
        ([1.0, np.nan, 2.0], 1, "got nan at t=1"),
        ([], 0, "at least one real number"),
    ],
)
def test_bad_input_is_named(x, lags, message):
    with pytest.raises(ValueError, match=message):
        autocorrelation(np.array(x, dtype=float), lags)


def test_a_table_or_an_empty_band_is_named():
    with pytest.raises(ValueError, match=r"here: wanted a 1-D series .* shape \(1, 2\)"):
        as_series(np.array([[1.0, 2.0]]), "here")
    with pytest.raises(ValueError, match="got 0"):
        white_noise_band(0)


def test_mutual_information_of_known_sequences(rng):
    period = np.resize([0, 1, 2, 3], 4001)
    assert mutual_information(period, 1) == pytest.approx(2, abs=1e-3), "the next symbol is certain: all of its 2 bits"
    coins = rng.integers(0, 2, size=50_000)
    assert 0 <= mutual_information(coins, 1) < 1e-3
    copied = np.repeat(coins, 2)  # half of all neighbours are copies: the pair's table is (3/8, 1/8)
    table = np.array([3, 1, 1, 3]) / 8
    assert mutual_information(copied, 1) == pytest.approx(float(np.sum(table * np.log2(4 * table))), abs=0.01)


def test_mutual_information_is_blind_to_names(rng):
    tokens = rng.integers(0, 5, size=300).cumsum() % 5
    names = rng.permutation(20)[:5]
    assert mutual_information(names[tokens], 2) == pytest.approx(mutual_information(tokens, 2))


@pytest.mark.parametrize(("tokens", "k"), [([0, 1], 2), ([0, 1], 0), ([0, -1], 1), ([0.5, 1.0], 1), ([[0, 1]], 1)])
def test_mutual_information_names_bad_input(tokens, k):
    with pytest.raises(ValueError, match="mutual_information: wanted"):
        mutual_information(np.array(tokens), k)
