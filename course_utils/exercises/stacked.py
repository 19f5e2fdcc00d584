"""Exercises of chapter 10: equal budgets, the way up with dropout, the way down, half-lives."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge, same_shape, several
from course_utils.exercises.slips import Diagnosis, Instead, Part, Slip, slips
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


# 90,000 tells rounding up from missing biases; then a stack that uses up its budget, and room for a long search.
BUDGETS = (
    (32, 1, 27_000), (32, 2, 27_000), (32, 3, 27_000), (10, 4, 90_000), (10, 4, 100_000), (2, 1, 72), (1, 1, 12), (1, 5, 70),
    (3, 2, 272_999), (3, 2, 273_000), (32, 1, 5_000_000), (3, 2, 10**8), (32, 1, 100),  # one unit needs 136
)  # fmt: skip
"""D, layers and budget."""


def _widths(answer: Callable[..., Any]) -> Array:
    return np.array([float(same_shape(call(answer, *case), (), "H")) for case in BUDGETS])


SIZE, GATE = "4 * H * (D + H + 1) + (layers - 1) * 4 * H * (H + H + 1)", "+ 1 for each unit of a gate"
FOUR = "an LSTM has four: i, f, o and the candidate"

mistakes_in_widest = Diagnosis(
    widest, tuple, "H", ask=_widths,
    slips=(
        Slip("return H - 1", "return 1", f"it always says 1: {STUB}", "write down how many parameters one LSTM layer has"),
        Slip("return H - 1", "return H", "that is one unit too many: the stack exceeds the budget.", "the largest H that still "
             "fits"),
        Slip(SIZE, "4 * H * (D + H + 1)", "you counted one layer, whatever `layers` is.", "the layers above the first have "
             "parameters, too"),
        Slip(SIZE, "layers * 4 * H * (D + H + 1)", "you let every layer read the D features of the input.", "a layer above the "
             "first reads the H outputs of the one below: (H + H + 1) in place of (D + H + 1)"),
        Slip(SIZE, "layers * 4 * H * (H + H + 1)", "you let the first layer read H features; its input has D.",
             "4·H·(D + H + 1) for the first layer"),
        *slips(SIZE, GATE, {
            "4 * H * (D + H) + (layers - 1) * 4 * H * (H + H)": "the biases are missing.",
            "4 * H * (D + H + 2) + (layers - 1) * 4 * H * (H + H + 2)": "you counted two biases a gate, as PyTorch has them; "
                                                                        "here each has one.",
        }),
        *slips(SIZE, FOUR, {
            "H * (D + H + 1) + (layers - 1) * H * (H + H + 1)": "you counted one matrix a layer, as in a simple RNN.",
            "3 * H * (D + H + 1) + (layers - 1) * 3 * H * (H + H + 1)": "you counted three matrices a layer, as in a GRU.",
        }),
        Slip(SIZE, "4 * H * (D + H + 1) + (layers - 1) * 4 * H * (D + H + H + 1)", "the layers above the first read both D and H "
             "features.", "only the first layer sees the input x"),
    ),
)  # fmt: skip


def diagnose_widest(answer: Callable[..., Any]) -> None:
    got, want = _widths(answer), mistakes_in_widest.want[0]
    if (got != got.astype(int)).any():
        raise NotYet("a layer has a whole number of units.", "round down: the stack must not exceed the budget")
    mistakes_in_widest.explain((got,))
    for (D, layers, budget), value, right in zip(BUDGETS, got.tolist(), want.astype(int).tolist(), strict=True):
        case = f"D = {D}, layers = {layers}, budget = {budget:,}"
        if not right and value:
            raise NotYet(f"not even one unit fits for {case}, and you say {value:.0f}.", "return 0 there")
        if value == right + 1:
            raise NotYet(f"{value:.0f} units exceed the budget for {case}.", "was it rounded up? Round down")
        if value == right - 1 and 4 * right * (D + right + 1 + (layers - 1) * (2 * right + 1)) == budget:
            raise NotYet(f"for {case}, {right} units need just {budget:,}, and that is allowed.", "<= budget, not <")
        if budget >= 200_000 and value < right - 1:
            raise NotYet(
                f"{value:.0f} units leave much of the budget unused for {case}: your search ends too early.",
                "go on while it fits: while, not for H in range(...)",
            )
        agree(value, right, f"H for {case}", "try H = 1, 2, 3, … until it is too much")


def way_up(x: Float[Array, "T B D"], layers: Sequence[Any], kept: Sequence[Bool[Array, "T B H"]], rate: float) -> Array:
    for k in range(len(layers)):
        if k > 0:
            x = np.where(kept[k - 1], x / (1 - rate), 0)
        x, _ = layers[k].forward(x)
    return x


def _stack(given: Callable[..., tuple[Any, ...]], seed: int) -> tuple[Any, ...]:
    """x, three layers of D = H = 3, the two masks between them and the rate; `given` makes the layers."""
    rng = np.random.default_rng(seed)
    T, B, H, rate = 4, 2, 3, 0.4
    return rng.normal(size=(T, B, H)), given(rng, H, H), tuple(rng.random((2, T, B, H)) >= rate), rate


def _without_dropout() -> tuple[Any, ...]:
    x, layers, kept, _ = _stack(layers_of_three_kinds, 1)
    return x, layers, tuple(np.ones_like(kept)), 0.0


GAP, ALL, MASK = (
    "np.where(kept[k - 1], x / (1 - rate), 0)",
    "range(len(layers))",
    "kept[k - 1] before layer k, from k = 1 on",
)
SILENCED = "you silenced what should be kept.", "kept is True where a number stays"
OF_THE_RATE = "you divided by the rate of what is silenced.", "a share of 1 - rate is kept: divide by that"

mistakes_without_dropout = Diagnosis(
    way_up, _without_dropout, "the result",
    parts=(Part("without dropout, the result", lambda y: y, "each layer reads what the one before put out"),),
    slips=(
        Slip(ALL, "range(0)", f"the result is x: {STUB}", "feed x to layers[0], its outputs to layers[1], and so on"),
        Slip(ALL, "range(1)", "only the first layer was run.", "loop over all layers"),
        Slip(ALL, "range(len(layers) - 1)", "the last layer is missing.", "there are gaps between the layers, one fewer than "
             "layers"),
        Slip(ALL, "[len(layers) - 1]", "the last layer read x itself, so the layers below have no say.",
             "x, _ = layer.forward(x)"),
        Instead(lambda x, layers, kept, rate: sum(layer.forward(x)[0] for layer in layers), "every layer read x and you added "
                "the results; that is a wide network, not a deep one.", "each layer reads what the one before put out"),
        Slip(("for k", "forward(x)", "return x"), ("y = 0\n    for k", "forward(x)\n        y = y + x", "return y"), "you added "
             "up what all layers put out.", "return what the top layer puts out"),
        Slip(ALL, f"reversed({ALL})", "the layers were run from the last to the first.", "layers[0] reads x"),
        Slip("kept[k - 1]", "~kept[k - 1]", *SILENCED),
    ),
)  # fmt: skip
mistakes_in_way_up = Diagnosis(
    way_up, lambda: _stack(layers_of_three_kinds, 1), "the result",
    parts=(Part("with dropout, the result", lambda y: y, GAP),),
    slips=(
        Slip(GAP, "x", "without dropout it is right, but `kept` changes nothing.", "silence what flows from layer to layer"),
        *slips("x / (1 - rate)", "divide by 1 - rate", {
            "x": "what is kept must be scaled, or the next layer hears less than without dropout.",
            "x * (1 - rate)": "what is kept became smaller by 1 - rate; it has to make up for what is gone.",
        }),
        Slip("x / (1 - rate)", "x / (rate or 1)", *OF_THE_RATE),
        Slip("kept[k - 1]", "kept[k - 1] ^ (rate > 0)", *SILENCED),
        Slip("return x", "return np.where(kept[0], x / (1 - rate), 0)", "the output of the top layer was silenced, too; no gap "
             "is above it.", "dropout stands between two layers: kept[k - 1] before layer k, from k = 1 on"),
        Slip("if k > 0", "if True", f"{LAST_GAP} The input x was silenced.", "no dropout before layer 0: if k > 0"),
        Slip(("if k > 0", "k - 1"), ("if True", "max(k - 1, 0)"), "the input x was silenced, too.", "dropout stands between two "
             "layers: from k = 1 on"),
        Slip("k - 1", "0", "both gaps got the same mask, kept[0].", "kept[k - 1] before layer k"),
        Slip("k - 1", "2 - k", "the masks of the two gaps are swapped.", "kept[0] is the lowest gap"),
        Slip(("if k > 0", "k - 1"), ("if k < 2", "k"), "each mask stands one layer too low: the input was silenced, and nothing "
             "between the last two layers.", MASK),
    ),
)  # fmt: skip


def diagnose_way_up(answer: Callable[..., Any]) -> None:
    mistakes_without_dropout(answer)
    mistakes_in_way_up(answer)
    rng = np.random.default_rng(10)
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


def _lstms(rng: np.random.Generator, D: int, H: int) -> tuple[Any, ...]:
    return tuple(LSTM.init(D, H, rng=rng) for _ in range(3))


def _stack_below() -> tuple[Any, ...]:
    x, layers, kept, rate = _stack(_lstms, 2)
    return np.random.default_rng(20).normal(size=x.shape), layers, traces_of(x, layers, kept, rate), kept, rate


BACK, MASK_BACK = "dy, dlayers[k], _ = layers[k].backward(dy, traces[k])", "np.where(kept[k - 1], dy / (1 - rate), 0)"
LAYER_FIRST = "first backward through layer k, then the mask kept[k - 1]"

mistakes_in_way_down = Diagnosis(
    way_down, _stack_below, "dx", ask=lambda answer: answer(*_stack_below())[0],
    hint="from the top down: backward through layer k, then the mask kept[k - 1]",
    slips=(
        *(Slip(("reversed(range(len(layers)))", "if k > 0"), ("range(len(layers))", mask), "the loop runs from the lowest layer "
               "to the highest; the gradient comes from the top.", "reversed(...)") for mask in ("if k > 0", "if False")),
        Slip(("dy, dlayers[k]", "    dy = np.where", "return dy"), ("dx, dlayers[k]", "    dx = np.where", "return dx"), "every "
             "layer got dy itself; only the top layer's output goes into the loss.", BACK),
        Slip(("reversed(range(len(layers)))", "if k > 0"), ("[len(layers) - 1]", "if False"), "that is the gradient of the top "
             "layer's input; two more layers are below.", "go on to layers[0]"),
        Instead(lambda dy, layers, traces, kept, rate: (
                    sum(layer.backward(dy, trace)[0] for layer, trace in zip(layers, traces, strict=True)), list(layers)),
                "you added what all layers hand down; each has only one above it.", "hand down, do not add"),
        Slip(MASK_BACK, "dy", "the gradient passed through numbers that were silenced: dropout is missing.", "a silenced number "
             "has no influence: the same kept as on the way up"),
        Slip("dy / (1 - rate)", "dy", "silenced numbers get no gradient, right; but what was kept was divided by 1 - rate on "
             "the way up.", "and so is its gradient: dy / (1 - rate)"),
        Slip("dy / (1 - rate)", "dy * (1 - rate)", "you multiplied by 1 - rate on the way back; a factor is the same in both "
             "directions.", "y = a·x gives dx = a·dy, here with a = 1 / (1 - rate)"),
        Slip("dy / (1 - rate)", "dy / rate", *OF_THE_RATE),
        Slip("kept[k - 1]", "~kept[k - 1]", *SILENCED),
        Slip("k - 1", "0", "both gaps got the same mask, kept[0].", "kept[k - 1] stands below layer k"),
        Slip("if k > 0", "if True", f"{LAST_GAP} The gradient of the input x was silenced.",
             "no dropout below layer 0: if k > 0"),
        Slip("k - 1", "2 - k", "each gap got the mask of the other.", "kept[k - 1] stands below layer k: use it after layer k "
             "has sent its gradient down"),
        Slip((BACK, MASK_BACK), ("pass", f"{MASK_BACK}\n        {BACK}"), "each mask comes one layer too early: dropout stands "
             "below layer k, so layer k goes first.", LAYER_FIRST),
        Slip("for k", "dy = np.where(kept[-1], dy / (1 - rate), 0)\n    for k", "dy was silenced before it reached the top "
             "layer; no gap is above that.", LAYER_FIRST),
    ),
)  # fmt: skip


def diagnose_way_down(answer: Callable[..., Any]) -> None:
    dy, layers, traces, kept, rate = given = _stack_below()
    dx, dlayers = several(call(answer, *given), "dx and the list of the layers' gradients", 2, "things")
    dx = same_shape(dx, dy.shape, "dx")
    if isinstance(dlayers, Iterator):
        dlayers = tuple(dlayers)
    if not isinstance(dlayers, list | tuple) or len(dlayers) != 3 or not all(isinstance(one, LSTM) for one in dlayers):
        raise NotYet(
            "the second thing is not a list with the gradient of each of the three layers.",
            "layers[k].backward gives (dx, dlayer, dtrace): collect the middle one",
        )
    if close(dx, dy) and all(close(a, 0 * a) for one in dlayers for _, a in leaves(one)):
        raise NotYet(
            f"dx is dy, and all gradients are 0: {STUB}", "begin at the top: layers[-1].backward(dy, traces[-1])"
        )
    mistakes_in_way_down.name(dx)
    _, dwant = way_down(*given)
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
    rng = np.random.default_rng(21)
    _, layers, kept, rate, traces, dy = four_layers(rng)
    again(answer, way_down, (dy, layers, traces, kept, rate))
    edge("a gradient a million times as large", answer, way_down, 1e6 * dy, layers, traces, kept, rate)
    for words, (_, layers, kept, rate, traces, dy) in edges(rng):
        edge(words, answer, way_down, dy, layers, traces, kept, rate)


def half_life(f: Float[Array, "T H"]) -> Float[Array, "H"]:
    with np.errstate(divide="ignore"):  # a gate of exactly 0 forgets all, one of exactly 1 nothing
        return np.log(2) / np.abs(np.log(f).mean(axis=0))


HALF_LIFE, SOLVE = "np.log(2) / np.abs(np.log(f).mean(axis=0))", "f**n = 1/2: solve for n"

mistakes_with_constant_gates = Diagnosis(
    half_life, lambda: (np.tile([0.5, 0.25, 0.5**0.1], (6, 1)),), "the result",
    parts=(Part("for gates that stay at 0.5, 0.25 and 0.933, the result", lambda n: n, SOLVE),),
    slips=(
        Slip(HALF_LIFE, "np.ones(f.shape[1])", f"it always says 1: {STUB}", "a gate that stays at 0.5 has half-life 1; what "
             "about 0.25?"),
        Slip(HALF_LIFE, "np.log(2) / np.log(f).mean(axis=0)", "a half-life is positive: log(f) and log(1/2) are both negative.",
             "np.log(0.5) / ..."),
        *slips(HALF_LIFE, SOLVE, {
            "np.abs(np.log(f).mean(axis=0)) / np.log(2)": "that is how many half-lives pass in a step; you want the steps in a "
                                                          "half-life.",
            "(1 / (1 - f)).mean(axis=0)": "1 / (1 - f) is a common rule of thumb, not the half-life.",
            "1 / np.abs(np.log(f).mean(axis=0))": "that is how long it takes until 1/e is left.",
        }),
        Slip("mean(axis=0)", "sum(axis=0)", "you summed the logarithms over time; the mean tells what one step does.",
             "mean(axis=0)"),
    ),
)  # fmt: skip
mistakes_in_half_life = Diagnosis(
    half_life, lambda: (np.random.default_rng(3).uniform(0.2, 0.99, (7, 4)),), "the result",
    parts=(Part("for gates that change, the result", lambda n: n, "what is left after n steps is exp(n · mean of log f)"),),
    slips=(
        Slip("np.log(f).mean(axis=0)", "np.log(f.mean(axis=0))", "you took the mean of the gate, and then its logarithm. What "
             "is left is a *product* of gates, so a step that shuts counts far more than a mean says.",
             "logarithm first, then the mean"),
        Slip(HALF_LIFE, "(np.log(2) / np.abs(np.log(f))).mean(axis=0)", "you took the mean of the half-lives of single steps. A "
             "gate near 1 at one step has a huge one, though the next step may forget all.", "mean of the logarithms first"),
        Slip("np.log(f).mean(axis=0)", "np.log(np.median(f, axis=0))", "the median ignores the steps at which the gate shuts.",
             "mean of the logarithms"),
    ),
)  # fmt: skip


def diagnose_half_life(answer: Callable[..., Any]) -> None:
    mistakes_with_constant_gates(answer)
    mistakes_in_half_life(answer)
    (f,) = mistakes_in_half_life.given()
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
    agree(
        open_,
        [half_life(f)[0], np.inf],
        "with a gate of exactly 1 throughout, which never forgets, the result",
        "a mean logarithm of 0: nothing is lost in a step, so the half-life is infinite",
    )


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
