"""Autoregression: recovers what made a series, feeds its own predictions back, and is judged without a look ahead."""

import numpy as np
import pytest

from course_utils.data.series import eeg, log_prices, log_returns, stock
from course_utils.series.autoregression import Autoregression, backtest, constant, lagged, persistence, rmse, time_split


@pytest.fixture
def ar2(rng):
    """5,000 steps of x_t = 0.5 + 1.2 x_{t-1} - 0.5 x_{t-2} + noise with standard deviation 1."""
    x = np.zeros(5_000)
    for t in range(2, len(x)):
        x[t] = 0.5 + 1.2 * x[t - 1] - 0.5 * x[t - 2] + rng.normal()
    return x


def test_lagged_puts_the_newest_first():
    inputs, targets = lagged(np.arange(6.0), 2)
    assert inputs.tolist() == [[1, 0], [2, 1], [3, 2], [4, 3]]
    assert targets.tolist() == [2, 3, 4, 5]


def test_fit_finds_the_weights_that_made_the_series(ar2):
    model = Autoregression.fit(ar2, 2)
    assert model.k == 2
    assert model.a == pytest.approx([1.2, -0.5], abs=0.03)
    assert float(model.a_0) == pytest.approx(0.5, abs=0.1)


def test_fit_is_the_least_squares_solution(ar2, rng):
    x = ar2[:60]
    model = Autoregression.fit(x, 3)
    error = x[3:] - model.predict(x)
    assert error.sum() == pytest.approx(0, abs=1e-9), "the intercept takes up the mean error"
    np.testing.assert_allclose(lagged(x, 3)[0].T @ error, 0, atol=1e-8)


@pytest.mark.parametrize(("far", "size"), [(0.0, 1.0), (1e5, 1.0), (-1e9, 1.0), (1.7e9, 1e-4)])
def test_a_wave_far_from_zero_is_fitted_as_one_near_it(far, size):
    wave = np.sin(np.arange(300.0))
    x = far + size * wave
    model = Autoregression.fit(x[:200], 2)
    rounding = np.spacing(max(abs(far), 1)) / size
    np.testing.assert_allclose(model.a, [2 * np.cos(1), -1], atol=1e-12 + 20 * rounding)
    np.testing.assert_allclose(model.forecast(x[:200], 50), x[200:250], rtol=0, atol=size * (1e-9 + 1000 * rounding))


def test_a_constant_is_continued():
    assert Autoregression.fit(np.full(20, 0.1), 3).forecast(np.full(3, 0.1), 5) == pytest.approx(0.1)


def test_an_exact_recurrence_is_continued_exactly():
    t = np.arange(60)
    x = 3 + np.sin(0.4 * t)
    model = Autoregression.fit(x[:40], 2)
    np.testing.assert_allclose(model.forecast(x[:40], 20), x[40:], atol=1e-8)


def test_forecast_feeds_back_its_own_predictions(ar2):
    model = Autoregression.fit(ar2, 3)
    seen = list(ar2[:10])
    for _ in range(4):
        seen.append(float(model.a_0) + sum(a * seen[-j] for j, a in enumerate(model.a, start=1)))
    np.testing.assert_allclose(model.forecast(ar2[:10], 4), seen[10:])
    assert model.predict(ar2)[0] == pytest.approx(model.forecast(ar2[:3], 1)[0])


def test_a_batch_of_pasts_equals_one_by_one(ar2):
    model = Autoregression.fit(ar2, 2)
    past = ar2[:24].reshape(4, 2, 3)
    batch = model.forecast(past, 5)
    assert batch.shape == (5, 2, 3)
    for b in np.ndindex(2, 3):
        np.testing.assert_allclose(batch[(slice(None), *b)], model.forecast(past[(slice(None), *b)], 5))


def test_a_forecast_changes_neither_its_input_nor_forgets_where_it_ends(ar2):
    model, past = Autoregression.fit(ar2, 2), ar2[:50].copy()
    far = model.forecast(past, 300)
    np.testing.assert_array_equal(past, ar2[:50])
    assert far[-1] == pytest.approx(float(model.a_0) / (1 - model.a.sum())), "far ahead a forecast is the mean"


