"""The layers once more, from their equations alone, for HIPS autograd to differentiate.

No backward pass is written here, nothing is fast and nothing is shared with the package. Each function gets the arrays
of a layer by name (`p`), the input, the mask, and a *probe* for every activation: zeros that are added to it, so that
the derivative by a probe is the derivative by that activation, which is what ``dtrace`` promises to be.
"""

from dataclasses import fields

import autograd.numpy as np

from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import NoPositions, PositionEmbedding, SinusoidalPositions
from course_utils.layers.rnn import RNN
from course_utils.layers.rotary import RotaryAttention
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.layers.two_tokens import TwoTokenEmbedding
from course_utils.models.recurrent import RecurrentLanguageModel, RecurrentReader
from course_utils.models.transformer import TransformerClassifier, TransformerLanguageModel
from tests.layers.registry import Causal, Named, OfItself


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
    return np.concatenate([left, right[::-1]], -1) + probe["y"]


def chain(layer, p, x, mask, probe):
    for k, part in enumerate(layer.layers):
        x = forward(part, inside(p, f"layers[{k}]."), x, mask, inside(probe, f"layers[{k}]."))
    return x


def pipeline(layer, p, x, mask, probe):
    for name in (field.name for field in fields(layer)):
        x = forward(getattr(layer, name), inside(p, f"{name}."), x, mask, inside(probe, f"{name}."))
    return x


def look(a_scores, v, mask, causal, probe):
    """The mean of the values with the softmax of the scores (T, S, *B) as weights, term by term; probes are (*B, T, S)."""
    scores = a_scores + np.moveaxis(probe["scores"], (-2, -1), (0, 1))
    T, S = scores.shape[:2]
    seen = np.ones(scores.shape, bool) if mask is None else np.broadcast_to(mask, scores.shape)
    if causal:
        t, s = np.arange(T)[:, None], np.arange(S)
        seen = seen & (s <= t + S - T).reshape(T, S, *[1] * (scores.ndim - 2))
    e = np.where(seen, np.exp(np.where(seen, scores, 0)), 0)
    some = np.sum(e, 1, keepdims=True) + ~np.any(seen, 1, keepdims=True)
    a = e / some + np.moveaxis(probe["a"], (-2, -1), (0, 1))
    return np.sum(a[..., None] * v, 1) + probe["y"]


def dot_product(layer, p, qkv, mask, probe, causal=False):
    q, k, v = (x + probe[name] for name, x in zip("qkv", qkv, strict=True))
    scale = 1 / np.sqrt(q.shape[-1]) if layer.scale is None else layer.scale
    return look(np.sum(q[:, None] * k, -1) * scale, v, mask, causal, probe)


def additive(layer, p, qkv, mask, probe, causal=False):
    q, k, v = (x + probe[name] for name, x in zip("qkv", qkv, strict=True))
    h = np.tanh(np.dot(q, p["W_q"])[:, None] + np.dot(k, p["W_k"])) + np.moveaxis(probe["h"], (-3, -2), (0, 1))
    return look(np.dot(h, p["w_v"]), v, mask, causal, probe)


