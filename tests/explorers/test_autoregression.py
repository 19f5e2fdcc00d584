"""The autoregression explorer: the forecast it draws is the model's, from what was known, and its scores are honest."""

import numpy as np
import pytest

from course_utils.data.series import Series, eeg
from course_utils.explorers.autoregression import AHEAD, autoregression_explorer
from course_utils.series.autoregression import Autoregression, backtest, rmse


@pytest.fixture
def explorer():
    return autoregression_explorer()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_the_forecast_is_the_models_from_the_known_part(explorer):
    explorer.set(series="EEG PG3", k=3, h=12, t_0=20)
    x = (eeg().values - eeg().values.mean()) / eeg().values.std()
    model = Autoregression.fit(x[:560], 3)
    forecast, last, mean = explorer.artists["lines"]
    np.testing.assert_allclose(forecast.get_ydata(), model.forecast(x[:580], 12))
    assert forecast.get_xdata().tolist() == list(range(12))
    assert set(last.get_ydata()) == {x[579]}
    np.testing.assert_allclose(mean.get_ydata(), x[:560].mean())
    np.testing.assert_array_equal(explorer.artists["past"].get_ydata()[-5:], x[575:580])
    np.testing.assert_array_equal(explorer.artists["future"].get_ydata(), x[580 : 580 + AHEAD])
    np.testing.assert_array_equal(explorer.artists["seen"].get_ydata(), x[577:580])
    np.testing.assert_allclose(
        explorer.artists["curves"][0].get_ydata(), rmse(backtest(model.forecast, x, 560, AHEAD, 3))
    )


def test_the_reading_gives_the_scores_of_the_dots(explorer):
    explorer.set(series="log S&P 500", k=4, h=30)
    ar, last, mean = explorer.artists["dots"].get_ydata()
    assert last < ar < mean, "a random walk: no model beats 'as last month'"
    assert f"AR(4) {ar:.2f}, persistence {last:.2f}, mean {mean:.2f}" in explorer.reading.value


def test_refuses_a_series_that_is_too_short():
    short = Series("short", np.arange(50.0), "", 1.0, "step")
    with pytest.raises(ValueError, match="wanted at least 110 values"):
        autoregression_explorer([short])
