"""Exercises of chapter 10: equal budgets, the way up with dropout, the way down, half-lives."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.stack_examples import edges, four_layers, layers_of_three_kinds, traces_of
from course_utils.layers.lstm import LSTM
from course_utils.tree import Array, leaves

STUB = "it is what the stub did."
LAST_GAP = "kept[k - 1] for k = 0 is kept[-1], the *last* gap."


def widest(D: int, layers: int, budget: int) -> int:
    H = 0
    size = 0
    while size <= budget:
        H += 1
        size = 4 * H * (D + H + 1) + (layers - 1) * 4 * H * (H + H + 1)
    return H - 1


def _fits(size: Callable[[int, int, int], float], D: int, layers: int, budget: int) -> int:
    return next(H for H in range(1, 10_000) if size(D, H, layers) > budget) - 1


def diagnose_widest(answer: Callable[..., Any]) -> None:
    def ask(D: int, layers: int, budget: int) -> float:
        return float(same_shape(call(answer, D, layers, budget), (), "H"))

    # 90,000 tells rounding up from missing biases; then a stack that uses up its budget, and room for a long search.
    asked = [(32, 1, 27_000), (32, 2, 27_000), (32, 3, 27_000), (10, 4, 90_000), (10, 4, 100_000), (2, 1, 72)]
    asked += [(1, 1, 12), (1, 5, 70), (3, 2, 272_999), (3, 2, 273_000), (32, 1, 5_000_000), (3, 2, 10**8)]
    asked += [(32, 1, 100)]  # one unit needs 136
    got, want = [ask(*one) for one in asked], [widest(*one) for one in asked]
    if all(value == 1 for value in got):
        raise NotYet(f"it always says 1: {STUB}", "write down how many parameters one LSTM layer has")
    if any(value != int(value) for value in got):
        raise NotYet("a layer has a whole number of units.", "round down: the stack must not exceed the budget")
    if got == [value + 1 for value in want]:
        raise NotYet("that is one unit too many: the stack exceeds the budget.", "the largest H that still fits")

    for size, what, hint in (
        (lambda D, H, L: 4 * H * (D + H + 1), "you counted one layer, whatever `layers` is.",
         "the layers above the first have parameters, too"),
        (lambda D, H, L: L * 4 * H * (D + H + 1), "you let every layer read the D features of the input.",
         "a layer above the first reads the H outputs of the one below: (H + H + 1) in place of (D + H + 1)"),
        (lambda D, H, L: L * 4 * H * (2 * H + 1), "you let the first layer read H features; its input has D.",
         "4·H·(D + H + 1) for the first layer"),
        (lambda D, H, L: 4 * H * (D + H) + (L - 1) * 8 * H * H, "the biases are missing.", "+ 1 for each unit of a gate"),
        (lambda D, H, L: 4 * H * (D + H + 2) + (L - 1) * 8 * H * (H + 1), "you counted two biases a gate, as PyTorch has them; "
         "here each has one.", "+ 1 for each unit of a gate"),
        (lambda D, H, L: H * (D + H + 1) + (L - 1) * H * (2 * H + 1), "you counted one matrix a layer, as in a simple RNN.",
         "an LSTM has four: i, f, o and the candidate"),
        (lambda D, H, L: 3 * (H * (D + H + 1) + (L - 1) * H * (2 * H + 1)), "you counted three matrices a layer, as in a GRU.",
         "an LSTM has four: i, f, o and the candidate"),
        (lambda D, H, L: L * 4 * H * (D + H + 1) + (L - 1) * 4 * H * H, "the layers above the first read both D and H features.",
         "only the first layer sees the input x"),
    ):  # fmt: skip
        if got == [_fits(size, *one) for one in asked]:
            raise NotYet(what, hint)
    for (D, layers, budget), value, right in zip(asked, got, want, strict=True):
        case = f"D = {D}, layers = {layers}, budget = {budget:,}"
        if not right and value:
            raise NotYet(f"not even one unit fits for {case}, and you say {value:.0f}.", "return 0 there")
        if value == right + 1:
            raise NotYet(f"{value:.0f} units exceed the budget for {case}.", "was it rounded up? Round down")
        if value == right - 1 and 4 * right * (D + right + 1 + (layers - 1) * (2 * right + 1)) == budget:
            raise NotYet(f"for {case}, {right} units need just {budget:,}, and that is allowed.", "<= budget, not <")
        if budget >= 200_000 and value < right - 1:
            raise NotYet(f"{value:.0f} units leave much of the budget unused for {case}: your search ends too early.",
                         "go on while it fits: while, not for H in range(...)")  # fmt: skip
        agree(value, right, f"H for {case}", "try H = 1, 2, 3, … until it is too much")


def way_up(x: Float[Array, "T B D"], layers: Sequence[Any], kept: Sequence[Bool[Array, "T B H"]], rate: float) -> Array:
    for k in range(len(layers)):
        if k > 0:
            x = np.where(kept[k - 1], x / (1 - rate), 0)
        x, _ = layers[k].forward(x)
    return x


Between = Callable[[Array, int], Array]


def _up(x: Array, layers: Sequence[Any], between: Between, *, top: bool = False, first: bool = False) -> Array:
    """The way up, with something of one's own done to what flows into gap k."""
    if first:
        x = between(x, 0)
    for k, layer in enumerate(layers):
        x, _ = layer.forward(x if k == 0 else between(x, k - 1))
    return between(x, 0) if top else x


