"""Autoregression: predict the next value of a series from its last k values, by least squares.

x_t = a_0 + a_1 x_{t-1} + a_2 x_{t-2} + ... + a_k x_{t-k} + error          (Yule 1927; Box & Jenkins 1976, chapter 3)
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Shaped

from course_utils.math import rescaled
from course_utils.series.autocorrelation import as_series
from course_utils.shapes import expect_whole, is_real, rectangular
from course_utils.tree import Array, Tree, tree

Forecast = Callable[[Float[Array, "T *B"], int], Float[Array, "H *B"]]  # (past, horizon) -> the next values


def lagged(x: Float[Array, "T"], k: int) -> tuple[Float[Array, "N k"], Float[Array, "N"]]:
    """Inputs and targets of AR(k), N = T - k rows: `x_{t-1}, x_{t-2}, ..., x_{t-k}`, newest first, and target `x_t`.

    Raises ValueError if x is not 1-D and finite, or if there is no row: 1 <= k < T is needed.
    """
    x = as_series(x, "lagged")
    expect_whole("lagged", k=k)
    if k >= len(x):
        raise ValueError(f"lagged: wanted an order 1 <= k < T, got k={k} for T={len(x)} values.")
    return np.stack([x[k - j : len(x) - j] for j in range(1, k + 1)], axis=1), x[k:]


@tree
class Autoregression(Tree):
    """AR(k): `a_0` is the intercept, `a[j-1]` the weight of the value j steps back."""

    a_0: Float[Array, ""]
    a: Float[Array, "k"]

    @classmethod
    def fit(cls, x: Float[Array, "T"], k: int) -> "Autoregression":
        """Least squares over all T - k targets of x (conditional least squares; Box & Jenkins 1976, chapter 7).

        Raises ValueError as `lagged`, and if there are fewer targets than the k + 1 unknowns.
        """
        inputs, targets = lagged(x, k)
        if len(targets) < k + 1:
            raise ValueError(
                f"Autoregression.fit: wanted T >= {2 * k + 1} values for the {k + 1} unknowns of an AR({k}), got T={len(x)}; "
                "take a smaller k or a longer series."
            )
        mean = np.mean(x)  # about it, a series far from 0 keeps its digits; the intercept puts it back
        design = np.column_stack([np.ones(len(inputs)), inputs - mean])
        a_0, *a = np.linalg.lstsq(design, targets - mean, rcond=None)[0]
        return cls(np.array(a_0 + mean * (1 - np.sum(a))), np.array(a))

    @property
    def k(self) -> int:
        """Order: how many earlier values it looks at."""
        return len(self.a)

    def predict(self, x: Float[Array, "T"]) -> Float[Array, "N"]:
        """One-step predictions of `x[k:]`, each from the k true values before it; N = T - k."""
        return self.a_0 + lagged(x, self.k)[0] @ self.a

    def forecast(self, past: Float[Array, "T *B"], horizon: int) -> Float[Array, "H *B"]:
        """The next H = `horizon` values after `past`: each prediction is fed back as if it had been measured.

        Any batch axes forecast many pasts at once. Raises ValueError if `past` has fewer than k values or horizon < 1, or
        if the forecasts grow until they are no numbers any more.
        """
        expect_whole("Autoregression.forecast", horizon=horizon)
        past = _expect_past(past, self.k, f"Autoregression.forecast: AR({self.k})")
        x = np.concatenate([past[len(past) - self.k :], np.empty((horizon, *past.shape[1:]))])
        with np.errstate(over="ignore", invalid="ignore"):  # looked at once, below
            for t in range(self.k, len(x)):
                x[t] = self.a_0 + np.tensordot(self.a, x[t - self.k : t][::-1], axes=1)
        if not np.isfinite(x).all():
            raise ValueError("Autoregression.forecast: wanted finite numbers, got none; are those of the past finite?")
        return x[self.k :]


def _expect_past(past: Array, k: int, where: str) -> Array:
    past = rectangular(past, "past", where)
    if past.dtype.kind not in "fiub" or past.ndim < 1 or len(past) < k:
        raise ValueError(f"{where}: wanted at least {k} past values, got {past.dtype} of shape {past.shape}.")
    return past.astype(float)


def persistence(past: Float[Array, "T *B"], horizon: int) -> Float[Array, "H *B"]:
    """The baseline "nothing changes": repeats the last value. The best forecast of a random walk."""
    expect_whole("persistence", horizon=horizon)
    return np.repeat(_expect_past(past, 1, "persistence")[-1:], horizon, axis=0)


def constant(value: float) -> Forecast:
    """The baseline "always the mean" (of the training part) as a forecast function. The best for white noise."""
    return lambda past, horizon: np.full((horizon, *past.shape[1:]), value)


def time_split(x: Shaped[Array, "T *B"], fraction: float = 0.7) -> tuple[Shaped[Array, "N *B"], Shaped[Array, "M *B"]]:
    """Train on the first `fraction` of the time steps, test on all that comes after. Never shuffles.

    Raises ValueError if a part would be empty.
    """
    cut = int(len(x) * fraction) if is_real(fraction) and 0 < fraction < 1 else 0
    if not 0 < cut < len(x):
        raise ValueError(
            f"time_split: wanted a fraction that leaves both parts a step, got {fraction!r:.60} of T={len(x)}."
        )
    return x[:cut], x[cut:]


def backtest(
    forecast: Forecast, x: Float[Array, "T"], start: int, horizon: int, memory: int = 1
) -> Float[Array, "H N"]:
    """Errors `forecast - truth`, by steps ahead, of forecasts from every origin: x[origin] is the first unknown value.

    Origins run from `start` to `T - horizon`, so all horizons are judged on the same N = T - horizon - start + 1
    forecasts, each of which sees only the `memory` values before its origin. `rmse(errors)` is the RMSE by horizon.
    Raises ValueError if no origin is left, or if `start` < `memory`.
    """
    x = as_series(x, "backtest")
    expect_whole("backtest", start=start, horizon=horizon, memory=memory)
    if start < memory or len(x) - horizon < start:
        raise ValueError(
            f"backtest: wanted memory <= start <= T - horizon, "
            f"got memory={memory}, start={start}, T={len(x)}, horizon={horizon}."
        )
    windows = np.lib.stride_tricks.sliding_window_view(x[start - memory :], memory + horizon).T
    return forecast(windows[:memory], horizon) - windows[memory:]


def rmse(errors: Float[Array, "H *N"]) -> Float[Array, "H"]:
    """Root of the mean squared error over all axes but the first, in the unit of the series: one number per horizon."""
    axes = tuple(range(1, np.ndim(errors)))
    small, e = rescaled(errors, axes)
    return np.ldexp(np.sqrt(np.mean(np.square(small), axis=axes)), e.reshape(len(e)))
