"""Chapter 08's checks: the references agree with the package, and each plausible mistake gets its own name."""

import numpy as np
import pytest

from course_utils.exercises import exercises
from course_utils.exercises.lstm import contributions, half_life, lstm_step, lstm_step_backward, spread_biases
from course_utils.layers.lstm import LSTM
from course_utils.math import sigmoid


def test_there_are_five():
    assert [e.id for e in exercises("08")] == ["08.1", "08.2", "08.3", "08.4", "08.5"]


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
    """08.1 with one ingredient replaced."""

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
    """08.2 with one ingredient replaced; `gates` are functions of (dc, dh, everything by name)."""

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


def gates(H, shortest, longest):
    return 0.5 ** (1 / np.geomspace(shortest, longest, H))


def logit(f):
    return np.log(f / (1 - f))


def quiet(answer):
    """NumPy warns the learner as well; here it need not."""
    return np.errstate(all="ignore")(answer)


WRONG = [
    ("08.1", lambda x, h, c, *w: (h, c), "what the stub did"),
    ("08.1", lambda *g: lstm_step(*g)[::-1], "the two are swapped"),
    ("08.1", lambda *g: lstm_step(*g)[0], "wanted h and c"),
    ("08.1", forward(lambda a, c: a["i"] * c + a["f"] * a["c_tilde"]), "input gate and the forget gate are swapped"),
    ("08.1", forward(lambda a, c: a["o"] * c + a["i"] * a["c_tilde"]), "output gate acts on the old cell"),
    ("08.1", forward(lambda a, c: a["f"] * c + a["o"] * a["c_tilde"]), "output gate acts on the candidate"),
    ("08.1", forward(lambda a, c: a["f"] * c + a["c_tilde"]), "the input gate is missing"),
    ("08.1", forward(lambda a, c: c + a["i"] * a["c_tilde"]), "the forget gate is missing"),
    ("08.1", forward(lambda a, c: a["i"] * a["c_tilde"]), "the old cell plays no part"),
    ("08.1", forward(lambda a, c: a["f"] * c), "nothing new enters"),
    ("08.1", forward(lambda a, c: a["f"] * c + a["i"] * sigmoid(a["a"][3])), "candidate went through the sigmoid"),
    ("08.1", forward(lambda a, c: a["f"] * c + a["i"] * a["a"][3]), "the candidate misses its tanh"),
    ("08.1", forward(lambda a, c: a["f"] * c + (1 - a["f"]) * a["c_tilde"]), "as a GRU does"),
    ("08.1", forward(lambda a, c: a["a"][1] * c + a["a"][0] * a["c_tilde"]), "gates miss their sigmoid"),
    ("08.1", forward(lambda a, c: np.tanh(a["a"][1]) * c + np.tanh(a["a"][0]) * a["c_tilde"]), "the gates went through tanh"),
    ("08.1", forward(lambda a, c: a["f"] * c + a["i"] * np.tanh(a["a"][2])), "as PyTorch has it"),
    ("08.1", forward(lambda a, c: np.tanh(a["f"] * c + a["i"] * a["c_tilde"])), "the cell itself was squashed"),
    ("08.1", forward(see=lambda x, h, c, W, b: (x, 0 * h, W, b)), "do not see the old state"),
    ("08.1", forward(see=lambda x, h, c, W, b: (0 * x, h, W, b)), "do not see the input"),
    ("08.1", forward(see=lambda x, h, c, W, b: (x, c, W, b)), "the gates look at the cell"),
    ("08.1", forward(see=lambda x, h, c, W, b: (x, h, W, 0 * b)), "the biases are missing"),
    ("08.1", forward(see=lambda x, h, c, W, b: (x, h, W.swapaxes(1, 2), b)), "W_h is transposed"),
    ("08.1", forward(see=lambda x, h, c, W, b: (x, h, W, 2 * b)), "the cell c: the shape is right, but"),
    ("08.1", forward(told=lambda a, c, old: a["o"] * c), "h misses the tanh"),
    ("08.1", forward(told=lambda a, c, old: a["o"] * np.tanh(old)), "told from the old cell"),
    ("08.1", forward(told=lambda a, c, old: np.tanh(c)), "h misses the output gate"),
    ("08.1", forward(told=lambda a, c, old: np.tanh(a["o"] * c)), "the gate stands inside the tanh"),
    ("08.1", forward(told=lambda a, c, old: a["i"] * np.tanh(c)), "h uses the input gate"),
    ("08.1", forward(told=lambda a, c, old: a["f"] * np.tanh(c)), "h uses the forget gate"),
    ("08.1", forward(told=lambda a, c, old: 2 * a["o"] * np.tanh(c)), "the state h: the shape is right, but"),
    ("08.2", lambda *g: tuple(0 * part for part in lstm_step_backward(*g)), "what the stub did"),
    ("08.2", lambda *g: lstm_step_backward(*g)[0], "wanted da and dc_before"),
    ("08.2", backward(lambda dh, u, o, c, b, f: dh * o * (1 - np.tanh(c) ** 2)), "misses the path through f_{t+1}"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u), "misses the path through h_t"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u + dh * o), "in dc the slope of tanh is missing"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u + dh * (1 - np.tanh(c) ** 2)), "dc misses the output gate"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u + dh * o * (1 - c**2)), "as 1 - c²"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u + dh * o * (1 - np.tanh(b) ** 2)), "taken at the old cell"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u * f + dh * o * (1 - np.tanh(c) ** 2)), "has passed f_{t+1} already"),
    ("08.2", backward(lambda dh, u, o, c, b, f: u + dh), "added to dc as it is"),
    ("08.2", backward(i=lambda dc, dh, g: dc * g["before"] * s(g["i"]), f=lambda dc, dh, g: dc * g["c_tilde"] * s(g["f"])),
     "input gate and the forget gate are swapped"),
    ("08.2", backward(order=(1, 0, 2, 3)), "in another order: f, i, o, c_tilde"),
    ("08.2", backward(order=(0, 1, 3, 2)), "in another order: i, f, c_tilde, o"),
    ("08.2", backward(i=lambda dc, dh, g: dc * g["c_tilde"]), "gradient of i: the slope of the sigmoid is missing"),
    ("08.2", backward(i=lambda dc, dh, g: dc * g["c_tilde"] * (1 - g["i"] ** 2)), "gradient of i: its slope is that of tanh"),
    ("08.2", backward(i=lambda dc, dh, g: dc * g["before"] * s(g["i"])), "gradient of i: it was multiplied by the old cell"),
    ("08.2", backward(i=lambda dc, dh, g: dc * s(g["i"])), "gradient of i: it misses the candidate"),
    ("08.2", backward(i=lambda dc, dh, g: 2 * dc * g["c_tilde"] * s(g["i"])), "the gradient of i, da[0]: the shape is right"),
    ("08.2", backward(f=lambda dc, dh, g: dc * g["before"]), "gradient of f: the slope of the sigmoid is missing"),
    ("08.2", backward(f=lambda dc, dh, g: dc * g["c"] * s(g["f"])), "gradient of f: it was multiplied by the cell after"),
    ("08.2", backward(f=lambda dc, dh, g: dc * g["c_tilde"] * s(g["f"])), "gradient of f: it was multiplied by the candidate"),
    ("08.2", backward(f=lambda dc, dh, g: dc * s(g["f"])), "gradient of f: it misses the old cell"),
    ("08.2", backward(o=lambda dc, dh, g: dh * np.tanh(g["c"])), "gradient of o: the slope of the sigmoid is missing"),
    ("08.2", backward(o=lambda dc, dh, g: dh * g["c"] * s(g["o"])), "the gate acts on tanh(c_t)"),
    ("08.2", backward(o=lambda dc, dh, g: dc * np.tanh(g["c"]) * s(g["o"])), "gradient of o: it starts from dc"),
    ("08.2", backward(c_tilde=lambda dc, dh, g: dc * g["i"]), "gradient of c_tilde: the slope of tanh is missing"),
    ("08.2", backward(c_tilde=lambda dc, dh, g: dc * g["i"] * s(g["c_tilde"])), "its slope is that of the sigmoid"),
    ("08.2", backward(c_tilde=lambda dc, dh, g: dc * (1 - g["c_tilde"] ** 2)), "gradient of c_tilde: it misses the input"),
    ("08.2", backward(c_tilde=lambda dc, dh, g: dc * g["f"] * (1 - g["c_tilde"] ** 2)), "multiplied by the forget gate"),
    ("08.2", backward(handed_on=lambda dc, u, f, i: dc), "dc_before is dc as it is"),
    ("08.2", backward(handed_on=lambda dc, u, f, i: u * f), "only what came from the future"),
    ("08.2", backward(handed_on=lambda dc, u, f, i: dc * i), "went through the input gate"),
    ("08.2", backward(handed_on=lambda dc, u, f, i: dc * f * (1 - f)), "dc_before needs no slope"),
    ("08.2", backward(handed_on=lambda dc, u, f, i: 2 * dc * f), "dc_before: the shape is right, but"),
    ("08.3", lambda b: 0 * b, "what the stub did"),
    ("08.3", quiet(lambda b: np.log(0.5) / np.log(b)), "a bias may be negative, a gate may not"),
    ("08.3", sigmoid, "the forget gates themselves"),
    ("08.3", lambda b: -1 / np.log(sigmoid(b)), "1/e is left"),
    ("08.3", lambda b: 1 / (1 - sigmoid(b)), "stays on average"),
    ("08.3", lambda b: np.log(sigmoid(b)) / np.log(0.5), "upside down"),
    ("08.3", lambda b: np.log(0.5) / np.log(1 - sigmoid(b)), "the wrong way round"),
    ("08.3", lambda b: -half_life(b), "the sign is wrong"),
    ("08.3", lambda b: np.ceil(half_life(b)), "rounded up"),
    ("08.3", lambda b: np.floor(half_life(b)), "the fractions were cut off"),
    ("08.3", lambda b: 2 * half_life(b), "the half-life at b_f = -1, 0, 1, 4: the shape is right, but"),
    ("08.4", lambda H, a, b: np.zeros(H), "as from the stub"),
    ("08.4", lambda H, a, b: np.geomspace(a, b, H), "these are the half-lives"),
    ("08.4", lambda H, a, b: gates(H, a, b), "these are the forget gates"),
    ("08.4", lambda H, a, b: sigmoid(gates(H, a, b)), "you applied the sigmoid"),
    ("08.4", lambda H, a, b: np.log(gates(H, a, b)), "only half of the inverse"),
    ("08.4", lambda H, a, b: -spread_biases(H, a, b), "these gates forget"),
    ("08.4", lambda H, a, b: spread_biases(H, b, a), "from the longest memory to the shortest"),
    ("08.4", lambda H, a, b: spread_biases(H, a, a), "all units have the shortest"),
    ("08.4", lambda H, a, b: spread_biases(H, b, b), "all units have the longest"),
    ("08.4", lambda H, a, b: logit(0.5 ** (1 / np.linspace(a, b, H))), "the same number of steps"),
    ("08.4", lambda H, a, b: np.linspace(*spread_biases(2, a, b), H), "you spread the biases evenly"),
    ("08.4", lambda H, a, b: logit(np.linspace(*gates(2, a, b), H)), "you spread the gates evenly"),
    ("08.4", lambda H, a, b: spread_biases(H + 1, a, b)[:-1], "there are H - 1 gaps"),
    ("08.4", lambda H, a, b: logit(np.exp(-1 / np.geomspace(a, b, H))), "1/e is left"),
    ("08.4", lambda H, a, b: logit(1 - 1 / np.geomspace(a, b, H)), "stays on average"),
    ("08.4", lambda H, a, b: np.log(np.geomspace(a, b, H)), "the rule of thumb"),
    ("08.4", lambda H, a, b: np.log(np.geomspace(a, b, H) / np.log(2)), "log(1.44 · steps)"),
    ("08.4", lambda H, a, b: 2 * spread_biases(H, a, b), "the biases for half-lives of 2, 6"),
    ("08.4", lambda H, a, b: spread_biases(5, 2.0, 162.0)[:H], "the biases for half-lives of 1, 8"),
    ("08.5", lambda i, f, c: 0 * i, "what the stub did"),
    ("08.5", lambda i, f, c: i * c, "the forget gates of all later steps have acted on it"),
    ("08.5", lambda i, f, c: i * c * np.cumprod(f[::-1], 0)[::-1], "the forget gate of its own step"),
    ("08.5", lambda i, f, c: i * c * np.cumprod(f, 0), "the forget gates of the steps before"),
    ("08.5", lambda i, f, c: i * c * np.concatenate([f[1:], np.ones_like(f[:1])]), "only the next step's"),
    ("08.5", lambda i, f, c: i * c * np.prod(f, 0), "the forget gates of all steps"),
    ("08.5", lambda i, f, c: contributions(i, f, c)[::-1], "in reverse order"),
    ("08.5", lambda i, f, c: np.stack([contributions(i[:t], f[:t], c[:t]).sum(0) for t in range(1, 6)]),
     "that is the cell after every step"),
    ("08.5", lambda i, f, c: contributions(i, f, np.ones_like(c)), "the candidates are missing"),
    ("08.5", lambda i, f, c: contributions(np.ones_like(i), f, c), "the input gates are missing"),
    ("08.5", lambda i, f, c: np.concatenate([contributions(i[:5], f[:5], c[:5]), 0 * i[5:]]), "an array of shape (7, 2)"),
    ("08.5", lambda i, f, c: 2 * contributions(i, f, c), "the table of contributions: the shape is right, but"),
]  # fmt: skip