def rotary(layer, p, qkv, mask, probe, causal=False):
    """A matrix for each step turns its vector: block by block, by the number of real steps before it."""
    q, k, v = (x + probe[name] for name, x in zip("qkv", qkv, strict=True))
    D = q.shape[-1]
    mask = np.ones(k.shape[:-1], bool) if mask is None else mask
    R = np.zeros((*mask.shape, D, D))
    for i in range(D // 2):
        angle = (np.cumsum(mask, 0) - 1) * 10000.0 ** (-2 * i / D)
        R[..., 2 * i, 2 * i], R[..., 2 * i, 2 * i + 1] = np.cos(angle), -np.sin(angle)
        R[..., 2 * i + 1, 2 * i], R[..., 2 * i + 1, 2 * i + 1] = np.sin(angle), np.cos(angle)
    q, k = (np.sum(R * x[..., None, :], -1) for x in (q, k))
    return look(np.sum(q[:, None] * k, -1) / np.sqrt(D), v, mask, causal, probe)


ATTENTIONS = {DotProductAttention: dot_product, AdditiveAttention: additive, RotaryAttention: rotary}


def of_itself(layer, p, x, mask, probe):
    x = x + probe["x"]
    qkv = [np.dot(x, p[name]) for name in ("W_q", "W_k", "W_v")]
    attend = ATTENTIONS[type(layer.attention)]
    return attend(layer.attention, inside(p, "attention."), qkv, mask, inside(probe, "attention."), layer.causal)


def multi_head(layer, p, x, mask, probe, causal=False):
    """Every head sees the mask; its columns of q, k and v stand next to each other."""
    x = x + probe["x"]
    q, k, v = np.dot(x, p["W_q"]) + p["b_q"], np.dot(x, p["W_k"]), np.dot(x, p["W_v"]) + p["b_v"]
    qkv = [np.stack(np.split(z, layer.N, -1), -2) for z in (q, k, v)]
    shown = None if mask is None else mask[..., None]
    heads = ATTENTIONS[type(layer.attention)](layer.attention, {}, qkv, shown, inside(probe, "heads."), causal)
    return np.dot(np.concatenate([heads[..., n, :] for n in range(layer.N)], -1), p["W_o"]) + p["b_o"] + probe["y"]


def layer_norm(layer, p, x, mask, probe):
    x = x + probe["x"]
    deviation = np.sqrt(np.var(x, -1, keepdims=True) + layer.eps) + probe["deviation"]
    x_hat = (x - np.mean(x, -1, keepdims=True)) / deviation + probe["x_hat"]
    return x_hat * p["gain"] + p["bias"] + probe["y"]


def feed_forward(layer, p, x, mask, probe):
    h = np.maximum(np.dot(x + probe["x"], p["W_1"]) + p["b_1"], 0) + probe["h"]
    return np.dot(h, p["W_2"]) + p["b_2"] + probe["y"]


def two_tokens(layer, p, tokens, mask, probe):
    """Step by step: the last real token before, if there is one."""
    e = embedding(layer.here, inside(p, "here."), tokens, mask, inside(probe, "here."))
    mask = np.ones(tokens.shape, bool) if mask is None else mask
    before, last, there = [], np.zeros_like(tokens[0]), np.zeros(tokens.shape[1:], bool)
    for t in range(len(tokens)):
        seen = p["before.W"][last] + probe["before.e"][t]
        before.append(np.where((there & mask[t])[..., None], seen, 0))
        last, there = np.where(mask[t], tokens[t], last), there | mask[t]
    return e + np.stack(before)


def positions(layer, p, x, mask, probe):
    """The number of real steps before a step is its position."""
    T, D = len(x), x.shape[-1]
    if isinstance(layer, PositionEmbedding):
        table = p["W"]
    else:
        waves = [(np.sin, np.cos)[i % 2](np.arange(T) / 10000 ** (i // 2 * 2 / D)) for i in range(D)]
        table = np.stack(waves, -1)
    real = np.ones(x.shape[:-1], bool) if mask is None else mask
    vectors = table[np.maximum(np.cumsum(real, 0) - 1, 0)]
    return x + probe["x"] + np.where(real[..., None], vectors, 0) + probe["y"]


def block(layer, p, x, mask, probe, causal=False):
    def part(name, z, **settings):
        return forward(getattr(layer, name), inside(p, f"{name}."), z, mask, inside(probe, f"{name}."), **settings)

    x = x + probe["x"]
    h = x + part("attention", part("norm_1", x), causal=causal) + probe["h"]
    return h + part("feed_forward", part("norm_2", h)) + probe["y"]


def transformer(layer, p, x, mask, probe, causal=False):
    for k, part in enumerate(layer.blocks):
        x = block(part, inside(p, f"blocks[{k}]."), x, mask, inside(probe, f"blocks[{k}]."), causal)
    return layer_norm(layer.norm, inside(p, "norm."), x, mask, inside(probe, "norm."))


def transformer_language_model(layer, p, x, mask, probe):
    for name in ("embedding", "positions", "transformer", "readout"):
        causal = {"causal": True} if name == "transformer" else {}
        x = forward(getattr(layer, name), inside(p, f"{name}."), x, mask, inside(probe, f"{name}."), **causal)
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
    Named: pipeline,
    RecurrentReader: pipeline,
    RecurrentLanguageModel: pipeline,
    OfItself: of_itself,
    Causal: lambda layer, p, x, mask, probe: forward(layer.layer, inside(p, "layer."), x, mask, probe, causal=True),
    MultiHeadAttention: multi_head,
    LayerNorm: layer_norm,
    FeedForward: feed_forward,
    NoPositions: lambda layer, p, x, mask, probe: x + probe["x"] + probe["y"],
    TwoTokenEmbedding: two_tokens,
    PositionEmbedding: positions,
    SinusoidalPositions: positions,
    TransformerBlock: block,
    Transformer: transformer,
    TransformerLanguageModel: transformer_language_model,
    TransformerClassifier: pipeline,
}


def forward(layer, p, x, mask, probe, **settings):
    """The output of any layer, given its arrays by name."""
    return REFERENCES[type(layer)](layer, p, x, mask, probe, **settings)