def test_backtest_sees_nothing_of_the_future(ar2):
    x = ar2[:100]
    pasts = []

    def spy(past, horizon):
        pasts.append(past)
        return persistence(past, horizon)

    errors = backtest(spy, x, start=70, horizon=5, memory=2)
    assert errors.shape == (5, 100 - 5 - 70 + 1)
    np.testing.assert_array_equal(pasts[0], [x[68:94], x[69:95]])
    np.testing.assert_array_equal(errors[:, 0], x[69] - x[70:75])
    np.testing.assert_array_equal(errors[:, -1], x[94] - x[95:100])


def test_errors_compound_as_the_theory_says(ar2):
    """The error h steps ahead has variance 1 + psi_1^2 + ... + psi_{h-1}^2 (Box & Jenkins 1976, section 5.2)."""
    model = Autoregression.fit(ar2[:3000], 2)
    psi = [1.0, 1.2]
    while len(psi) < 10:
        psi.append(1.2 * psi[-1] - 0.5 * psi[-2])
    errors = backtest(model.forecast, ar2, 3000, 10, 2)
    np.testing.assert_allclose(rmse(errors), np.sqrt(np.cumsum(np.square(psi))), rtol=0.08)


def test_baselines():
    past = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert persistence(past, 3).tolist() == [[3, 4]] * 3
    assert constant(7.0)(past, 2).tolist() == [[7, 7]] * 2
    assert rmse(np.array([[3.0, -4.0], [0.0, 0.0]])) == pytest.approx([np.sqrt(12.5), 0])


def test_time_split_keeps_the_order():
    train, test = time_split(np.arange(10), 0.7)
    assert train.tolist() == list(range(7))
    assert test.tolist() == [7, 8, 9]
    with pytest.raises(ValueError, match="leaves both parts a step"):
        time_split(np.arange(10), 1.0)


def test_on_the_eeg_memory_pays_and_on_shares_it_does_not():
    """The three findings that chapter 02 tells."""

    def scores(x, k):
        start = int(0.7 * len(x))
        train = x[:start]
        model = Autoregression.fit(train, k)
        forecasts = (model.forecast, persistence, constant(train.mean()))
        return [rmse(backtest(f, x, start, 1, k))[0] for f in forecasts]

    ar, last, mean = scores(eeg("PG3").values, 2)
    assert ar < 0.85 * last < 0.5 * mean
    ar, last, mean = scores(log_prices(stock("^GSPC")).values, 2)
    assert 0.98 * last < ar < 0.1 * mean, "no better than 'as last month', though far better than the mean"
    ar, last, mean = scores(log_returns(stock("^GSPC")).values, 2)
    assert ar == pytest.approx(mean, rel=0.03), "no better than the mean"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: Autoregression.fit(x, 0), "lagged: wanted k >= 1, got 0"),
        (lambda x: Autoregression.fit(x, 10), "1 <= k < T, got k=10 for T=10"),
        (lambda x: Autoregression.fit(x, 5), r"wanted T >= 11 values for the 6 unknowns of an AR\(5\), got T=10"),
        (lambda x: Autoregression.fit(np.append(x, np.nan), 2), "got nan at t=10"),
        (lambda x: Autoregression.fit(x, 2).forecast(x[:1], 3), r"AR\(2\)\S*: wanted at least 2 past values"),
        (lambda x: Autoregression.fit(x, 2).forecast(x, 0), "wanted horizon >= 1, got 0"),
        (lambda x: backtest(persistence, x, start=8, horizon=3), "start <= T - horizon"),
        (lambda x: backtest(persistence, x, start=1, horizon=3, memory=2), "memory <= start"),
    ],
)
def test_bad_input_is_named(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(rng.normal(size=10))


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e-170, 1.0, 1e170, 1e300])
@pytest.mark.parametrize("shape", [(2,), (2, 2), (2, 2, 3)])
def test_rmse_is_right_for_errors_of_every_size(size, shape):
    errors = np.full(shape, size)
    errors[0] *= -1
    np.testing.assert_array_equal(rmse(errors), [size, size])
    assert rmse(np.zeros(shape)).tolist() == [0, 0]
    assert rmse(np.zeros((0, 2))).shape == (0,)
    assert np.isnan(rmse(np.array([[1, np.nan]]))).all()
