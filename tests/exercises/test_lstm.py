"""Chapter 09's checks: the references agree with the package, and each plausible mistake gets its own name."""

from itertools import permutations

import numpy as np
import pytest

from course_utils.exercises.lstm import contributions, half_life, lstm_step, lstm_step_backward, spread_biases
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid


def test_the_references_agree_with_the_layer(rng):
    lstm = LSTM.init(3, 4, rng=rng)
    x, dy = rng.normal(size=(1, 2, 3)), rng.normal(size=(1, 2, 4))
    h_0, c_0, dc_T = rng.normal(size=(3, 2, 4))
    _, trace = lstm.forward(x, state=(h_0, c_0))
    h, c = lstm_step(x[0], h_0, c_0, *lstm)
    np.testing.assert_allclose([h, c], trace.state, atol=1e-14)
    _, dlstm, dtrace = lstm.backward(dy, trace, (np.zeros_like(h), dc_T))
    da, dc_before = lstm_step_backward(dy[0], dc_T, trace.i[0], trace.f[0], trace.o[0], trace.c_tilde[0], c_0, c)
    np.testing.assert_allclose(dc_before, dtrace.c[0], atol=1e-14)
    np.testing.assert_allclose(da.sum(axis=1), dlstm.b, atol=1e-14)
    np.testing.assert_allclose(h_0.T @ da, dlstm.W_h, atol=1e-14)


def test_contributions_add_up_to_the_cell(rng):
    lstm = LSTM.init(3, 4, rng=rng)
    _, trace = lstm.forward(rng.normal(size=(9, 3)))
    np.testing.assert_allclose(contributions(trace.i, trace.f, trace.c_tilde).sum(axis=0), trace.c[-1], atol=1e-14)


def test_half_lives_and_biases_undo_each_other():
    np.testing.assert_allclose(half_life(spread_biases(3, 4.0, 100.0)), [4, 20, 100])
    b = np.array([1.0])
    assert sigmoid(b) ** half_life(b) == pytest.approx(0.5)


def forward(cell=lambda a, c: a["f"] * c + a["i"] * a["c_tilde"], told=lambda a, c, old: a["o"] * np.tanh(c), see=None):
    """09.1 with one ingredient replaced."""

    def answer(x, h, c, W_x, W_h, b):
        if see:
            x, h, W_h, b = see(x, h, c, W_h, b)
        a = x @ W_x + h @ W_h + b[:, None]
        gates = {"i": sigmoid(a[0]), "f": sigmoid(a[1]), "o": sigmoid(a[2]), "c_tilde": np.tanh(a[3]), "a": a}
        new = cell(gates, c)
        return told(gates, new, c), new

    return answer


def backward(
    cell=lambda dh, future, o, c, before, f: future + dh * o * (1 - np.tanh(c) ** 2),
    order=(0, 1, 2, 3),
    handed_on=lambda dc, future, f, i: dc * f,
    **gates,
):
    """09.2 with one ingredient replaced; `gates` are functions of (dc, dh, everything by name)."""

    def answer(dh, future, i, f, o, c_tilde, before, c):
        dc = cell(dh, future, o, c, before, f)
        by = {"i": i, "f": f, "o": o, "c_tilde": c_tilde, "before": before, "c": c}
        da = {
            "i": dc * c_tilde * i * (1 - i),
            "f": dc * before * f * (1 - f),
            "o": dh * np.tanh(c) * o * (1 - o),
            "c_tilde": dc * i * (1 - c_tilde**2),
        }
        da |= {name: change(dc, dh, by) for name, change in gates.items()}
        return np.stack(list(da.values()))[list(order)], handed_on(dc, future, f, i)

    return answer


def s(gate):
    return gate * (1 - gate)


NAMES = ("i", "f", "o", "c_tilde")


def in_the_order(order):
    """09.1 with the planes of the weights read in another order."""

    def answer(x, h, c, *weights):
        return lstm_step(x, h, c, *(array[[order.index(name) for name in NAMES]] for array in weights))

    return answer


def with_weights(change):
    """09.1 with weights that were changed first."""

    def answer(x, h, c, *weights):
        weights = [array.copy() for array in weights]
        change(*weights)
        return lstm_step(x, h, c, *weights)

    return answer


def one_for_all(W_x, W_h, b):
    b[:] = b[0]


def bias_of_i(W_x, W_h, b):
    b[1] = b[0]


def W_h_of_f(W_x, W_h, b):
    W_h[3] = W_h[1]