def diagnose_way_up(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    T, B, H, rate = 4, 2, 3, 0.4
    layers, x = layers_of_three_kinds(rng, H, H), rng.normal(size=(T, B, H))
    kept = tuple(rng.random((2, T, B, H)) >= rate)
    everything = tuple(np.ones((2, T, B, H), bool))

    def scale(h: Array, k: int) -> Array:
        return np.where(kept[k], h / (1 - rate), 0)

    plain = same_shape(call(answer, x, layers, everything, 0.0), (T, B, H))
    if close(plain, x):
        raise NotYet(f"the result is x: {STUB}", "feed x to layers[0], its outputs to layers[1], and so on")
    without = way_up(x, layers, everything, 0.0)
    each = [layer.forward(x)[0] for layer in layers]
    outputs = [way_up(x, layers[: k + 1], everything, 0.0) for k in range(3)]
    for wrong, what, hint in (
        (outputs[0], "only the first layer was run.", "loop over all layers"),
        (outputs[1], "the last layer is missing.", "there are gaps between the layers, one fewer than layers"),
        (each[2], "the last layer read x itself, so the layers below have no say.", "x, _ = layer.forward(x)"),
        (sum(each), "every layer read x and you added the results; that is a wide network, not a deep one.",
         "each layer reads what the one before put out"),
        (sum(outputs), "you added up what all layers put out.", "return what the top layer puts out"),
        (_up(x, layers[::-1], lambda h, k: h), "the layers were run from the last to the first.", "layers[0] reads x"),
    ):  # fmt: skip
        if close(plain, wrong):
            raise NotYet(what, hint)
    agree(plain, without, "without dropout, the result", "each layer reads what the one before put out")
    got = same_shape(call(answer, x, layers, kept, rate), (T, B, H))
    for wrong, what, hint in (
        (without, "without dropout it is right, but `kept` changes nothing.", "silence what flows from layer to layer"),
        (_up(x, layers, lambda h, k: np.where(kept[k], h, 0)), "what is kept must be scaled, or the next layer hears less than "
         "without dropout.", "divide by 1 - rate"),
        (_up(x, layers, lambda h, k: np.where(kept[k], h * (1 - rate), 0)), "what is kept became smaller by 1 - rate; it has to "
         "make up for what is gone.", "divide by 1 - rate"),
        (_up(x, layers, lambda h, k: np.where(kept[k], h / rate, 0)), "you divided by the rate of what is silenced.",
         "a share of 1 - rate is kept: divide by that"),
        (_up(x, layers, lambda h, k: np.where(kept[k], 0, h / (1 - rate))), "you silenced what should be kept.",
         "kept is True where a number stays"),
        (_up(x, layers, scale, top=True), "the output of the top layer was silenced, too; no gap is above it.",
         "dropout stands between two layers: kept[k - 1] before layer k, from k = 1 on"),
        (_up(scale(x, 1), layers, scale), LAST_GAP + " The input x was silenced.", "no dropout before layer 0: if k > 0"),
        (_up(x, layers, scale, first=True), "the input x was silenced, too.", "dropout stands between two layers: from k = 1 on"),
        (_up(x, layers, lambda h, k: scale(h, 0)), "both gaps got the same mask, kept[0].", "kept[k - 1] before layer k"),
        (_up(x, layers, lambda h, k: scale(h, 1 - k)), "the masks of the two gaps are swapped.", "kept[0] is the lowest gap"),
        (_up(scale(x, 0), layers, lambda h, k: scale(h, 1) if k == 0 else h), "each mask stands one layer too low: "
         "the input was silenced, and nothing between the last two layers.", "kept[k - 1] before layer k, from k = 1 on"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(got, way_up(x, layers, kept, rate), "with dropout, the result", "np.where(kept[k - 1], x / (1 - rate), 0)")
    x, layers, kept, rate, _, _ = four_layers(rng)
    again(answer, way_up, (x, layers, kept, rate))
    for words, (x, layers, kept, rate, _, _) in edges(rng):
        edge(words, answer, way_up, x, layers, kept, rate)


def way_down(
    dy: Float[Array, "T B H"],
    layers: Sequence[Any],
    traces: Sequence[Any],
    kept: Sequence[Bool[Array, "T B H"]],
    rate: float,
) -> tuple[Array, list[Any]]:
    dlayers = list(layers)
    for k in reversed(range(len(layers))):
        dy, dlayers[k], _ = layers[k].backward(dy, traces[k])
        if k > 0:
            dy = np.where(kept[k - 1], dy / (1 - rate), 0)
    return dy, dlayers


def _down(dy: Array, layers: Sequence[Any], traces: Sequence[Any], between: Between) -> Array:
    for k in reversed(range(len(layers))):
        dy, _, _ = layers[k].backward(dy, traces[k])
        dy = between(dy, k - 1) if k else dy
    return dy


def diagnose_way_down(answer: Callable[..., Any]) -> None:
    rng = np.random.default_rng(2)
    T, B, H, rate = 4, 2, 3, 0.4
    layers, x, dy = tuple(LSTM.init(H, H, rng=rng) for _ in range(3)), *rng.normal(size=(2, T, B, H))
    kept = tuple(rng.random((2, T, B, H)) >= rate)
    traces = traces_of(x, layers, kept, rate)
    given = (dy, layers, traces, kept, rate)
    dx, dlayers = several(call(answer, *given), "dx and the list of the layers' gradients", 2, "things")
    dx = same_shape(dx, (T, B, H), "dx")
    if isinstance(dlayers, Iterator):
        dlayers = tuple(dlayers)
    if not isinstance(dlayers, list | tuple) or len(dlayers) != 3 or not all(isinstance(one, LSTM) for one in dlayers):
        raise NotYet("the second thing is not a list with the gradient of each of the three layers.",
                     "layers[k].backward gives (dx, dlayer, dtrace): collect the middle one")  # fmt: skip

    def scale(d: Array, k: int) -> Array:
        return np.where(kept[k], d / (1 - rate), 0)

    want, dwant = way_down(*given)
    if close(dx, dy) and all(close(a, 0 * a) for one in dlayers for _, a in leaves(one)):
        raise NotYet(
            f"dx is dy, and all gradients are 0: {STUB}", "begin at the top: layers[-1].backward(dy, traces[-1])"
        )
    each = [layer.backward(dy, trace)[0] for layer, trace in zip(layers, traces, strict=True)]
    upward = dy
    for layer, trace in zip(layers, traces, strict=True):
        upward = layer.backward(upward, trace)[0]
    for wrong, what, hint in (
        (upward, "the loop runs from the lowest layer to the highest; the gradient comes from the top.", "reversed(...)"),
        (each[0], "every layer got dy itself; only the top layer's output goes into the loss.",
         "dy, dlayer, _ = layers[k].backward(dy, traces[k])"),
        (each[2], "that is the gradient of the top layer's input; two more layers are below.", "go on to layers[0]"),
        (sum(each), "you added what all layers hand down; each has only one above it.", "hand down, do not add"),
        (_down(dy, layers, traces, lambda d, k: d), "the gradient passed through numbers that were silenced: dropout is missing.",
         "a silenced number has no influence: the same kept as on the way up"),
        (_down(dy, layers, traces, lambda d, k: np.where(kept[k], d, 0)), "silenced numbers get no gradient, right; but what was "
         "kept was divided by 1 - rate on the way up.", "and so is its gradient: dy / (1 - rate)"),
        (_down(dy, layers, traces, lambda d, k: np.where(kept[k], d * (1 - rate), 0)), "you multiplied by 1 - rate on the way "
         "back; a factor is the same in both directions.", "y = a·x gives dx = a·dy, here with a = 1 / (1 - rate)"),
        (_down(dy, layers, traces, lambda d, k: np.where(kept[k], d / rate, 0)), "you divided by the rate of what is silenced.",
         "a share of 1 - rate is kept: divide by that"),
        (_down(dy, layers, traces, lambda d, k: np.where(kept[k], 0, d / (1 - rate))), "you silenced what should be kept.",
         "kept is True where a number stays"),
        (_down(dy, layers, traces, lambda d, k: scale(d, 0)), "both gaps got the same mask, kept[0].",
         "kept[k - 1] stands below layer k"),
        (scale(_down(dy, layers, traces, scale), 1), LAST_GAP + " The gradient of the input x was silenced.",
         "no dropout below layer 0: if k > 0"),
        (_down(dy, layers, traces, lambda d, k: scale(d, 1 - k)), "each gap got the mask of the other.",
         "kept[k - 1] stands below layer k: use it after layer k has sent its gradient down"),
        (_down(scale(dy, 1), layers, traces, lambda d, k: scale(d, 0) if k else d), "each mask comes one layer too early: "
         "dropout stands below layer k, so layer k goes first.", "first backward through layer k, then the mask kept[k - 1]"),
        (_down(scale(dy, 1), layers, traces, scale), "dy was silenced before it reached the top layer; no gap is above that.",
         "first backward through layer k, then the mask kept[k - 1]"),
    ):  # fmt: skip
        if close(dx, wrong):
            raise NotYet(what, hint)
    agree(dx, want, "dx", "from the top down: backward through layer k, then the mask kept[k - 1]")
    matches = [
        [all(close(a, b) for (_, a), (_, b) in zip(leaves(g), leaves(w), strict=True)) for w in dwant] for g in dlayers
    ]
    if matches[0][2] and matches[2][0]:
        raise NotYet(
            "dx is right, but the list begins with the top layer.",
            "dlayers.insert(0, dlayer), or reverse it at the end",
        )
    for k in range(3):
        if not matches[k][k]:
            raise NotYet(
                f"dx is right, but dlayers[{k}] is not the gradient of layers[{k}].",
                "collect the middle result of backward",
            )
    _, layers, kept, rate, traces, dy = four_layers(rng)
    again(answer, way_down, (dy, layers, traces, kept, rate))
    edge("a gradient a million times as large", answer, way_down, 1e6 * dy, layers, traces, kept, rate)
    for words, (_, layers, kept, rate, traces, dy) in edges(rng):
        edge(words, answer, way_down, dy, layers, traces, kept, rate)


def half_life(f: Float[Array, "T H"]) -> Float[Array, "H"]:
    with np.errstate(divide="ignore"):  # a gate of exactly 0 forgets all, one of exactly 1 nothing
        return np.log(2) / np.abs(np.log(f).mean(axis=0))


def diagnose_half_life(answer: Callable[..., Any]) -> None:
    constant = np.tile([0.5, 0.25, 0.5**0.1], (6, 1))
    f = np.random.default_rng(3).uniform(0.2, 0.99, (7, 4))
    got = same_shape(call(answer, constant), (3,), "the result")
    if close(got, np.ones(3)):
        raise NotYet(f"it always says 1: {STUB}", "a gate that stays at 0.5 has half-life 1; what about 0.25?")
    for wrong, what, hint in (
        (-half_life(constant), "a half-life is positive: log(f) and log(1/2) are both negative.", "np.log(0.5) / ..."),
        (1 / half_life(constant), "that is how many half-lives pass in a step; you want the steps in a half-life.",
         "f**n = 1/2: solve for n"),
        (-1 / np.log(constant[0]), "that is how long it takes until 1/e is left.", "until 1/2: log(1/2) on top"),
        (1 / (1 - constant[0]), "1 / (1 - f) is a common rule of thumb, not the half-life.", "f**n = 1/2: solve for n"),
        (half_life(constant) / 6, "you summed the logarithms over time; the mean tells what one step does.", "mean(axis=0)"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(got, half_life(constant), "for gates that stay at 0.5, 0.25 and 0.933, the result", "f**n = 1/2: solve for n")
    got = same_shape(call(answer, f), (4,), "the result")
    for wrong, what, hint in (
        (np.log(0.5) / np.log(f.mean(axis=0)), "you took the mean of the gate, and then its logarithm. What is left is a "
         "*product* of gates, so a step that shuts counts far more than a mean says.", "logarithm first, then the mean"),
        ((np.log(0.5) / np.log(f)).mean(axis=0), "you took the mean of the half-lives of single steps. A gate near 1 at one step "
         "has a huge one, though the next step may forget all.", "mean of the logarithms first"),
        (np.log(0.5) / np.log(np.median(f, axis=0)), "the median ignores the steps at which the gate shuts.",
         "mean of the logarithms"),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(what, hint)
    agree(
        got, half_life(f), "for gates that change, the result", "what is left after n steps is exp(n · mean of log f)"
    )
    again(answer, half_life, (f[::-1] ** 2,))
    long, shut = np.random.default_rng(4).uniform(0.1, 0.9, (2000, 2)), f.copy()
    if np.isin(got := np.asarray(call(answer, long)), (0.0, np.inf)).any() or np.isnan(got).any():
        raise NotYet(
            "over 2,000 steps the product of the gates underflows to 0: its root and its logarithm are lost.",
            "add up logarithms instead of multiplying gates",
        )
    shut[3, 1] = 0
    for words, gates in (
        ("2,000 steps", long),
        ("a single step", f[:1]),
        ("a single unit", f[:, :1]),
        ("gates that keep nearly all", 1 - 1e-4 * f),
        ("a gate that is exactly 0 at one step, and so a half-life of 0 for its unit", shut),
    ):
        edge(words, answer, half_life, gates)
    open_ = np.abs(same_shape(call(answer, np.where([False, True], 1.0, f[:, :2])), (2,), "the result"))
    agree(open_, [half_life(f)[0], np.inf], "with a gate of exactly 1 throughout, which never forgets, the result",
          "a mean logarithm of 0: nothing is lost in a step, so the half-life is infinite")  # fmt: skip


EXERCISES = (
    Exercise(
        "10.1",
        "equal budgets",
        widest,
        diagnose_widest,
        hints=(
            "An LSTM layer that reads D features with H units has 4·H·(D + H + 1) parameters. What do the upper ones read?",
            "Layer 1 reads D features, every other layer the H outputs of the one below. Add them up for H = 1, 2, 3, …",
            "Go on while 4·H·(D + H + 1) + (layers - 1)·4·H·(2·H + 1) <= budget, and return the last H that fits.",
        ),
        praise="At 27,000 parameters one layer has 67 units, two have 42 each, three have 33.",
    ),
    Exercise(
        "10.2",
        "the way up",
        way_up,
        diagnose_way_up,
        hints=(
            "Without dropout it is three lines: for each layer, x, _ = layer.forward(x).",
            "Gap k - 1 is right below layer k. Before that layer: np.where(kept[k - 1], x / (1 - rate), 0). Not for k = 0.",
        ),
        praise="Outputs became inputs, and dropout stood in the gaps only.",
    ),
    Exercise(
        "10.3",
        "the way down",
        way_down,
        diagnose_way_down,
        hints=(
            "The way up, read backwards: the last thing that happened is the first to be undone. Start with the top layer.",
            "dy, dlayer, _ = layers[k].backward(dy, traces[k]). What it hands down came out of gap k - 1: apply its mask.",
            "The mask on the way down is the one of the way up, with its factor: np.where(kept[k - 1], dy / (1 - rate), 0).",
        ),
        praise="What a layer hands down as dx is what the layer below receives as dy.",
    ),
    Exercise(
        "10.4",
        "half-lives",
        half_life,
        diagnose_half_life,
        hints=(
            "If f were the same at every step, f**n would be left after n steps. For which n is that 1/2?",
            "n = log(1/2) / log(f). If f changes, its logarithms add up over the steps: use their mean.",
        ),
        praise="A product becomes a sum of logarithms, and their mean is what one step does.",
    ),
)
