"""Exercise 02.3: a forecast of many steps, which feeds itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from course_utils.exercises.exercise import NotYet, again, agree, call, close, edge, same_shape
from course_utils.tree import Array


def forecast_from(x: Real[Array, "T"], t: int, a_0: float, a: Float[Array, "k"], H: int) -> Float[Array, "H"]:
    known = list(x[:t])
    for _ in range(H):
        latest = known[::-1][: len(a)]
        known.append(a_0 + np.dot(a, latest))
    return np.array(known[t:])


def diagnose_forecast(answer: Callable[..., Any]) -> None:
    x = np.random.default_rng(5).normal(size=20).cumsum()
    t, a_0, a, H = 12, 0.4, np.array([1.1, -0.5, 0.2]), 5
    result = call(answer, x, t, a_0, a, H)
    for length, what in ((t + H, "the past stands in front of the forecast"), (H + 1, "it is one value too long"),
                         (H - 1, "it is one value too short"), (len(x), "it is as long as the whole series")):  # fmt: skip
        if np.shape(result) == (length,):
            raise NotYet(f"the result: shape ({length},), wanted ({H},): {what}.", "return the H forecasts alone")
    got = same_shape(result, (H,))
    want = forecast_from(x, t, a_0, a, H)
    one_step = np.array([forecast_from(x, t + h, a_0, a, 1)[0] for h in range(H)])
    if close(got, np.full(H, x[t - 1])):
        raise NotYet(
            "it repeats the last known value, which is what the stub did.", "a_0 + a_1 x_{t-1} + a_2 x_{t-2} + ..."
        )
    if close(got, x[t : t + H]):
        raise NotYet("these are the true values: nothing was predicted.", "use x[:t] only")
    if close(got, one_step):
        raise NotYet(
            "the first step is right, then the true values x[t], x[t+1], ... are used. On the day of the forecast "
            "nobody knows them.",
            "append each prediction to what is known, and predict from that",
        )
    if close(got, np.full(H, want[0])):
        raise NotYet(
            "all steps equal the first one: predictions are not fed back.",
            "after each step, put the prediction where the newest value stands and move on by one",
        )
    if close(got, forecast_from(x, t, a_0, a[::-1], H)):
        raise NotYet(
            "the weights meet the values in the wrong order.", "a[0] belongs to the newest value: reverse the window"
        )
    if close(got, forecast_from(x, t, 0.0, a, H)):
        raise NotYet("the intercept a_0 is missing.", "add it at every step")
    for shift in (-1, 1):
        if close(got, forecast_from(x, t + shift, a_0, a, H)):
            where = "one step too early" if shift < 0 else "one step too late: x[t] is already the future"
            raise NotYet(f"your forecast starts {where}.", "known are x[0] ... x[t-1]")

    def fed(into: str) -> Array:
        """The forecast with a mistake in how a prediction is fed back, or in how often a_0 is added."""
        window, out = list(x[t - len(a) : t][::-1]), []  # the newest first
        for h in range(H):
            out.append((a_0 if h == 0 or into != "without a_0" else 0.0) + np.dot(a, window))
            window = {
                "its place": [out[-1], *window[1:]],
                "the far end": [*window[1:], out[-1]],
                "without a_0": [out[-1], *window[:-1]],
            }[into]
        return np.array(out)

    for into, what in (
        ("its place", "each prediction overwrites the newest value, so the window never moves on."),
        ("the far end", "each prediction is put where the oldest value stands."),
        ("without a_0", "the intercept a_0 is there in the first step only."),
    ):
        if close(got, fed(into)):
            raise NotYet(
                what, "each step: a_0 + a · window; then the prediction comes first, and the oldest value goes"
            )
    if close(got, forecast_from(x, t, a_0, a[::-1], 1)[0] + 0 * got) or close(
        got, forecast_from(x, t, 0.0, a[::-1], H)
    ):
        raise NotYet(
            "two mistakes at once: the weights meet the values in the wrong order, and "
            + ("predictions are not fed back." if close(got, got[0] + 0 * got) else "the intercept a_0 is missing."),
            "a[0] belongs to the newest value; a_0 is added at every step; each prediction joins what is known",
        )
    for first, what in ((x[t - 1], "the first one is the last known value"), (x[t], "the first one is the true value")):
        if close(got[0], first) and close(got[1:], want[:-1]):
            raise NotYet(f"{what}; the forecasts follow one place too late.", "the first is the forecast of x[t]")
    if close(got, want[::-1]):
        raise NotYet("the forecasts are in reverse order.", "the forecast of x[t] comes first")
    agree(got, want, "the forecast", "write out the second step by hand: it uses one prediction and two known values")
    agree(
        call(answer, x, t, a_0, a[:1], H),
        forecast_from(x, t, a_0, a[:1], H),
        "the forecast of an AR(1)",
        "use as many values as `a` has weights",
    )
    again(answer, forecast_from, (x[:17], 9, -0.2, a[:2], 7))
    hidden = np.where(np.arange(len(x)) < t, x, np.nan)
    unscaled = "each forecast is a_0 and a weighted sum, whatever the scale"
    for words, hint, *case in (
        ("H = 1", "one round of the loop", x, t, a_0, a, 1),
        ("a past of just k values", "x[t - k : t] is x[: t] there", x, len(a), a_0, a, H),
        ("a forecast of the whole rest", "the last one is that of x[T - 1]", x, t, a_0, a, len(x) - t),
        ("a series of integers, whose forecasts are none", "a copy of x holds integers: use a list, or astype(float)",
         np.arange(20) ** 2 % 7, t, a_0, a, H),
        ("a series whose future is nan", "look at x[:t] only", hidden, t, a_0, a, H),
        ("a series a billion times as large", unscaled, 1e9 * x, t, 1e9 * a_0, a, H),
        ("a series a billion times as small", unscaled, 1e-9 * x, t, 1e-9 * a_0, a, H),
    ):  # fmt: skip
        edge(words, answer, forecast_from, *case, hint=hint)