def no_forget_bias(W_x, W_h, b):
    b[1] = 0


def exp_over(x, h, c, W_x, W_h, b):
    """exp(a) / (1 + exp(a)): nan where exp(a) is infinite."""
    with np.errstate(all="ignore"):
        a = np.exp(x @ W_x + h @ W_h + b[:, None])
        i, f, o = a[:3] / (1 + a[:3])
        c = f * c + i * (1 - 2 / (a[3] ** 2 + 1))
        return o * np.tanh(c), c


def in_one_product(x, h, c, W_x, W_h, b):
    """One product for all gates, along the columns."""
    H = h.shape[1]
    a = np.hstack([x, h]) @ np.hstack([np.vstack(pair) for pair in zip(W_x, W_h, strict=True)]) + b.ravel()
    i, f, o = (0.5 + np.tanh(a[:, k * H : (k + 1) * H] / 2) / 2 for k in range(3))
    c = c * f + i * np.tanh(a[:, 3 * H :])
    return np.tanh(c) * o, c


def late_parenthesis(dh, future, i, f, o, c_tilde, before, c):
    q = np.tanh(c) ** 2
    late = {name: future * u + o * (1 - q * u * dh) for name, u in (("i", c_tilde), ("f", before), ("c", i))}
    da = [late["i"] * s(i), late["f"] * s(f), dh * np.tanh(c) * s(o), late["c"] * (1 - c_tilde**2)]
    return da, (future + dh * o * (1 - q)) * f


def through_h(dh, future, i, f, o, c_tilde, before, c):
    """tanh(c) from h = o tanh(c), and i c_tilde from the new cell: right for all real steps whose gates are open."""
    h = o * np.tanh(c)
    dc = future + dh * (o - h * np.tanh(c))
    added = c - f * before
    da_c = dc * (i - added * c_tilde)
    return (dc * added * (1 - i), dc * (c - added) * (1 - f), dh * h * (1 - o), da_c), f * dc


def adds_in_place(dh, dc_future, i, f, o, c_tilde, c_before, c):
    dc_future += dh * o * (1 - np.tanh(c) ** 2)
    return lstm_step_backward(np.zeros_like(dh), dc_future, i, f, o, c_tilde, c_before, c)


def divided_by_products(i, f, c):
    with np.errstate(all="ignore"):
        return i * c * np.prod(f, axis=0) / np.cumprod(f, axis=0)


def by_logarithms(i, f, c):
    """Sums of logarithms: no division, and exp(-inf) is 0."""
    with np.errstate(divide="ignore"):
        logs = np.log(f)
    return np.array([i[t] * c[t] * np.exp(logs[t + 1 :].sum(axis=0)) for t in range(len(i))])


def one_at_a_time(i, f, c):
    """Run the cell T times, each time with one step adding and the others silent."""
    rows = []
    for t in range(len(i)):
        cell = np.zeros(i.shape[1])
        for step in range(len(i)):
            cell = f[step] * cell + (i[step] * c[step] if step == t else 0)
        rows.append(cell)
    return rows


def changes_of_the_cell(i, f, c):
    cells = [np.zeros(i.shape[1])]
    for t in range(len(i)):
        cells.append(f[t] * cells[-1] + i[t] * c[t])
    return np.diff(cells, axis=0)


def geometric(H, a, b):
    return np.array([logit(0.5 ** (1 / (a * (b / a) ** (k / (H - 1))))) for k in range(H)])


def gates(H, shortest, longest):
    return 0.5 ** (1 / np.geomspace(shortest, longest, H))


def logit(f):
    return np.log(f / (1 - f))


def quiet(answer):
    """NumPy warns the learner as well; here it need not."""
    return np.errstate(all="ignore")(answer)


