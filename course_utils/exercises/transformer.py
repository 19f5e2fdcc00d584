"""Exercises of chapter 15: layer norm and a block backward, one step with a cache, a learning rate that warms up, a board."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.tree import Array

EPS = 1e-5


def layer_norm_backward(
    dy: Float[Array, "T B D"], x: Float[Array, "T B D"], gain: Float[Array, " D"]
) -> tuple[Float[Array, "T B D"], Float[Array, " D"], Float[Array, " D"]]:
    def mean(a):  # type: ignore[no-untyped-def]
        return a.mean(axis=-1, keepdims=True)

    deviation = np.sqrt(mean((x - mean(x)) ** 2) + 1e-5)
    x_hat = (x - mean(x)) / deviation
    dx_hat = dy * gain
    dx = (dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation
    return dx, (dy * x_hat).sum(axis=(0, 1)), dy.sum(axis=(0, 1))


def diagnose_layer_norm(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    dy, gain = rng.normal(size=(3, 2, 5)), rng.uniform(0.5, 2, 5)
    x = rng.normal(1, 3, size=(3, 2, 5))
    want_dx, want_dgain, want_dbias = layer_norm_backward(dy, x, gain)
    dx, dgain, dbias = several(call(answer, dy, x, gain), "dx, dgain, dbias", 3)
    dx, dgain, dbias = same_shape(dx, x.shape, "dx"), same_shape(dgain, (5,), "dgain"), same_shape(dbias, (5,), "dbias")
    if close(dx, 0 * dx) and close(dgain, 0 * dgain):
        raise NotYet("all gradients are 0, which is what the stub did.", "begin with dx_hat = dy * gain")
    deviation = np.sqrt(x.var(-1, keepdims=True) + EPS)
    x_hat = (x - x.mean(-1, keepdims=True)) / deviation
    d = dy * gain
    flat, along = d.mean(-1, keepdims=True), (d * x_hat).mean(-1, keepdims=True)
    across = d.mean((0, 1), keepdims=True), (d * x_hat).mean((0, 1), keepdims=True)
    centred = x - x.mean((0, 1))
    batch_deviation = np.sqrt((centred**2).mean((0, 1)) + EPS)
    batch = centred / batch_deviation
    batch_dx = (d - d.mean((0, 1)) - batch * (d * batch).mean((0, 1))) / batch_deviation
    no_gain = dy - dy.mean(-1, keepdims=True) - x_hat * (dy * x_hat).mean(-1, keepdims=True)
    for wrong, what, hint in (
        (d / deviation, "dx treats mean and deviation as constants. Both are made of x, and the gradient flows through them "
         "as well.", "two more terms: mean(dx_hat), and x_hat * mean(dx_hat * x_hat)"),
        ((d - x_hat * along) / deviation, "dx misses the path through the mean.", "- mean(dx_hat)"),
        ((d - flat) / deviation, "dx misses the path through the deviation.", "- x_hat * mean(dx_hat * x_hat)"),
        (d - flat - x_hat * along, "dx is not divided by the deviation: what was large going forward must weigh less going "
         "back.", "divide all of it by the deviation"),
        ((d - flat - x_hat * along) / deviation**2, "dx was divided by the variance, not by its root.", "np.sqrt"),
        (gain * no_gain / deviation, "the gain stands outside the brackets. It differs from feature to feature, and the means "
         "are over the features, so it must be inside them.", "dx_hat = dy * gain first"),
        (batch_dx, "that is batch norm: mean and deviation over steps and sequences, for each feature. A layer norm takes them "
         "over the features, for each step.", "axis=-1, keepdims=True"),
        (no_gain / deviation, "the gain is missing: y = gain * x_hat + bias, so x_hat gets dy * gain.", "dx_hat = dy * gain"),
        ((d - flat - along) / deviation, "mean(dx_hat * x_hat) says how far along x_hat the gradient lies; it still has to be "
         "multiplied by x_hat.", "- x_hat * mean(dx_hat * x_hat)"),
        ((d - across[0] - x_hat * across[1]) / deviation, "the means were taken over steps and sequences. A layer norm knows "
         "one step of one sequence: its means are over the features.", "axis=-1"),
        ((d - flat + x_hat * along) / deviation, "the sign of the path through the deviation is wrong.", "minus"),
        ((d - flat - (x - x.mean(-1, keepdims=True)) * along) / deviation, "the last term has x - mean where x_hat belongs.",
         "x_hat = (x - mean) / deviation"),
    ):  # fmt: skip
        if close(dx, wrong):
            raise NotYet(what, hint)
    if close(dx, want_dx, 1e-3) and not close(dx, want_dx):
        raise NotYet("dx is right to a few digits only: epsilon is missing, or elsewhere.", "sqrt(var + 1e-5)")
    agree(dx, want_dx, "dx", "(dx_hat - mean(dx_hat) - x_hat * mean(dx_hat * x_hat)) / deviation")
    for wrong, what in (
        (want_dbias, "dx is right; dgain misses x_hat, by which the gain was multiplied."),
        (
            (dy * x).sum((0, 1)),
            "dx is right; dgain has x in it where x_hat belongs: the gain acts after the normalisation.",
        ),
        (
            (dy * x_hat).mean((0, 1)),
            "dx is right; dgain is a mean over steps and sequences. Every one of them adds its part.",
        ),
        ((d * x_hat).sum((0, 1)), "dx is right; dgain was multiplied by the gain itself."),
    ):
        if close(dgain, wrong):
            raise NotYet(what, "(dy * x_hat).sum(axis=(0, 1))")
    agree(dgain, want_dgain, "dgain", "(dy * x_hat).sum(axis=(0, 1))")
    if close(dbias, d.sum((0, 1))):
        raise NotYet("dbias was multiplied by the gain; the bias is added after it.", "dy.sum(axis=(0, 1))")
    agree(dbias, want_dbias, "dbias", "dy.sum(axis=(0, 1))")
    again(answer, layer_norm_backward, (*rng.normal(size=(2, 2, 4, 3)), rng.uniform(0.5, 2, 3)))
    edge(
        "one step of one sequence", answer, layer_norm_backward, *rng.normal(size=(2, 1, 1, 4)), rng.uniform(0.5, 2, 4)
    )
    edge("one feature", answer, layer_norm_backward, *rng.normal(size=(2, 3, 2, 1)), np.array([1.5]))
    dy, ones = rng.normal(size=(2, 2, 3)), np.ones(3)
    edge("features that are all alike", answer, layer_norm_backward, dy, np.full((2, 2, 3), 7.0), ones,
         hint="their variance is 0: epsilon belongs under the root, sqrt(var + 1e-5)")  # fmt: skip
    edge("large numbers", answer, layer_norm_backward, dy, 1e6 + 1e3 * rng.normal(size=(2, 2, 3)), ones,
         hint="take off the mean before you square: mean(x**2) - mean(x)**2 loses its digits")  # fmt: skip


Back = Callable[[Array], Array]


def block_backward(
    dy: Float[Array, "T B D"], norm_1: Back, attention: Back, norm_2: Back, feed_forward: Back
) -> tuple[Float[Array, "T B D"], Float[Array, "T B D"]]:
    dh = dy + norm_2(feed_forward(dy))
    dx = dh + norm_1(attention(dh))
    return dx, dh


def diagnose_block(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    dy = rng.normal(size=(3, 2, 4))
    maps = rng.normal(size=(4, 4, 4)) / 2
    calls = [0] * 4

    def back(k: int) -> Back:
        def through(d: Array) -> Array:
            calls[k] += 1
            return d @ maps[k]

        return through

    n_1, att, n_2, ff = parts = [back(k) for k in range(4)]
    got_dx, got_dh = several(call(answer, dy, *parts), "dx, dh", 2)
    used = calls.copy()
    dx, dh = same_shape(got_dx, dy.shape, "dx"), same_shape(got_dh, dy.shape, "dh")
    if close(dx, dy) and close(dh, dy):
        raise NotYet(
            "only the residual paths are there, which is what the stub did: the branches never learn.",
            "a branch was y = h + feed_forward(norm_2(h)): go back through both of its parts, last one first",
        )
    want_dx, want_dh = block_backward(dy, *parts)
    if close(dh, want_dx) and close(dx, want_dx):
        raise NotYet("dx is right, but dh is the same: `dh += ...` writes into dh.", "dx = dh + ..., a new array")
    if close(dh, want_dx) and close(dx, want_dh):
        raise NotYet("dx and dh are swapped.", "return dx, dh")
    for wrong, what, hint in (
        (n_2(ff(dy)), "dh misses the residual path: y = h + ..., so dy reaches h without passing anything. It is the path that "
         "keeps gradients alive in a deep network.", "dh = dy + ..."),
        (dy + ff(n_2(dy)), "in the feed-forward branch norm and layer were passed in the order of the forward pass. Going back, "
         "the last comes first.", "norm_2(feed_forward(dy))"),
        (dy, "dh misses the feed-forward branch.", "dh = dy + norm_2(feed_forward(dy))"),
        (dy + ff(dy), "the feed-forward branch misses its norm.", "dh = dy + norm_2(feed_forward(dy))"),
        (dy + n_1(att(dy)), "the blocks were undone in the order of the forward pass: the feed-forward branch came last, so it "
         "comes first going back.", "begin with feed_forward"),
        (2 * dy + n_2(ff(dy)), "dy was added twice on the way to h.", "dh = dy + norm_2(feed_forward(dy))"),
    ):  # fmt: skip
        if close(dh, wrong):
            raise NotYet(what, hint)
    agree(dh, want_dh, "dh", "dh = dy + norm_2(feed_forward(dy))")
    for wrong, what, hint in (
        (dh, "dh is right; dx misses the attention branch.", "dx = dh + norm_1(attention(dh))"),
        (n_1(att(dh)), "dh is right; dx misses the residual path around attention.", "dx = dh + ..."),
        (dy + n_1(att(dh)), "dh is right; the residual path around attention starts at h, not at y: what came back through the "
         "feed-forward branch is lost for x.", "dx = dh + ..."),
        (dh + n_1(att(dy)), "dh is right; attention got dy. It sits below h, so all that reached h goes through it.",
         "attention(dh)"),
        (dh + att(n_1(dh)), "dh is right; norm_1 and attention were passed in the order of the forward pass.",
         "norm_1(attention(dh))"),
        (dh + att(dh), "dh is right; the attention branch misses its norm.", "norm_1(attention(dh))"),
        (dy + dh + n_1(att(dh)), "dh is right; dy was added to dx once more, but it is in dh already.", "dx = dh + ..."),
    ):  # fmt: skip
        if close(dx, wrong):
            raise NotYet(what, hint)
    agree(dx, want_dx, "dx", "dx = dh + norm_1(attention(dh))")
    if max(used) > 1:
        raise NotYet("right, but a branch was run twice; each has to go back only once.", "keep dh in a variable")
    maps = rng.normal(size=(4, 1, 1))
    edge("one step, one sequence, one feature", answer, block_backward, rng.normal(size=(1, 1, 1)), *parts)
    maps = rng.normal(size=(4, 3, 3))
    again(answer, block_backward, (rng.normal(size=(2, 5, 3)), *parts))


def attend_one_more(
    x: Float[Array, " D"],
    W_q: Float[Array, "D d"],
    W_k: Float[Array, "D d"],
    W_v: Float[Array, "D d"],
    keys: Float[Array, "S d"],
    values: Float[Array, "S d"],
) -> tuple[Float[Array, " d"], Float[Array, "R d"], Float[Array, "R d"]]:
    keys = np.concatenate([keys, [x @ W_k]])
    values = np.concatenate([values, [x @ W_v]])
    scores = keys @ (x @ W_q) / np.sqrt(keys.shape[1])
    a = np.exp(scores - scores.max())
    return a / a.sum() @ values, keys, values


def diagnose_cache(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(2)
    x, (W_q, W_k, W_v) = rng.normal(size=(4, 5)), rng.normal(size=(3, 5, 3))
    K, V = x @ W_k, x @ W_v

    def attended(q: Array, k: Array, v: Array, scale: float = 3**-0.5) -> Array:
        a = np.exp(k @ q * scale)
        return a / a.sum() @ v

    for S in (3, 0):
        given = x[S], W_q, W_k, W_v, K[:S], V[:S]
        y, keys, values = several(call(answer, *given), "y, keys, values", 3)
        q, seen = x[S] @ W_q, f"with {S} steps in the cache, "
        y = same_shape(y, (3,), seen + "y")
        if all(close(got, np.zeros((S + 1, 3))) for got in (keys, values)):
            raise NotYet("keys and values are all 0, which is what the stub did.", "begin with the new key, x @ W_k")
        for got, old, new, name in ((keys, K[:S], K[S], "keys"), (values, V[:S], V[S], "values")):
            if close(got, old):
                raise NotYet(
                    f"{seen}the {name} come back as they went in: the next step will not find this one.",
                    "append the new row and return all of them",
                )
            if S and close(got, [new]):
                raise NotYet(f"{seen}only the new row of {name} is returned; the old ones are lost.", "np.concatenate")
            if S and close(got, np.concatenate([[new], old])):
                raise NotYet(
                    f"{seen}the new row of {name} stands in front. Steps are kept in their order.", "append it"
                )
            if S and close(got, np.concatenate([old[:-1], [new]])):
                raise NotYet(f"{seen}the new row of {name} has replaced the last one.", "append it")
            if S and close(got, np.concatenate([old, [q]])):
                raise NotYet(
                    f"{seen}the query was put among the {name}; nobody asks for old queries.", f"x @ W of the {name}"
                )
            agree(got, np.concatenate([old, [new]]), seen + f"the array of {name}", "old rows first, then the new one")
        if S == 0:
            agree(y, V[0], "with nothing in the cache, y", "the step sees itself alone, so y is its own value")
            continue
        for wrong, what, hint in (
            (0 * y, "y is 0, which is what the stub did.", "scores of the query with all keys, softmax, mean of the values"),
            (attended(q, K[:S], V[:S]), "the step does not see itself: y was made from the old keys.",
             "append first, then look at all of them"),
            (attended(q, K, V, 1.0), "the scores are not divided by the square root of the width of the keys.", "/ np.sqrt(d)"),
            (attended(q, K, V, 5**-0.5), "divided by the root of D, the width of x; it is the width d of keys that counts.",
             "np.sqrt(keys.shape[1])"),
            (attended(q, K, V, 1 / 3), "divided by d, not by its root.", "np.sqrt(keys.shape[1])"),
            (attended(K[S], K, V), "the keys of this step were used as its query.", "q = x @ W_q"),
            (attended(q, K, K), "y is a mean of keys; asked is the mean of the values.", "weights @ values"),
            ((K @ q / 3**0.5) @ V, "the scores miss their softmax.", "exp, then divide by the sum"),
            (V.mean(0), "all steps got the same weight.", "softmax over the scores of the query with each key"),
        ):  # fmt: skip
            if close(y, wrong):
                raise NotYet(seen + what, hint)
        agree(y, attended(q, K, V), seen + "y", "softmax(keys @ q / sqrt(d)) @ values")
    again(answer, attend_one_more, (rng.normal(size=4), *rng.normal(size=(3, 4, 2)), *rng.normal(size=(2, 6, 2))))
    edge("width 1 and one step in the cache", answer, attend_one_more, np.array([2.0]), *rng.normal(size=(5, 1, 1)))
    edge("x as wide as the keys", answer, attend_one_more, rng.normal(size=3), *rng.normal(size=(5, 3, 3)))
    keys = np.array([[40.0, 40.0], [39.98, 40.0], [-40.0, -40.0]])
    loud = np.full(2, 40.0), *[np.eye(2)] * 3, keys, rng.normal(size=(3, 2))
    edge("scores in the thousands", answer, attend_one_more, *loud,
         hint="subtract the largest score before exp: the weights stay the same, and nothing overflows")  # fmt: skip


def learning_rate(step: int, lr: float, warmup: int) -> float:
    return lr * min(step / warmup, np.sqrt(warmup / step))


def diagnose_warmup(answer: Callable[..., Any]) -> None:
    lr, warmup = 4.0, 100
    steps = np.array([1, 25, 50, 99, 100, 101, 150, 400, 2_500])
    got = np.array([same_shape(call(answer, int(step), lr, warmup), (), f"the rate of step {step}") for step in steps])
    up, down = steps / warmup, np.sqrt(warmup / steps)
    for wrong, what, hint in (
        (lr + 0 * up, "it is the same at every step, which is what the stub did.", "two parts: up, then down"),
        (lr * np.minimum(up, 1), "it rises and then stays; after the warm-up it falls with one over the root of the step.",
         "lr * np.sqrt(warmup / step)"),
        (lr * down, "it falls from the beginning: the warm-up is missing.", "lr * step / warmup while step < warmup"),
        (lr * np.maximum(up, down), "of the two parts you took the larger; up to the warm-up the rising one is the smaller.",
         "min"),
        (np.minimum(up, down), "the shape is right, the height is not: the peak must be lr.", "times lr"),
        (lr * np.minimum(steps**-0.5, steps * warmup**-1.5), "that is the formula of the paper as it stands. Its peak, at the "
         "end of the warm-up, is lr / sqrt(warmup); here it must be lr.", "lr * np.sqrt(warmup / step)"),
        (lr * np.where(steps < warmup, up, 1 / np.sqrt(steps)), "it jumps at the end of the warm-up: 1 / sqrt(step) is 0.1 "
         "there.", "sqrt(warmup / step) is 1 there"),
        *((lr * np.minimum((steps - 1) / warmup, later), "step 1 has the rate 0, and learns nothing. Steps count from 1.",
           "step / warmup") for later in (down, np.sqrt(warmup / np.maximum(steps - 1, 1)))),
        *((lr * np.where(steps < warmup, first, later), "the peak comes one step too early: steps count from 1, so the line is "
           "at lr when step == warmup.", "step / warmup") for first, later in (
               (np.minimum(steps / (warmup - 1), 1), down), ((steps + 1) / warmup, down),
               ((steps + 1) / warmup, np.sqrt(warmup / (steps + 1))))),
        (lr * np.where(steps < warmup, up, np.maximum(0, 10 * warmup - steps) / (9 * warmup)), "it falls in a straight line; "
         "asked is one over the root of the step.", "lr * np.sqrt(warmup / step)"),
        (lr * np.where(steps < warmup, up, (1 + np.cos(np.pi * np.minimum(1, (steps - warmup) / (9 * warmup)))) / 2), "it falls "
         "on a cosine; asked is one over the root of the step.", "lr * np.sqrt(warmup / step)"),
        (lr * np.minimum(up, warmup / steps), "it falls with 1 / step; asked is one over the root.", "np.sqrt(warmup / step)"),
        (lr * np.minimum(np.sqrt(up), down), "the rise is a root; it must be a straight line.", "step / warmup"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(
        got, lr * np.minimum(up, down), f"the rate at steps {', '.join(map(str, steps))}",
        "the smaller of lr * step / warmup and lr * np.sqrt(warmup / step)",
    )  # fmt: skip
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


def diagnose_board(answer: Callable[..., Any]) -> None:
    # Model, rate, seed, valid, score. For B, valid at seed 0 chooses 0.002, the mean of valid 0.004, and score 0.001.
    table = (
        ("A", 0.004, 0, 2.40, 2.38), ("A", 0.008, 0, 2.30, 2.29), ("A", 0.002, 0, 2.50, 2.47),
        ("A", 0.008, 1, 2.36, 2.35), ("A", 0.008, 2, 2.33, 2.31),
        ("B", 0.004, 0, 2.31, 2.27), ("B", 0.002, 0, 2.29, 2.28), ("B", 0.001, 0, 2.44, 2.21),
        ("B", 0.002, 1, 2.30, 2.25), ("B", 0.002, 2, 2.41, 2.38),
    )  # fmt: skip
    runs: list[dict[str, Any]] = [
        dict(zip(("model", "rate", "seed", "valid", "score"), row, strict=True)) for row in table
    ]
    got = call(answer, runs)
    if not isinstance(got, dict) or set(got) != {"A", "B"}:
        raise NotYet("wanted a dictionary with a number for each of the models A and B.", '{"A": ..., "B": ...}')
    values = np.array([same_shape(got[name], (), f"the number of {name}") for name in "AB"])
    own = {name: [run for run in runs if run["model"] == name] for name in "AB"}

    def by(choose: str, take: str, summary: Callable[..., Any], rates: Callable[..., Any] = min) -> list[float]:
        out = []
        for name in "AB":
            rate = rates((r for r in own[name] if r["seed"] == 0), key=lambda r: r[choose])["rate"]
            out.append(float(summary([r[take] for r in own[name] if r["rate"] == rate])))
        return out

    def mean(of: list[dict[str, Any]], take: str, rate: float) -> float:
        return float(np.mean([run[take] for run in of if run["rate"] == rate]))

    def lowest_mean(of: list[dict[str, Any]]) -> float:
        return float(min({run["rate"] for run in of}, key=lambda rate: mean(of, "valid", rate)))

    for wrong, what, hint in (
        ([0.0, 0.0], "all are 0, which is what the stub did.", "first choose the rate, with seed 0"),
        ([mean(own[n], "score", lowest_mean(own[n])) for n in "AB"], "you compared the mean of valid over three "
         "seeds of one rate with the single seed of the others.", "choose the rate among the runs of seed 0"),
        ([mean(runs, "score", rate) for rate in (0.008, 0.002)], "runs of other models are in the mean: B has a rate in common "
         "with A.", 'run["model"] == model, in the mean as well'),
        (by("score", "score", np.mean), "the learning rate was chosen by the held-out score. Whoever chooses on the text of the "
         "exam has seen the exam: model B looks better than it is.", 'choose by run["valid"]'),
        ([min(r["score"] for r in own[n]) for n in "AB"], "that is each model's luckiest run. A board of best runs rewards those "
         "who tried most often.", "the mean over the seeds of one rate"),
        ([float(np.mean([r["score"] for r in own[n]])) for n in "AB"], "the mean is over all runs, those with other rates, too.",
         "only the seeds of the rate that was chosen"),
        (by("valid", "score", min), "the rate is right; of its seeds you took the best.", "their mean"),
        (by("valid", "score", lambda scores: scores[0]), "the rate is right; only seed 0 was counted, and seed 0 chose the "
         "rate.", "the mean over all seeds of this rate"),
        (by("valid", "valid", np.mean), "that is the mean on the validation text, which chose the rate; report the held-out "
         "score.", 'run["score"]'),
        (by("valid", "score", np.mean, max), "the rate with the most bits was chosen; fewer are better.", "min"),
        (by("valid", "score", lambda scores: np.mean(scores[1:])), "seed 0 is missing in the mean.", "all seeds of this rate"),
    ):  # fmt: skip
        if close(values, wrong):
            raise NotYet(what, hint)
    agree(
        values, by("valid", "score", np.mean), "the numbers of A and B", "rate by valid at seed 0, then the mean score"
    )
    again(answer, read_board, ([*runs, *(run | {"model": "C"} for run in own["B"])],))
    edge(
        "the runs in another order",
        answer,
        read_board,
        runs[::-1],
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
