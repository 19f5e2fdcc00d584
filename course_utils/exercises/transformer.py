"""Exercises of chapter 15: layer norm and a block backward, one step with a cache, a learning rate that warms up, a board."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.exercise import Exercise, NotYet, again, call, edge, same_shape
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.tree import Array


def layer_norm_backward(
    dy: Float[Array, "T B D"], x: Float[Array, "T B D"], gain: Float[Array, "D"]
) -> tuple[Float[Array, "T B D"], Float[Array, "D"], Float[Array, "D"]]:
    def mean(a):  # type: ignore[no-untyped-def]
        return a.mean(axis=-1, keepdims=True)

    deviation = np.sqrt(mean((x - mean(x)) ** 2) + 1e-5)
    x_hat = (x - mean(x)) / deviation
    dx_hat = dy * gain
    dx = (dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation
    return dx, (dy * x_hat).sum(axis=(0, 1)), dy.sum(axis=(0, 1))


def _norm(T: int = 3, B: int = 2, D: int = 5) -> tuple[Array, ...]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(T, B, D)), rng.normal(1, 3, size=(T, B, D)), rng.uniform(0.5, 2, D)


DX, DGAIN = "(dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation", "(dy * x_hat).sum(axis=(0, 1))"
VAR = "mean((x - mean(x)) ** 2)"

mistakes_in_layer_norm = Diagnosis(
    layer_norm_backward, _norm, "dx, dgain, dbias",
    parts=(
        Part("dx", lambda dx, dgain, dbias: dx, DX),
        Part("dgain", lambda dx, dgain, dbias: dgain, DGAIN),
        Part("dbias", lambda dx, dgain, dbias: dbias, "dy.sum(axis=(0, 1))"),
    ),
    slips=(
        Slip("return dx,", "return 0 * dx, 0 * gain, 0 * gain\n    return dx,",
             "all gradients are 0, which is what the stub did.", "begin with dx_hat = dy * gain", whole=True),
        *(Slip(DX, wrong, what, hint) for wrong, what, hint in (
            ("dx_hat / deviation", "dx treats mean and deviation as constants. Both are made of x, and the gradient flows "
             "through them as well.", "two more terms: mean(dx_hat), and x_hat * mean(dx_hat * x_hat)"),
            ("(dx_hat - x_hat * mean(dx_hat * x_hat)) / deviation", "dx misses the path through the mean.", "- mean(dx_hat)"),
            ("(dx_hat - mean(dx_hat)) / deviation", "dx misses the path through the deviation.",
             "- x_hat * mean(dx_hat * x_hat)"),
            ("dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)", "dx is not divided by the deviation: what was large going "
             "forward must weigh less going back.", "divide all of it by the deviation"),
            (f"{DX}**2", "dx was divided by the variance, not by its root.", "np.sqrt"),
            ("(dx_hat - mean(dx_hat) - mean(dx_hat * x_hat)) / deviation", "mean(dx_hat * x_hat) says how far along x_hat the "
             "gradient lies; it still has to be multiplied by x_hat.", "- x_hat * mean(dx_hat * x_hat)"),
            ("(dx_hat - dx_hat.mean(axis=(0, 1)) - x_hat * (dx_hat * x_hat).mean(axis=(0, 1))) / deviation", "the means were "
             "taken over steps and sequences. A layer norm knows one step of one sequence: its means are over the features.",
"axis=-1"),
            ("(dx_hat - mean(dx_hat) + x_hat * mean(dx_hat * x_hat)) / deviation", "the sign of the path through the deviation "
             "is wrong.", "minus"),
            ("(dx_hat - mean(dx_hat) - (x - mean(x)) * mean(dx_hat * x_hat)) / deviation", "the last term has x - mean where "
             "x_hat belongs.", "x_hat = (x - mean) / deviation"),
        )),
        Slip("a.mean(axis=-1, keepdims=True)", "a.mean(axis=(0, 1))", "that is batch norm: mean and deviation over steps and "
             "sequences, for each feature. A layer norm takes them over the features, for each step.", "axis=-1, keepdims=True"),
        Slip(("dy * gain", "dx = "), ("dy", "dx = gain * "), "the gain stands outside the brackets. It differs from feature to "
             "feature, and the means are over the features, so it must be inside them.", "dx_hat = dy * gain first"),
        Slip("dy * gain", "dy", "the gain is missing: y = gain * x_hat + bias, so x_hat gets dy * gain.", "dx_hat = dy * gain"),
        *(Slip(f"np.sqrt({VAR} + 1e-5)", wrong, "dx is right to a few digits only: epsilon is missing, or elsewhere.",
               "sqrt(var + 1e-5)")
          for wrong in (f"np.sqrt({VAR})", f"np.sqrt({VAR} + 1e-6)", f"np.sqrt({VAR} + 1e-8)", f"np.sqrt({VAR}) + 1e-5")),
        *slips(DGAIN, DGAIN, {
            "dy.sum(axis=(0, 1))": "dgain misses x_hat, by which the gain was multiplied.",
            "(dy * x).sum(axis=(0, 1))": "dgain has x in it where x_hat belongs: the gain acts after the normalisation.",
            "(dy * x_hat).mean(axis=(0, 1))": "dgain is a mean over steps and sequences. Every one of them adds its part.",
            "(dy * gain * x_hat).sum(axis=(0, 1))": "dgain was multiplied by the gain itself.",
        }, "dx is right; {}"),
        Slip("dy.sum(axis=(0, 1))", "dx_hat.sum(axis=(0, 1))", "dbias was multiplied by the gain; the bias is added after it.",
             "dy.sum(axis=(0, 1))"),
    ),
)  # fmt: skip


def diagnose_layer_norm(answer: Callable[..., Any]) -> None:
    mistakes_in_layer_norm(answer)
    again(answer, layer_norm_backward, _norm(2, 4, 3))
    edge("one step of one sequence", answer, layer_norm_backward, *_norm(1, 1, 4))
    edge("one feature", answer, layer_norm_backward, *_norm(3, 2, 1))
    rng, ones = np.random.default_rng(14), np.ones(3)
    dy, x = rng.normal(size=(2, 2, 2, 3))
    edge(
        "features that are all alike",
        answer,
        layer_norm_backward,
        dy,
        np.full((2, 2, 3), 7.0),
        ones,
        hint="their variance is 0: epsilon belongs under the root, sqrt(var + 1e-5)",
    )
    edge(
        "large numbers",
        answer,
        layer_norm_backward,
        dy,
        1e6 + 1e3 * x,
        ones,
        hint="take off the mean before you square: mean(x**2) - mean(x)**2 loses its digits",
    )


Back = Callable[[Array], Array]


def block_backward(
    dy: Float[Array, "T B D"], norm_1: Back, attention: Back, norm_2: Back, feed_forward: Back
) -> tuple[Float[Array, "T B D"], Float[Array, "T B D"]]:
    dh = dy + norm_2(feed_forward(dy))
    dx = dh + norm_1(attention(dh))
    return dx, dh


def _block(T: int = 3, B: int = 2, D: int = 4, calls: list[int] | None = None) -> tuple[Any, ...]:
    """dy and the four parts, as matrices; `calls` counts how often each is run."""
    rng = np.random.default_rng(1)
    dy, maps = rng.normal(size=(T, B, D)), rng.normal(size=(4, D, D)) / 2

    def back(k: int) -> Back:
        def through(d: Array) -> Array:
            if calls:
                calls[k] += 1
            return d @ maps[k]

        return through

    return dy, *map(back, range(4))


DH, DOWN = "dy + norm_2(feed_forward(dy))", "dh + norm_1(attention(dh))"

mistakes_in_block = Diagnosis(
    block_backward, _block, "dx, dh",
    parts=(Part("dh", lambda dx, dh: dh, f"dh = {DH}"), Part("dx", lambda dx, dh: dx, f"dx = {DOWN}")),
    slips=(
        Slip("return dx, dh", "return dy, dy", "only the residual paths are there, which is what the stub did: the branches "
             "never learn.", "a branch was y = h + feed_forward(norm_2(h)): go back through both of its parts, last one first",
             whole=True),
        Slip("dx = dh +", "dx = dh = dh +", "dx is right, but dh is the same: `dh += ...` writes into dh.", "dx = dh + ..., a "
             "new array",
             whole=True),
        Slip("return dx, dh", "return dh, dx", "dx and dh are swapped.", "return dx, dh", whole=True),
        *slips(DH, f"dh = {DH}", {
            "norm_2(feed_forward(dy))": "dh misses the residual path: y = h + ..., so dy reaches h without passing anything. It "
                                        "is the path that keeps gradients alive in a deep network.",
            "dy + feed_forward(norm_2(dy))": "in the feed-forward branch norm and layer were passed in the order of the forward "
                                             "pass. Going back, the last comes first.",
            "dy": "dh misses the feed-forward branch.",
            "dy + feed_forward(dy)": "the feed-forward branch misses its norm.",
            "2 * dy + norm_2(feed_forward(dy))": "dy was added twice on the way to h.",
        }),
        Slip((DH, DOWN), ("dy + norm_1(attention(dy))", "dh + norm_2(feed_forward(dh))"), "the blocks were undone in the order "
             "of the forward pass: the feed-forward branch came last, so it comes first going back.", "begin with feed_forward"),
        *slips(DOWN, f"dx = {DOWN}", {
            "dh": "dx misses the attention branch.",
            "norm_1(attention(dh))": "dx misses the residual path around attention.",
            "dy + norm_1(attention(dh))": "the residual path around attention starts at h, not at y: what came back through the "
                                          "feed-forward branch is lost for x.",
            "dh + norm_1(attention(dy))": "attention got dy. It sits below h, so all that reached h goes through it.",
            "dh + attention(norm_1(dh))": "norm_1 and attention were passed in the order of the forward pass.",
            "dh + attention(dh)": "the attention branch misses its norm.",
            "dy + dh + norm_1(attention(dh))": "dy was added to dx once more, but it is in dh already.",
        }, "dh is right; {}"),
    ),
)  # fmt: skip


def diagnose_block(answer: Callable[..., Any]) -> None:
    calls = [0] * 4
    mistakes_in_block.name(call(answer, *_block(calls=calls)))
    if max(calls) > 1:
        raise NotYet("right, but a branch was run twice; each has to go back only once.", "keep dh in a variable")
    edge("one step, one sequence, one feature", answer, block_backward, *_block(1, 1, 1))
    again(answer, block_backward, _block(2, 5, 3))


def attend_one_more(
    x: Float[Array, "D"],
    W_q: Float[Array, "D d"],
    W_k: Float[Array, "D d"],
    W_v: Float[Array, "D d"],
    keys: Float[Array, "S d"],
    values: Float[Array, "S d"],
) -> tuple[Float[Array, "d"], Float[Array, "R d"], Float[Array, "R d"]]:
    keys = np.concatenate([keys, [x @ W_k]])
    values = np.concatenate([values, [x @ W_v]])
    scores = keys @ (x @ W_q) / np.sqrt(keys.shape[1])
    a = np.exp(scores - scores.max())
    return a / a.sum() @ values, keys, values


def _cached(S: int, D: int = 5, d: int = 3) -> tuple[Array, ...]:
    """x, the three matrices, and the keys and values of S steps before."""
    rng = np.random.default_rng(2)
    x, (W_q, W_k, W_v) = rng.normal(size=(S + 1, D)), rng.normal(size=(3, D, d))
    return x[S], W_q, W_k, W_v, x[:S] @ W_k, x[:S] @ W_v


def _wrong_rows(name: str) -> Iterator[Slip]:
    """What can become of the keys, or of the values, in a cache."""
    right = "return a / a.sum() @ values, keys, values"
    for wrong, what, hint in (
        (
            "[:-1]",
            f"the {name} come back as they went in: the next step will not find this one.",
            "append the new row and return all of them",
        ),
        ("[-1:]", f"only the new row of {name} is returned; the old ones are lost.", "np.concatenate"),
        ("[[-1, 0, 1, 2]]", f"the new row of {name} stands in front. Steps are kept in their order.", "append it"),
        ("[[0, 1, 3]]", f"the new row of {name} has replaced the last one.", "append it"),
    ):
        rows = f"return a / a.sum() @ values, {', '.join(n + wrong * (n == name) for n in ('keys', 'values'))}"
        yield Slip(right, rows, f"with 3 steps in the cache, {what}", hint)
    asked = f"{name}[-1] = x @ W_q\n    return y, keys, values"
    what = f"with 3 steps in the cache, the query was put among the {name}; nobody asks for old queries."
    yield Slip(right, f"y = a / a.sum() @ values\n    {asked}", what, f"x @ W of the {name}")


MEAN, WIDTH = "a / a.sum() @ values", "/ np.sqrt(keys.shape[1])"

mistakes_in_cache = Diagnosis(
    attend_one_more, lambda: _cached(3), "y, keys, values",
    parts=(
        Part("with 3 steps in the cache, the array of keys", lambda y, keys, values: keys, "old rows first, then the new one"),
        Part("with 3 steps in the cache, the array of values", lambda y, keys, values: values,
             "old rows first, then the new one"),
        Part("with 3 steps in the cache, y", lambda y, keys, values: y, "softmax(keys @ q / sqrt(d)) @ values"),
    ),
    slips=(
        Slip(f"return {MEAN}, keys, values", f"return {MEAN}, 0 * keys, 0 * values", "keys and values are all 0, which is what "
             "the stub did.", "begin with the new key, x @ W_k"),
        *(Slip(old, new, f"with 3 steps in the cache, {what}", hint) for old, new, what, hint in (
            (MEAN, "0 * values[0]", "y is 0, which is what the stub did.", "scores of the query with all keys, softmax, mean of "
             "the values"),
            (("scores = keys", MEAN), ("scores = keys[:-1]", "a / a.sum() @ values[:-1]"), "the step does not see itself: y was "
             "made from the old keys.", "append first, then look at all of them"),
            (WIDTH, "", "the scores are not divided by the square root of the width of the keys.", "/ np.sqrt(d)"),
            (WIDTH, "/ np.sqrt(len(x))", "divided by the root of D, the width of x; it is the width d of keys that counts.",
             "np.sqrt(keys.shape[1])"),
            (WIDTH, "/ keys.shape[1]", "divided by d, not by its root.", "np.sqrt(keys.shape[1])"),
            ("x @ W_q", "x @ W_k", "the keys of this step were used as its query.", "q = x @ W_q"),
            (MEAN, "a / a.sum() @ keys", "y is a mean of keys; asked is the mean of the values.", "weights @ values"),
            (MEAN, "scores @ values", "the scores miss their softmax.", "exp, then divide by the sum"),
            (MEAN, "values.mean(axis=0)", "all steps got the same weight.", "softmax over the scores of the query with each key"),
        )),
        *_wrong_rows("keys"),
        *_wrong_rows("values"),
    ),
)  # fmt: skip


def diagnose_cache(answer: Callable[..., Any]) -> None:
    mistakes_in_cache(answer)
    rng = np.random.default_rng(20)
    edge(
        "nothing in the cache",
        answer,
        attend_one_more,
        *_cached(0),
        hint="the step sees itself alone, so y is its own value",
    )
    again(answer, attend_one_more, _cached(6, 4, 2))
    edge("width 1 and one step in the cache", answer, attend_one_more, np.array([2.0]), *rng.normal(size=(5, 1, 1)))
    edge("x as wide as the keys", answer, attend_one_more, rng.normal(size=3), *rng.normal(size=(5, 3, 3)))
    keys = np.array([[40.0, 40.0], [39.98, 40.0], [-40.0, -40.0]])
    loud = np.full(2, 40.0), *[np.eye(2)] * 3, keys, rng.normal(size=(3, 2))
    edge(
        "scores in the thousands",
        answer,
        attend_one_more,
        *loud,
        hint="subtract the largest score before exp: the weights stay the same, and nothing overflows",
    )


def learning_rate(step: int, lr: float, warmup: int) -> float:
    return lr * min(step / warmup, np.sqrt(warmup / step))


STEPS = (1, 25, 50, 99, 100, 101, 150, 400, 2_500)


def _rates(answer: Callable[..., Any]) -> Array:
    return np.array([same_shape(call(answer, step, 4.0, 100), (), f"the rate of step {step}") for step in STEPS])


RATE, FALL = "lr * min(step / warmup, np.sqrt(warmup / step))", "lr * np.sqrt(warmup / step)"
EARLY = "the peak comes one step too early: steps count from 1, so the line is at lr when step == warmup."
LATE = "step 1 has the rate 0, and learns nothing. Steps count from 1."

mistakes_in_warmup = Diagnosis(
    learning_rate, tuple, "the rates", ask=_rates,
    parts=(Part(f"the rate at steps {', '.join(map(str, STEPS))}", lambda rates: rates, f"the smaller of lr * step / warmup and "
           f"{FALL}"),),
    slips=(
        Slip(RATE, "lr", "it is the same at every step, which is what the stub did.", "two parts: up, then down"),
        Slip(RATE, FALL, "it falls from the beginning: the warm-up is missing.", "lr * step / warmup while step < warmup"),
        Slip("min", "max", "of the two parts you took the larger; up to the warm-up the rising one is the smaller.", "min"),
        Slip("lr * ", "", "the shape is right, the height is not: the peak must be lr.", "times lr"),
        Slip(RATE, "lr * (step / warmup if step < warmup else 1 / np.sqrt(step))", "it jumps at the end of the warm-up: 1 / "
             "sqrt(step) is 0.1 there.", "sqrt(warmup / step) is 1 there"),
        *slips(RATE, FALL, {
            "lr * min(step / warmup, 1)": "it rises and then stays; after the warm-up it falls with one over the root of the "
                                          "step.",
            "lr * min(step**-0.5, step * warmup**-1.5)": "that is the formula of the paper as it stands. Its peak, at the end "
                                                         "of the warm-up, is lr / sqrt(warmup); here it must be lr.",
            "lr * (step / warmup if step < warmup else max(0, 10 * warmup - step) / (9 * warmup))": "it falls in a straight "
            "line; asked is one over the root of the step.",
            "lr * (step / warmup if step < warmup else (1 + np.cos(np.pi * min(1, (step - warmup) / (9 * warmup)))) / 2)": "it "
            "falls on a cosine; asked is one over the root of the step.",
            "lr * min(step / warmup, warmup / step)": "it falls with 1 / step; asked is one over the root.",
        }),
        *slips(RATE, "step / warmup", {
            "lr * min((step - 1) / warmup, np.sqrt(warmup / step))": LATE,
            "lr * min((step - 1) / warmup, np.sqrt(warmup / max(step - 1, 1)))": LATE,
            "lr * (min(step / (warmup - 1), 1) if step < warmup else np.sqrt(warmup / step))": EARLY,
            "lr * ((step + 1) / warmup if step < warmup else np.sqrt(warmup / step))": EARLY,
            "lr * ((step + 1) / warmup if step < warmup else np.sqrt(warmup / (step + 1)))": EARLY,
            "lr * min(np.sqrt(step / warmup), np.sqrt(warmup / step))": "the rise is a root; it must be a straight line.",
        }),
    ),
)  # fmt: skip


def diagnose_warmup(answer: Callable[..., Any]) -> None:
    mistakes_in_warmup(answer)
    again(answer, learning_rate, *((step, 0.01, 30) for step in (1, 20, 30, 45, 1_000)))
    for step in (1, 2, 5):
        edge("a warm-up of a single step", answer, learning_rate, step, 0.3, 1)
    edge("a step far away, and a tiny rate", answer, learning_rate, 10**8, 1e-7, 4_000)


Runs = Sequence[Mapping[str, Any]]


def read_board(runs: Runs) -> dict[str, Any]:
    board = {}
    for model in {run["model"] for run in runs}:
        own = [run for run in runs if run["model"] == model]
        rate = min((run for run in own if run["seed"] == 0), key=lambda run: run["valid"])["rate"]
        board[model] = np.mean([run["score"] for run in own if run["rate"] == rate])
    return board


# Model, rate, seed, valid, score. For B, valid at seed 0 chooses 0.002, the mean of valid 0.004, and score 0.001.
RUNS: list[dict[str, Any]] = [dict(zip(("model", "rate", "seed", "valid", "score"), row, strict=True)) for row in (
    ("A", 0.004, 0, 2.40, 2.38), ("A", 0.008, 0, 2.30, 2.29), ("A", 0.002, 0, 2.50, 2.47),
    ("A", 0.008, 1, 2.36, 2.35), ("A", 0.008, 2, 2.33, 2.31),
    ("B", 0.004, 0, 2.31, 2.27), ("B", 0.002, 0, 2.29, 2.28), ("B", 0.001, 0, 2.44, 2.21),
    ("B", 0.002, 1, 2.30, 2.25), ("B", 0.002, 2, 2.41, 2.38),
)]  # fmt: skip


def _numbers(answer: Callable[..., Any]) -> Array:
    """Of A and of B."""
    got = call(answer, RUNS)
    if not isinstance(got, dict) or set(got) != {"A", "B"}:
        raise NotYet("wanted a dictionary with a number for each of the models A and B.", '{"A": ..., "B": ...}')
    return np.array([same_shape(got[name], (), f"the number of {name}") for name in "AB"])


BEST = 'min((run for run in own if run["seed"] == 0), key=lambda run: run["valid"])["rate"]'
MEAN_OF_RATE = 'np.mean([run["score"] for run in own if run["rate"] == rate])'

mistakes_in_board = Diagnosis(
    read_board, tuple, "the numbers of A and B", ask=_numbers, hint="rate by valid at seed 0, then the mean score",
    slips=tuple(Slip(*mistake) for mistake in (
        (MEAN_OF_RATE, "0.0", "all are 0, which is what the stub did.", "first choose the rate, with seed 0"),
        (BEST, 'min({run["rate"] for run in own}, '
         'key=lambda rate: np.mean([run["valid"] for run in own if run["rate"] == rate]))',
         "you compared the mean of valid over three seeds of one rate with the single seed of the others.",
         "choose the rate among the runs of seed 0"),
        ('own if run["rate"]', 'runs if run["rate"]', "runs of other models are in the mean: B has a rate in common with A.",
         'run["model"] == model, in the mean as well'),
        ('run["valid"]', 'run["score"]', "the learning rate was chosen by the held-out score. Whoever chooses on the text of "
         "the exam has seen the exam: model B looks better than it is.", 'choose by run["valid"]'),
        (MEAN_OF_RATE, 'min(run["score"] for run in own)', "that is each model's luckiest run. A board of best runs rewards "
         "those who tried most often.", "the mean over the seeds of one rate"),
        (MEAN_OF_RATE, 'np.mean([run["score"] for run in own])', "the mean is over all runs, those with other rates, too.",
         "only the seeds of the rate that was chosen"),
        ("np.mean", "min", "the rate is right; of its seeds you took the best.", "their mean"),
        ('run["rate"] == rate', 'run["rate"] == rate and run["seed"] == 0', "the rate is right; only seed 0 was counted, and "
         "seed 0 chose the rate.", "the mean over all seeds of this rate"),
        ('[run["score"]', '[run["valid"]', "that is the mean on the validation text, which chose the rate; report the held-out "
         "score.", 'run["score"]'),
        ("min((", "max((", "the rate with the most bits was chosen; fewer are better.", "min"),
        ('run["rate"] == rate', 'run["rate"] == rate and run["seed"] > 0', "seed 0 is missing in the mean.",
         "all seeds of this rate"),
    )),
)  # fmt: skip


def diagnose_board(answer: Callable[..., Any]) -> None:
    mistakes_in_board(answer)
    again(answer, read_board, ([*RUNS, *(run | {"model": "C"} for run in RUNS if run["model"] == "B")],))
    edge(
        "the runs in another order",
        answer,
        read_board,
        RUNS[::-1],
        hint="look for seed 0 by its number, not by its place",
    )
    edge(
        "one model with a single run",
        answer,
        read_board,
        [{"model": "D", "rate": 1.0, "seed": 0, "valid": 3.0, "score": 2.5}],
    )
    seeds = [{"model": "E", "rate": 2.0, "seed": seed, "valid": 1.0 + seed, "score": 2.0 + seed} for seed in range(5)]
    edge("five seeds of one rate", answer, read_board, seeds)


EXERCISES = (
    Exercise(
        "15.1",
        "layer norm, backward",
        layer_norm_backward,
        diagnose_layer_norm,
        hints=(
            "First the gradient by x_hat: y = gain * x_hat + bias. Then three ways lead from x to x_hat: directly, through the "
            "mean, and through the deviation.",
            "Take off what lies in the two directions that the normalisation removes: the mean of dx_hat over the features, and "
            "x_hat times the mean of dx_hat * x_hat. Then divide by the deviation.",
            "dx = (dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation; gain and bias sum over steps and texts.",
        ),
        praise="It agrees with the reference. Note what it means: adding a constant to x, or stretching it, changes nothing.",
    ),
    Exercise(
        "15.2",
        "a block, backward",
        block_backward,
        diagnose_block,
        hints=(
            "A sum hands the gradient on to both of its terms, unchanged.",
            "h = x + attention(norm_1(x)), y = h + feed_forward(norm_2(h)). Begin at y: what reaches h?",
            "dh = dy + norm_2(feed_forward(dy)); then the same once more, from h to x.",
        ),
    ),
    Exercise(
        "15.3",
        "one step with a cache",
        attend_one_more,
        diagnose_cache,
        hints=(
            "Only one query is asked, that of the new step; but it looks at all keys, its own among them.",
            "Append x @ W_k and x @ W_v to the cache first. The scores are one number for each row of keys.",
            "scores = keys @ q / np.sqrt(d); weights = softmax(scores); y = weights @ values",
        ),
        praise="It works from an empty cache as from a full one: generation can begin.",
    ),
    Exercise(
        "15.4",
        "a learning rate that warms up",
        learning_rate,
        diagnose_warmup,
        hints=(
            "Two curves: a straight line that reaches lr at step `warmup`, and one over the root of the step that begins there.",
            "The line is lr * step / warmup. The other must be lr at step == warmup: lr * sqrt(warmup / step).",
            "At every step it is the smaller of the two.",
        ),
    ),
    Exercise(
        "15.5",
        "read the scoreboard",
        read_board,
        diagnose_board,
        hints=(
            "Two decisions, on two different texts: which learning rate, and how good the model is.",
            "For each model: among the runs of seed 0 the one with the smallest valid tells the rate. Then average.",
            "The mean of score over all runs of this model with this rate, seed 0 among them.",
        ),
        praise="Chosen on one text, reported on another, and averaged over seeds: that is how the board was made.",
    ),
)