WRONG = [
    ("09.1", lambda x, h, c, *w: (h, c), "what the stub did"),
    ("09.1", lambda *g: lstm_step(*g)[::-1], "the two are swapped"),
    ("09.1", lambda *g: lstm_step(*g)[0], "wanted 2 arrays, h and c"),
    ("09.1", forward(lambda a, c: a["i"] * c + a["f"] * a["c_tilde"]), "input gate and the forget gate are swapped"),
    ("09.1", forward(lambda a, c: a["o"] * c + a["i"] * a["c_tilde"]), "output gate acts on the old cell"),
    ("09.1", forward(lambda a, c: a["f"] * c + a["o"] * a["c_tilde"]), "output gate acts on the candidate"),
    ("09.1", forward(lambda a, c: a["f"] * c + a["c_tilde"]), "the input gate is missing"),
    ("09.1", forward(lambda a, c: c + a["i"] * a["c_tilde"]), "the forget gate is missing"),
    ("09.1", forward(lambda a, c: a["i"] * a["c_tilde"]), "the old cell plays no part"),
    ("09.1", forward(lambda a, c: a["f"] * c), "nothing new enters"),
    ("09.1", forward(lambda a, c: a["f"] * c + a["i"] * sigmoid(a["a"][3])), "candidate went through the sigmoid"),
    ("09.1", forward(lambda a, c: a["f"] * c + a["i"] * a["a"][3]), "the candidate misses its tanh"),
    ("09.1", forward(lambda a, c: a["f"] * c + (1 - a["f"]) * a["c_tilde"]), "as a GRU does"),
    ("09.1", forward(lambda a, c: a["a"][1] * c + a["a"][0] * a["c_tilde"]), "gates miss their sigmoid"),
    ("09.1", forward(lambda a, c: np.tanh(a["a"][1]) * c + np.tanh(a["a"][0]) * a["c_tilde"]), "the gates went through tanh"),
    ("09.1", forward(lambda a, c: a["f"] * c + a["i"] * np.tanh(a["a"][2])), "as PyTorch has it"),
    ("09.1", forward(lambda a, c: np.tanh(a["f"] * c + a["i"] * a["c_tilde"])), "the cell itself was squashed"),
    ("09.1", forward(see=lambda x, h, c, W, b: (x, 0 * h, W, b)), "do not see the old state"),
    ("09.1", forward(see=lambda x, h, c, W, b: (0 * x, h, W, b)), "do not see the input"),
    ("09.1", forward(see=lambda x, h, c, W, b: (x, c, W, b)), "the gates look at the cell"),
    ("09.1", forward(see=lambda x, h, c, W, b: (x, h, W, 0 * b)), "the biases are missing"),
    ("09.1", forward(see=lambda x, h, c, W, b: (x, h, W.swapaxes(1, 2), b)), "W_h is transposed"),
    ("09.1", forward(see=lambda x, h, c, W, b: (x, h, W, 2 * b)), "the cell c: the shape is right, but"),
    ("09.1", forward(told=lambda a, c, old: a["o"] * c), "h misses the tanh"),
    ("09.1", forward(told=lambda a, c, old: a["o"] * np.tanh(old)), "told from the old cell"),
    ("09.1", forward(told=lambda a, c, old: np.tanh(c)), "h misses the output gate"),
    ("09.1", forward(told=lambda a, c, old: np.tanh(a["o"] * c)), "the gate stands inside the tanh"),
    ("09.1", forward(told=lambda a, c, old: a["i"] * np.tanh(c)), "h uses the input gate"),
    ("09.1", forward(told=lambda a, c, old: a["f"] * np.tanh(c)), "h uses the forget gate"),
    ("09.1", forward(told=lambda a, c, old: 2 * a["o"] * np.tanh(c)), "the state h: the shape is right, but"),
    *(
        ("09.1", in_the_order(order), f"you read the weights in the order {', '.join(order)}")
        for order in permutations(NAMES)
        if order not in (NAMES, ("f", "i", "o", "c_tilde"))
    ),
    ("09.1", in_the_order(("f", "i", "o", "c_tilde")), "the input gate and the forget gate are swapped"),
    ("09.1", in_the_order(("i", "f", "c_tilde", "o")), "which is that of PyTorch"),
    ("09.1", with_weights(bias_of_i), "for f you took b[0]"),
    ("09.1", with_weights(one_for_all), "you took b[0] for all of them"),
    ("09.1", with_weights(W_h_of_f), "for c_tilde you took W_h[1]"),
    ("09.1", with_weights(no_forget_bias), "for f b[1] is missing"),
    ("09.1", forward(told=lambda a, c, old: a["o"] * sigmoid(c)), "the sigmoid of the cell"),
    ("09.1", forward(told=lambda a, c, old: np.tanh(a["a"][2]) * np.tanh(c)), "the output gate went through tanh"),
    ("09.1", forward(told=lambda a, c, old: a["o"] * a["c_tilde"]), "h shows the candidate"),
    ("09.1", exp_over, "all gates fully open"),
    ("09.1", lambda *g: [np.squeeze(part) for part in lstm_step(*g)], "B = 1"),
    ("09.1", lambda x, h, c, *w: lstm_step(x, h, np.clip(c, -10, 10), *w), "a cell of 50"),
    *(
        ("09.2", backward(order=[NAMES.index(name) for name in order]), f"in another order: {', '.join(order)}")
        for order in permutations(NAMES)
        if order != NAMES
    ),
    ("09.2", adds_in_place, "changed"),
    ("09.2", lambda *g: lstm_step_backward(*g)[::-1], "the two are swapped"),
    ("09.2", backward(lambda dh, u, o, c, b, f: (dh * o + u) * (1 - np.tanh(c) ** 2)), "was sent through the tanh, too"),
    ("09.2", backward(lambda dh, u, o, c, b, f: (dh + u) * o * (1 - np.tanh(c) ** 2)), "the output gate and the tanh, too"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * o * (1 - np.tanh(np.tanh(c)) ** 2)), "in dc tanh was applied twice"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * o * 1 - np.tanh(c) ** 2), "the parentheses around the slope"),
    ("09.2", late_parenthesis, "a parenthesis closes too late"),
    ("09.2", backward(i=lambda dc, dh, g: dc * g["c_tilde"] * s(sigmoid(g["i"]))), "i is a sigmoid already"),
    ("09.2", backward(f=lambda dc, dh, g: dc * g["before"] * s(sigmoid(g["f"]))), "f is a sigmoid already"),
    ("09.2", backward(o=lambda dc, dh, g: dh * np.tanh(g["c"]) * s(sigmoid(g["o"]))), "o is a sigmoid already"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dc * g["i"] * (1 - np.tanh(g["c_tilde"]) ** 2)), "c_tilde is tanh(a) already"),
    ("09.2", backward(f=lambda dc, dh, g: dc * g["c_tilde"] * s(g["i"])), "da[1], is that of i"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dh * np.tanh(g["c"]) * s(g["o"])), "da[3], is that of o"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: (dc - u) * f), "dc_before misses dc_future"),
    ("09.2", lambda *g: [np.clip(part, -100, 100) for part in lstm_step_backward(*g)], "cut off at ±100"),
    ("09.2", lambda *g: [np.squeeze(part) for part in lstm_step_backward(*g)], "B = 1"),
    ("09.2", quiet(lambda *g: (lstm_step_backward(*g)[0] / g[2] * g[2], lstm_step_backward(*g)[1])), "all gates shut"),
    ("09.2", lambda *g: tuple(0 * part for part in lstm_step_backward(*g)), "what the stub did"),
    ("09.2", lambda *g: lstm_step_backward(*g)[0], "wanted 2 arrays, da and dc_before"),
    ("09.2", backward(lambda dh, u, o, c, b, f: dh * o * (1 - np.tanh(c) ** 2)), "misses the path through f_{t+1}"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u), "misses the path through h_t"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * o), "in dc the slope of tanh is missing"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * (1 - np.tanh(c) ** 2)), "dc misses the output gate"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * o * (1 - c**2)), "as 1 - c²"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh * o * (1 - np.tanh(b) ** 2)), "taken at the old cell"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u * f + dh * o * (1 - np.tanh(c) ** 2)), "has passed f_{t+1} already"),
    ("09.2", backward(lambda dh, u, o, c, b, f: u + dh), "added to dc as it is"),
    ("09.2", backward(i=lambda dc, dh, g: dc * g["before"] * s(g["i"]), f=lambda dc, dh, g: dc * g["c_tilde"] * s(g["f"])),
     "input gate and the forget gate are swapped"),
    ("09.2", backward(order=(1, 0, 2, 3)), "in another order: f, i, o, c_tilde"),
    ("09.2", backward(order=(0, 1, 3, 2)), "in another order: i, f, c_tilde, o"),
    ("09.2", backward(i=lambda dc, dh, g: dc * g["c_tilde"]), "gradient of i: the slope of the sigmoid is missing"),
    ("09.2", backward(i=lambda dc, dh, g: dc * g["c_tilde"] * (1 - g["i"] ** 2)), "gradient of i: its slope is that of tanh"),
    ("09.2", backward(i=lambda dc, dh, g: dc * g["before"] * s(g["i"])), "gradient of i: it was multiplied by the old cell"),
    ("09.2", backward(i=lambda dc, dh, g: dc * s(g["i"])), "gradient of i: it misses the candidate"),
    ("09.2", backward(i=lambda dc, dh, g: 2 * dc * g["c_tilde"] * s(g["i"])), "the gradient of i, da[0]: the shape is right"),
    ("09.2", backward(f=lambda dc, dh, g: dc * g["before"]), "gradient of f: the slope of the sigmoid is missing"),
    ("09.2", backward(f=lambda dc, dh, g: dc * g["c"] * s(g["f"])), "gradient of f: it was multiplied by the cell after"),
    ("09.2", backward(f=lambda dc, dh, g: dc * g["c_tilde"] * s(g["f"])), "gradient of f: it was multiplied by the candidate"),
    ("09.2", backward(f=lambda dc, dh, g: dc * s(g["f"])), "gradient of f: it misses the old cell"),
    ("09.2", backward(o=lambda dc, dh, g: dh * np.tanh(g["c"])), "gradient of o: the slope of the sigmoid is missing"),
    ("09.2", backward(o=lambda dc, dh, g: dh * g["c"] * s(g["o"])), "the gate acts on tanh(c_t)"),
    ("09.2", backward(o=lambda dc, dh, g: dc * np.tanh(g["c"]) * s(g["o"])), "gradient of o: it starts from dc"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dc * g["i"]), "gradient of c_tilde: the slope of tanh is missing"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dc * g["i"] * s(g["c_tilde"])), "its slope is that of the sigmoid"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dc * (1 - g["c_tilde"] ** 2)), "gradient of c_tilde: it misses the input"),
    ("09.2", backward(c_tilde=lambda dc, dh, g: dc * g["f"] * (1 - g["c_tilde"] ** 2)), "multiplied by the forget gate"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: dc), "dc_before is dc as it is"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: u * f), "only what came from the future"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: dc * i), "went through the input gate"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: dc * f * (1 - f)), "dc_before needs no slope"),
    ("09.2", backward(handed_on=lambda dc, u, f, i: 2 * dc * f), "dc_before: the shape is right, but"),
    ("09.3", lambda b: 0 * b, "what the stub did"),
    ("09.3", quiet(lambda b: np.log(0.5) / np.log(b)), "a bias may be negative, a gate may not"),
    ("09.3", sigmoid, "the forget gates themselves"),
    ("09.3", lambda b: -1 / np.log(sigmoid(b)), "1/e is left"),
    ("09.3", lambda b: 1 / (1 - sigmoid(b)), "stays on average"),
    ("09.3", lambda b: np.log(sigmoid(b)) / np.log(0.5), "upside down"),
    ("09.3", lambda b: np.log(0.5) / np.log(1 - sigmoid(b)), "the wrong way round"),
    ("09.3", lambda b: -half_life(b), "the sign is wrong"),
    ("09.3", lambda b: np.ceil(half_life(b)), "rounded up"),
    ("09.3", lambda b: np.floor(half_life(b)), "the fractions were cut off"),
    ("09.3", lambda b: 2 * half_life(b), "the half-life at b_f = -1, 0, 1, 4: the shape is right, but"),
    ("09.3", lambda b: np.log(0.5) / np.log(sigmoid(b) + 1e-12), "b_f = 12"),
    ("09.3", lambda b: half_life(np.array([-1.0, 0, 1, 4])), "right for the first example"),
    ("09.3", lambda b: half_life(np.sort(b)), "right for the first example"),
    ("09.3", lambda b: np.squeeze(half_life(b)), "one unit"),
    ("09.3", lambda b: half_life(np.maximum(b, -5)), "b_f = -10"),
    ("09.4", geometric, "a single unit"),
    ("09.4", lambda H, a, b: np.where(spread_biases(H, a, b) < 0, 0, spread_biases(H, a, b)), "half a step"),
    ("09.4", lambda H, a, b: spread_biases(H, a, b) if a != b else np.zeros(H), "all have the same half-life"),
    ("09.4", lambda H, a, b: np.zeros(H), "as from the stub"),
    ("09.4", lambda H, a, b: np.geomspace(a, b, H), "these are the half-lives"),
    ("09.4", lambda H, a, b: gates(H, a, b), "these are the forget gates"),
    ("09.4", lambda H, a, b: sigmoid(gates(H, a, b)), "you applied the sigmoid"),
    ("09.4", lambda H, a, b: np.log(gates(H, a, b)), "only half of the inverse"),
    ("09.4", lambda H, a, b: -spread_biases(H, a, b), "these gates forget"),
    ("09.4", lambda H, a, b: spread_biases(H, b, a), "from the longest memory to the shortest"),
    ("09.4", lambda H, a, b: spread_biases(H, a, a), "all units have the shortest"),
    ("09.4", lambda H, a, b: spread_biases(H, b, b), "all units have the longest"),
    ("09.4", lambda H, a, b: logit(0.5 ** (1 / np.linspace(a, b, H))), "the same number of steps"),
    ("09.4", lambda H, a, b: np.linspace(*spread_biases(2, a, b), H), "you spread the biases evenly"),
    ("09.4", lambda H, a, b: logit(np.linspace(*gates(2, a, b), H)), "you spread the gates evenly"),
    ("09.4", lambda H, a, b: spread_biases(H + 1, a, b)[:-1], "there are H - 1 gaps"),
    ("09.4", lambda H, a, b: logit(np.exp(-1 / np.geomspace(a, b, H))), "1/e is left"),
    ("09.4", lambda H, a, b: logit(1 - 1 / np.geomspace(a, b, H)), "stays on average"),
    ("09.4", lambda H, a, b: np.log(np.geomspace(a, b, H)), "the rule of thumb"),
    ("09.4", lambda H, a, b: np.log(np.geomspace(a, b, H) / np.log(2)), "log(1.44 · steps)"),
    ("09.4", lambda H, a, b: 2 * spread_biases(H, a, b), "the biases for half-lives of 2, 6"),
    ("09.4", lambda H, a, b: spread_biases(5, 2.0, 162.0)[:H], "the biases for half-lives of 1, 8"),
    ("09.5", changes_of_the_cell, "the change of the cell"),
    ("09.5", divided_by_products, "forget gates of exactly 0"),
    ("09.5", lambda i, f, c: divided_by_products(i, np.maximum(f, 1e-12), c), "2,000 steps"),
    ("09.5", lambda i, f, c: contributions(i, np.minimum(f, 0.999), c), "forget gates of exactly 1"),
    ("09.5", lambda i, f, c: np.squeeze(contributions(i, f, c)), "a single"),
    ("09.5", lambda i, f, c: 0 * i, "what the stub did"),
    ("09.5", lambda i, f, c: i * c, "the forget gates of all later steps have acted on it"),
    ("09.5", lambda i, f, c: i * c * np.cumprod(f[::-1], 0)[::-1], "the forget gate of its own step"),
    ("09.5", lambda i, f, c: i * c * np.cumprod(f, 0), "the forget gates of the steps before"),
    ("09.5", lambda i, f, c: i * c * np.concatenate([f[1:], np.ones_like(f[:1])]), "only the next step's"),
    ("09.5", lambda i, f, c: i * c * np.prod(f, 0), "the forget gates of all steps"),
    ("09.5", lambda i, f, c: contributions(i, f, c)[::-1], "in reverse order"),
    ("09.5", lambda i, f, c: np.stack([contributions(i[:t], f[:t], c[:t]).sum(0) for t in range(1, 6)]),
     "that is the cell after every step"),
    ("09.5", lambda i, f, c: contributions(i, f, np.ones_like(c)), "the candidates are missing"),
    ("09.5", lambda i, f, c: contributions(np.ones_like(i), f, c), "the input gates are missing"),
    ("09.5", lambda i, f, c: np.concatenate([contributions(i[:5], f[:5], c[:5]), 0 * i[5:]]), "an array of shape (7, 2)"),
    ("09.5", lambda i, f, c: 2 * contributions(i, f, c), "the table of contributions: the shape is right, but"),
]  # fmt: skip

RIGHT = [
    ("09.1", in_one_product, "one product for all gates"),
    ("09.1", lambda *g: [np.array(part) for part in forward()(*g)], "a list of two"),
    ("09.2", through_h, "tanh(c) from h, what was added from the cells"),
    ("09.2", lambda *g: (list(backward()(*g)[0]), backward()(*g)[1]), "da as a list"),
    ("09.2", lambda *g: lstm_step_backward(*map(np.float32, g)), "single precision"),
    ("09.3", lambda b: -1 / np.log2(sigmoid(b)), "powers of two"),
    ("09.3", lambda b: [np.log(2) / np.log1p(np.exp(-one)) for one in b], "a list of numbers"),
    ("09.4", lambda H, a, b: logit(gates(H, a, b)), "the inverse of the sigmoid as it is taught"),
    (
        "09.4",
        lambda H, a, b: -np.log(2 ** (1 / np.exp(np.linspace(np.log(a), np.log(b), H))) - 1),
        "even steps of the logarithm",
    ),
    ("09.5", by_logarithms, "sums of logarithms"),
    ("09.5", one_at_a_time, "one step at a time, as a list"),
]
