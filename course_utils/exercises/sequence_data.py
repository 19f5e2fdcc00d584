"""Exercises of chapter 02: autocorrelation, lagged inputs, a forecast that feeds itself, a split that keeps time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float, Real

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.forecast import diagnose_forecast, forecast_from
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip
from course_utils.tree import Array


def autocorrelation_at(x: Real[Array, "T"], k: int) -> float:
    deviation = x - x.mean()
    return float(deviation[k:] @ deviation[: len(x) - k] / (deviation @ deviation))


def _walk() -> tuple[Array, int]:
    return np.random.default_rng(1).normal(size=12).cumsum() + 3, 3


PRODUCTS, RATIO = (
    "deviation[k:] @ deviation[: len(x) - k]",
    "deviation[k:] @ deviation[: len(x) - k] / (deviation @ deviation)",
)
PLAINLY = "d = x - x.mean(); the sum of d[t] d[t-k], divided by the sum of d[t] squared"

mistakes_in_autocorrelation = Diagnosis(
    autocorrelation_at, _walk, "r_3", hint=PLAINLY,
    slips=(
        Slip(RATIO, "0", "it always says 0, which is what the stub did.", "start with the deviations from the mean: x - "
             "x.mean()"),
        Slip("x - x.mean()", "x", "you multiplied the values, not their deviations from the mean: a series that is far from 0 "
             "then looks correlated at every lag.", "subtract x.mean() first"),
        *(Slip(RATIO, f"{PRODUCTS} {power}", "that is an autocovariance: it grows with the scale of x.", "divide by the same sum "
               "at lag 0, so that r_0 = 1") for power in ("", "/ len(x)")),
        *(Slip(RATIO, f"{PRODUCTS} / {pairs} / x.var(ddof=1)", "the squares were divided by T - 1 (ddof=1) and the products by "
               "something else, so r_0 would not be 1.", "divide neither: plain sums above and below")
          for pairs in ("len(x)", "(len(x) - k)")),
        *(Slip(RATIO, f"{PRODUCTS} / (len(x) - k{mean}", "you averaged the products over T - k pairs and the squares over T "
               "values. That is another estimate; at large lags it rests on few pairs and can leave [-1, 1].", "use plain sums "
               "above and below, as in the formula") for mean in (") / x.var()", " - 1) / x.var(ddof=1)")),
        Slip(RATIO, "np.corrcoef(x[k:], x[: len(x) - k])[0, 1]", "that is the ordinary correlation of the two pieces, each with "
             "its own mean and spread.", "use one mean and one sum of squares, those of the whole series"),
        Slip(PRODUCTS, "np.roll(deviation, k) @ deviation", "your shift wraps around (np.roll does): the last values are paired "
             "with the first, though they are no neighbours in time.", "use slices: the first k values have no partner and are "
             "left out"),
        *(Instead(lambda x, k, by=by: autocorrelation_at(x, k + by), f"asked for lag 3, you gave lag {3 + by}.", "x_t and "
                  "x_{t-k}: the slices are [k:] and [: T - k]") for by in (-1, 1)),
        *(Slip(*mistake) for mistake in (
            (PRODUCTS, "(x[k:] - x[k:].mean()) @ (x[: len(x) - k] - x[: len(x) - k].mean())", "each of the two pieces has its "
             "own mean in your products.", "one mean, that of the whole series, for both"),
            (PRODUCTS, "deviation[:k] @ deviation[len(x) - k :]", "your slices are the first k and the last k values.", "[k:] "
             "and [: T - k], each with its partner k steps before"),
            ("[: len(x) - k]", "[k:]", "each value is multiplied by itself.", "[k:] with [: T - k]"),
            (RATIO, f"-{RATIO}", "the sign is the other way round.", "no minus: values that move together make r_k positive"),
            (RATIO, f"({RATIO}) ** 2", "that is the square of r_k.", "no square above: the two deviations of a pair are "
             "multiplied"),
            (PRODUCTS, "np.sum((x[k:] - x[: len(x) - k]) ** 2)", "you compared by differences, which are small where the values "
             "are alike.", "multiply the two deviations of a pair"),
            (RATIO, f"1 - {RATIO}", "that is 1 - r_k.", "leave out the 1 -"),
        )),
    ),
)  # fmt: skip


def diagnose_autocorrelation(answer: Callable[..., Any]) -> None:
    mistakes_in_autocorrelation(answer)
    x, k = _walk()
    T = len(x)
    if close(call(answer, x, 7), abs(autocorrelation_at(x, 7))):
        raise NotYet("right where r_k is positive; at lag 7 it is negative, and yours lost its sign.", "leave out abs")
    agree(
        call(answer, 10 - 2 * x, 5),
        autocorrelation_at(x, 5),
        "r_5 of 10 - 2x (it must be that of x)",
        "the shift goes out with the mean, the scale by the division",
    )
    try:
        at_0 = call(answer, x, 0)
    except NotYet as no:
        raise NotYet(f"right for k > 0, but at lag 0 {no.what}", "x[:-0] is empty; write x[: len(x) - k]") from no
    if not close(at_0, 1.0):
        raise NotYet("right for k > 0, but at lag 0 it must be 1.", "x[:-0] is empty; write x[: len(x) - k]")
    again(answer, autocorrelation_at, (x[:9], 2))
    other = np.random.default_rng(11).normal(size=300)
    for words, hint, *case in (
        ("the largest lag, T - 1", "one pair is left: the last value and the first", x, T - 1),
        ("two values", PLAINLY, np.array([3.0, 5.0]), 1),
        ("300 values", PLAINLY, other, 40),
        ("a series of integers", "the deviations are no integers", np.array([3, 1, 4, 1, 5, 9, 2, 6]), 2),
        ("a series a billion times as small", "add nothing below: the scale goes out by itself", 1e-9 * x, k),
        (
            "a series far from 0, x + 1,000,000",
            "subtract the mean before you multiply: of large numbers that nearly cancel few digits are left",
            x + 1e6,
            k,
        ),
    ):
        edge(words, answer, autocorrelation_at, *case, hint=hint)


def lagged_inputs(x: Real[Array, "T"], k: int) -> tuple[Real[Array, "N k"], Real[Array, "N"]]:
    T = len(x)
    inputs = np.stack([x[k - j : T - j] for j in range(1, k + 1)], axis=1)
    return inputs, x[k:]


PAST, IN_TURN = "x[k - j : T - j]", "return inputs, x[k:]"
NEWEST = (
    "the newest value is missing: your row for the target x_t begins with x_{t-2}.",
    "column 0 is x[k-1 : T-1]",
)

mistakes_in_lagged = Diagnosis(
    lagged_inputs, lambda: (np.arange(1.0, 10) ** 2, 3), "the inputs and the targets",  # each entry can be traced back
    parts=(
        Part("the array of inputs", lambda inputs, targets: inputs, "entry [n, j] is x[k + n - 1 - j]"),
        Part("the array of targets", lambda inputs, targets: targets, "the first target is x[k]"),
    ),
    slips=tuple(Slip(*mistake) for mistake in (
        (IN_TURN, "return 0 * inputs, x[k:]", "the inputs are all 0, which is what the stub did.", "row 0 holds x[k-1], x[k-2], "
         "..., x[0]"),
        (IN_TURN, "return inputs, x[: T - k]", "the inputs are right, but the targets are the oldest values, not the next ones.",
         "targets: x[k:]"),
        ("axis=1)", "axis=1)[:, ::-1]", "each row runs from old to new. It is complete, but column 0 must be x_{t-1}: a[0] "
         "belongs to lag 1.", "reverse the columns, or stack the lags in the order 1, 2, ..., k"),
        (IN_TURN, "return inputs[::-1], x[k:][::-1]", "the rows run back in time.", "row 0 belongs to the first target, x[k]"),
        (PAST, "np.roll(x, j + 1)[k:]", *NEWEST),
        (PAST, "np.append(x[0], x[:-1])[k - j : T - j]", *NEWEST),
        (PAST, "np.roll(x, j)[: T - k]", "the first rows hold values from the end of the series: np.roll wraps around.",
         "drop the first k steps"),
    )),
)  # fmt: skip


def diagnose_lagged(answer: Callable[..., Any]) -> None:
    x, k = mistakes_in_lagged.given()
    T = len(x)
    got = several(call(answer, x, k), "the inputs and the targets", 2)
    if np.shape(got[0]) == (T - k - 1, k) or np.shape(got[1]) == (T - k - 1,):
        raise NotYet(
            f"there are {T - k - 1} rows, but {T} values and k = {k} allow {T - k}: the last value has a past, too.",
            "let the targets be x[k:]",
        )
    if np.shape(got[0]) == (T - k,) and np.shape(got[1]) == (T - k, k):
        raise NotYet("inputs and targets are swapped.", "return inputs, targets")
    if np.shape(got[0]) == (T, k):
        raise NotYet(
            f"there are {T} rows, one for each value; but the first {k} have no full past, so they are no targets.",
            "targets: x[k:], and a row for each",
        )
    if np.shape(got[1]) == (T - k, 1):
        raise NotYet("the targets are a column; wanted a flat array, (T - k,).", "x[k:], as it is")
    if np.shape(got[0]) == (T - k, k + 1):
        raise NotYet(
            "there is a column too many; the ones for a_0 are not asked for here.", "k columns, one for each lag"
        )
    if np.shape(got[0]) == (k, T - k):
        raise NotYet("the inputs are lying on their side.", "one row per target: stack the lagged copies with axis=1")
    inputs = same_shape(got[0], (T - k, k), "the inputs")
    y = same_shape(got[1], (T - k,), "the targets")
    mistakes_in_lagged.explain((inputs, y))
    if y.any() and any(close(inputs[:, j], y) for j in range(k)):
        raise NotYet(
            "a target stands among its own inputs: the fit would copy it, and be perfect, and useless.",
            "the newest value that may predict x_t is x_{t-1}",
        )
    mistakes_in_lagged.name((inputs, y))
    again(answer, lagged_inputs, (x[:7], 2))
    where = "entry [n, j] is x[k + n - 1 - j], for n from 0 to T - k - 1"
    for words, *case in (
        ("k = 1", x, 1),
        ("k = T - 1, so that there is one target", x, T - 1),
        ("two values and k = 1", x[:2], 1),
        ("as many targets as lags", x[:8], 4),
        ("300 values", np.random.default_rng(12).normal(size=300), 12),
        ("a series of integers", np.array([3, 1, 4, 1, 5, 9, 2, 6]), 2),
    ):
        edge(words, answer, lagged_inputs, *case, hint=where)


def split_and_scale(x: Real[Array, "T"], fraction: float) -> tuple[Float[Array, "N"], Float[Array, "M"]]:
    cut = int(len(x) * fraction)
    train, test = x[:cut], x[cut:]
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


TRAIN, TEST = "(train - train.mean()) / train.std()", "(test - train.mean()) / train.std()"
BOTH = f"{TRAIN}, {TEST}"
SERIES = {"train": "the training part", "test": "the test part", "x": "the whole series"}

mistakes_in_split = Diagnosis(
    split_and_scale, lambda: (np.random.default_rng(7).normal(size=40).cumsum() + np.arange(40), 0.7),
    "the training and the test part",
    parts=(
        Part("the training part", lambda train, test: train, TRAIN),
        Part("the test part", lambda train, test: test, TEST),
    ),
    slips=(
        Slip(BOTH, f"0 * train, {TEST}", "the training part is all 0, which is what the stub did.", "start with cut = "
             "int(len(x) * fraction)"),
        *(Slip(BOTH, *mistake, whole=True) for mistake in (
            ("train, test", "the parts are right but not yet scaled.", "subtract a mean and divide by a standard deviation: "
             "whose?"),
            ("(train - x.mean()) / x.std(), (test - x.mean()) / x.std()", "the mean and the spread are those of the whole "
             "series, so the training part already knows where the test part lies. The leak is quiet: no value of the future is "
             "seen, only its mean.", "take both from the training part"),
            ("train - train.mean() / train.std(), test - train.mean() / train.std()", "only the mean was divided by the spread: "
             "/ goes before -.", TRAIN),
            ("train - train.mean(), test - train.mean()", "the parts are shifted but not scaled.", "divide by the standard "
             "deviation of the training part"),
            ("train / train.std(), test / train.std()", "the parts are scaled but not shifted: their mean is not 0.", "subtract "
             "the training part's mean first"),
            ("(train - train.mean()) / train.var(), (test - train.mean()) / train.var()", "you divided by the variance, which is "
             "the *square* of the spread.", "np.std, not np.var"),
            ("(train - train.mean()) / train.std(ddof=1), (test - train.mean()) / train.std(ddof=1)", "you divided by the "
             "estimate with ddof=1, so the training part's own standard deviation is not quite 1.", "np.std as it is, without "
             "ddof"),
        )),
        Slip(TEST, "(test - test.mean()) / test.std()", "the test part is scaled by its own mean and spread, which are known "
             "only when it is over; and the same price would be two different numbers in the two parts.", "scale it with the "
             "mean and the spread of the training part"),
        Slip(TEST, "test", "the training part is right, but the test part came out as it was. If `train` was overwritten first, "
             "its mean is 0 by then and its spread 1.", "keep mean and spread before you scale, or give the scaled parts names "
             "of their own"),
        Slip(TRAIN, "(train - train.min()) / np.ptp(train)", "the training part was brought to 0 ... 1 by its smallest and "
             "largest value; asked for are mean 0 and standard deviation 1.", TRAIN),
        *(Slip(right, f"({own} - {of}.mean()) / {by}.std()", f"{SERIES[own]} has the mean of {SERIES[of]} taken off, but is "
               f"divided by the standard deviation of {SERIES[by]}.", "both come from the training part, for both parts")
          for own, right in (("train", TRAIN), ("test", TEST)) for of in SERIES for by in SERIES if of != by),
    ),
)  # fmt: skip


def diagnose_split(answer: Callable[..., Any]) -> None:
    x, _ = mistakes_in_split.given()
    cut = 28
    got = several(call(answer, x, 0.7), "the training and the test part", 2)
    if np.shape(got[0]) == (40 - cut,) and np.shape(got[1]) == (cut,):
        raise NotYet("the test part is the larger one: the two are swapped, or the fraction is.", "return train, test")
    train = same_shape(got[0], (cut,), "the training part")

    def begins_with(part: Array, tolerance: float = 1e-9) -> bool:
        """Is the training part this one, whatever it was scaled by?"""
        return close((train - train.mean()) / train.std(), (part - part.mean()) / part.std(), tolerance)

    if train.any() and begins_with(x[-cut:]):
        raise NotYet("you train on the end and test on the beginning.", "the past comes first: x[:cut]")
    if train.any() and begins_with(x[::-1][:cut]):
        raise NotYet("you turned the series round, so that it runs back in time.", "x[:cut] and x[cut:], as they are")
    if train.any() and not begins_with(x[:cut], 1e-4):  # single precision comes out at the end
        raise NotYet(
            "the training part is not the beginning of the series in its order: shuffled or picked from all over, it "
            "has neighbours of every test value.",
            "cut once: x[:cut] and x[cut:], nothing else",
        )
    mistakes_in_split.name(got)
    for T in (13, 15):
        part, _ = several(call(answer, x[:T], 0.5), "the training and the test part", 2)
        if np.shape(part) != (T // 2,):
            raise NotYet(
                f"of {T} values and with the fraction 0.5, {T // 2} are to train on; yours have shape {np.shape(part)}.",
                "cut = int(len(x) * fraction), which rounds down",
            )
        again(answer, split_and_scale, (x[:T], 0.5))
    for words, hint, *case in (
        ("one value to test on", "it is scaled as the others are", x[:10], 0.9),
        ("two values to train on", "their mean and spread are enough", x[:10], 0.2),
        ("a series of integers", "its scaled parts are none: make new arrays", np.arange(12) ** 2 % 7, 0.75),
        ("a series a billion times as small", "add nothing to the standard deviation", 1e-9 * x, 0.7),
        ("a series a billion times as large", "the scale goes out by itself", 1e9 * x, 0.7),
    ):
        edge(words, answer, split_and_scale, *case, hint=hint)


EXERCISES = (
    Exercise(
        "02.1", "autocorrelation at one lag", autocorrelation_at, diagnose_autocorrelation,
        hints=(
            "Write d = x - x.mean(). Lag k pairs d[t] with d[t-k]: which slices of d are these, and how long are they?",
            "d[k:] and d[: T - k] have the same length. Multiply and sum; divide by the sum of d * d over all of d.",
        ),
        praise="One mean, one sum of squares, slices that work at k = 0 too; scale and shift do not matter.",
    ),
    Exercise(
        "02.2", "inputs and targets of an autoregression", lagged_inputs, diagnose_lagged,
        hints=(
            "There are T - k targets, x[k:]. For the target x_t, column j (from 0) holds x_{t-1-j}.",
            "Column j is as long as the targets: x[k - 1 - j : T - 1 - j]. Join them with np.stack(..., axis=1).",
        ),
        praise="Newest first, no target among its inputs, no row lost. Least squares can take over.",
    ),
    Exercise(
        "02.3", "a forecast of many steps", forecast_from, diagnose_forecast,
        hints=(
            "Keep a list of what is known, at first x[:t]. Each prediction joins it as if it had been measured.",
            "In a loop of H rounds: take the last len(a) entries, newest first, dot with a, add a_0, append.",
        ),
        praise="Each step builds on the predictions before it, and nothing after x[t-1] was looked at.",
    ),
    Exercise(
        "02.4", "split and scale without looking ahead", split_and_scale, diagnose_split,
        hints=(
            "The first fraction of the steps is for training. What may you know of the rest when you scale?",
            "Compute train.mean() and train.std() once and use these two numbers for both parts.",
        ),
        praise="The order is kept, and not even the mean of the future leaked into the past.",
    ),
)  # fmt: skip
