"""Exercise 02.3: a forecast of many steps, which feeds itself."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from course_utils.exercises.exercise import NotYet, again, agree, call, edge
from course_utils.exercises.slips import Diagnosis, Slip
from course_utils.tree import Array


def forecast_from(x: Real[Array, "T"], t: int, a_0: float, a: Float[Array, "k"], H: int) -> Float[Array, "H"]:
    known = list(x[:t])
    for _ in range(H):
        latest = known[::-1][: len(a)]
        known.append(a_0 + np.dot(a, latest))
    return np.array(known[t:])


WINDOW, PAST_ONLY, STEP, RESULT = "known[::-1]", "known[:t][::-1]", "a_0 + np.dot(a, latest)", "np.array(known[t:])"
KNOWN, APPEND = "known = list(x[:t])", f"known.append({STEP})"
FEED_BACK = "each step: a_0 + a · window; then the prediction comes first, and the oldest value goes"
TURNED = "the weights meet the values in the wrong order"
TWO = "a[0] belongs to the newest value; a_0 is added at every step; each prediction joins what is known"

mistakes_in_forecast = Diagnosis(
    forecast_from, lambda: (np.random.default_rng(5).normal(size=20).cumsum(), 12, 0.4, np.array([1.1, -0.5, 0.2]), 5),
    "the forecast", hint="write out the second step by hand: it uses one prediction and two known values",
    slips=(
        Slip(RESULT, "np.full(H, x[t - 1])", "it repeats the last known value, which is what the stub did.", "a_0 + a_1 x_{t-1} "
             "+ a_2 x_{t-2} + ..."),
        Slip(RESULT, "x[t : t + H]", "these are the true values: nothing was predicted.", "use x[:t] only"),
        Slip(("for _", WINDOW), ("for h", "x[: t + h][::-1]"), "the first step is right, then the true values x[t], x[t+1], ... "
             "are used. On the day of the forecast nobody knows them.", "append each prediction to what is known, and predict "
             "from that"),
        Slip(WINDOW, PAST_ONLY, "all steps equal the first one: predictions are not fed back.", "after each step, put the "
             "prediction where the newest value stands and move on by one"),
        Slip(STEP, "a_0 + np.dot(a[::-1], latest)", f"{TURNED}.", "a[0] belongs to the newest value: reverse the window"),
        Slip(STEP, "np.dot(a, latest)", "the intercept a_0 is missing.", "add it at every step"),
        *(Slip(("x[:t]", "known[t:]"), (f"x[: t {by}]", f"known[t {by} :]"), f"your forecast starts {where}.", "known are x[0] "
               "... x[t-1]")
          for by, where in (("- 1", "one step too early"), ("+ 1", "one step too late: x[t] is already the future"))),
        *(Slip((KNOWN, APPEND, "known[t:]"), (f"{KNOWN}\n    out = []", f"out.append({STEP})\n        {fed}", "out"), what,
               FEED_BACK)
          for fed, what in (
            ("known[-1] = out[-1]", "each prediction overwrites the newest value, so the window never moves on."),
            ("known = [out[-1], *known[-len(a) : -1]]", "each prediction is put where the oldest value stands."),
          )),
        Slip(STEP, "(a_0 if len(known) == t else 0) + np.dot(a, latest)", "the intercept a_0 is there in the first step only.",
             FEED_BACK),
        Slip((WINDOW, STEP), (PAST_ONLY, "a_0 + np.dot(a[::-1], latest)"), f"two mistakes at once: {TURNED}, and predictions are "
             "not fed back.", TWO),
        Slip(STEP, "np.dot(a[::-1], latest)", f"two mistakes at once: {TURNED}, and the intercept a_0 is missing.", TWO),
        *(Slip(RESULT, f"np.array([{first}, *known[t:-1]])", f"the first one is {what}; the forecasts follow one place too late.",
               "the first is the forecast of x[t]")
          for first, what in (("x[t - 1]", "the last known value"), ("x[t]", "the true value"))),
        Slip(RESULT, f"{RESULT}[::-1]", "the forecasts are in reverse order.", "the forecast of x[t] comes first"),
    ),
)  # fmt: skip


def diagnose_forecast(answer: Callable[..., Any]) -> None:
    x, t, a_0, a, H = mistakes_in_forecast.given()
    result = call(answer, x, t, a_0, a, H)
    for length, what in (
        (t + H, "the past stands in front of the forecast"),
        (H + 1, "it is one value too long"),
        (H - 1, "it is one value too short"),
        (len(x), "it is as long as the whole series"),
    ):
        if np.shape(result) == (length,):
            raise NotYet(f"the result: shape ({length},), wanted ({H},): {what}.", "return the H forecasts alone")
    mistakes_in_forecast.name(result)
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
        (
            "a series of integers, whose forecasts are none",
            "a copy of x holds integers: use a list, or astype(float)",
            np.arange(20) ** 2 % 7,
            t,
            a_0,
            a,
            H,
        ),
        ("a series whose future is nan", "look at x[:t] only", hidden, t, a_0, a, H),
        ("a series a billion times as large", unscaled, 1e9 * x, t, 1e9 * a_0, a, H),
        ("a series a billion times as small", unscaled, 1e-9 * x, t, 1e-9 * a_0, a, H),
    ):
        edge(words, answer, forecast_from, *case, hint=hint)
