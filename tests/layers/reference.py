"""The layers once more, from their equations alone, for HIPS autograd to differentiate.

No backward pass is written here, nothing is fast and nothing is shared with the package. Each function gets the arrays
of a layer by name (`p`), the input, the mask, and a *probe* for every activation: zeros that are added to it, so that
the derivative by a probe is the derivative by that activation, which is what ``dtrace`` promises to be.
"""

import autograd.numpy as np

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.models import RecurrentLanguageModel


def sigma(z):
    return 1 / (1 + np.exp(-z))


def keep(mask, t, new, old):
    """The new state at real steps, the old one at padded steps."""
    return new if mask is None else np.where(mask[t][..., None], new, old)


def silent(mask, y):
    return y if mask is None else np.where(mask[..., None], y, 0)


def linear(layer, p, x, mask, probe):
    x = x + probe["x"]
    return np.dot(x, p["W"]) + p["b"] + probe["y"]


def embedding(layer, p, tokens, mask, probe):
    return p["W"][tokens] + probe["e"]


def mean_over_time(layer, p, x, mask, probe):
    x = x + probe["x"]
    steps = len(x) if mask is None else np.sum(mask, 0)[..., None]
    return np.sum(silent(mask, x), 0) / steps + probe["y"]


def rnn(layer, p, x, mask, probe):
    phi = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "identity": lambda z: z}[layer.activation]
    x = x + probe["x"]
    h = [probe["h"][0]]
    for t in range(len(x)):
        z = np.dot(x[t], p["W_xh"]) + np.dot(h[t], p["W_hh"]) + p["b_h"] + probe["z"][t]
        h.append(keep(mask, t, phi(z), h[t]) + probe["h"][t + 1])
    return silent(mask, np.stack(h[1:]))


def lstm(layer, p, x, mask, probe):
    x = x + probe["x"]
    h, c = [probe["h"][0]], [probe["c"][0]]
    for t in range(len(x)):
        z_i, z_f, z_o, z_c = [np.dot(x[t], p["W_x"][k]) + np.dot(h[t], p["W_h"][k]) + p["b"][k] for k in range(4)]
        i, f, o = sigma(z_i) + probe["i"][t], sigma(z_f) + probe["f"][t], sigma(z_o) + probe["o"][t]
        c_tilde = np.tanh(z_c) + probe["c_tilde"][t]
        c.append(keep(mask, t, f * c[t] + i * c_tilde, c[t]) + probe["c"][t + 1])
        h.append(keep(mask, t, o * np.tanh(c[t + 1]), h[t]) + probe["h"][t + 1])
    return silent(mask, np.stack(h[1:]))


def gru(layer, p, x, mask, probe):
    x = x + probe["x"]
    h = [probe["h"][0]]
    for t in range(len(x)):
        a_r, a_z, a_h = [np.dot(x[t], p["W_x"][k]) + p["b"][k] for k in range(3)]
        r = sigma(a_r + np.dot(h[t], p["W_h"][0])) + probe["r"][t]
        z = sigma(a_z + np.dot(h[t], p["W_h"][1])) + probe["z"][t]
        if "past" in probe:
            past = np.dot(h[t], p["W_h"][2]) + p["b_past"] + probe["past"][t]
            h_tilde = np.tanh(a_h + r * past)
        else:
            h_tilde = np.tanh(a_h + np.dot(r * h[t], p["W_h"][2]))
        h_tilde = h_tilde + probe["h_tilde"][t]
        h.append(keep(mask, t, z * h[t] + (1 - z) * h_tilde, h[t]) + probe["h"][t + 1])
    return silent(mask, np.stack(h[1:]))


def bidirectional(layer, p, x, mask, probe):
    left = forward(layer.from_left, inside(p, "from_left."), x, mask, inside(probe, "from_left."))
    flipped = None if mask is None else mask[::-1]
    right = forward(layer.from_right, inside(p, "from_right."), x[::-1], flipped, inside(probe, "from_right."))
    return np.concatenate([left, right[::-1]], -1)


def chain(layer, p, x, mask, probe):
    for k, part in enumerate(layer.layers):
        x = forward(part, inside(p, f"layers[{k}]."), x, mask, inside(probe, f"layers[{k}]."))
    return x


def language_model(layer, p, x, mask, probe):
    for name in ("embedding", "recurrent", "readout"):
        x = forward(getattr(layer, name), inside(p, f"{name}."), x, mask, inside(probe, f"{name}."))
    return x


def inside(arrays, prefix):
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}


REFERENCES = {
    Linear: linear,
    Embedding: embedding,
    MeanOverTime: mean_over_time,
    RNN: rnn,
    GRU: gru,
    ResetAfterGRU: gru,
    LSTM: lstm,
    Chain: chain,
    Stacked: chain,
    Bidirectional: bidirectional,
    RecurrentLanguageModel: language_model,
}


def forward(layer, p, x, mask, probe):
    """The output of any layer, given its arrays by name."""
    return REFERENCES[type(layer)](layer, p, x, mask, probe)
