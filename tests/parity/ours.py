"""Our side of the comparison: for each case of `theirs`, the output and the gradients from the same arrays."""

import numpy as np

from course_utils.layers.attention import DotProductAttention
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.losses import binary_cross_entropy, cross_entropy
from course_utils.optim import SGD, Adam
from course_utils.text.skipgram import SkipGram, SkipGramLoss, Windows, negative_sampling
from course_utils.tree import leaves

HEADS = 2
OF_HEADS = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_v", "b_o")
OF_FEED_FORWARD = ("W_1", "b_1", "W_2", "b_2")


def real(g, steps):
    """The mask of a padded batch."""
    return np.arange(steps)[:, None] < g["lengths"]


def linear(g):
    y, trace = (layer := Linear(g["W"], g["b"])).forward(g["x"])
    dx, dlayer, _ = layer.backward(g["dy"], trace)
    return {"y": y, "dx": dx, "dW": dlayer.W, "db": dlayer.b}


def embedding(g):
    y, trace = (layer := Embedding(g["W"])).forward(g["tokens"])
    return {"y": y, "dW": layer.backward(g["dy"], trace)[1].W}


def pairs(g):
    y, dw, dc, dn = negative_sampling(g["w"], g["c"], g["n"])
    return {"y": np.array(y), "dw": g["dy"] * dw, "dc": g["dy"] * dc, "dn": g["dy"] * dn}


def skipgram(g):
    """The columns are blocks; the loss of the sum over pairs, and the rows of the gradient as whole tables."""
    tokens = g["tokens"].T
    near = np.abs(np.arange(1, tokens.shape[1] - 1)[:, None] - np.arange(tokens.shape[1])) == 1
    batch = Windows(tokens, np.repeat(near[None], len(tokens), axis=0), tokens[:, ::2])
    y, gradient = SkipGramLoss(k=5)(SkipGram(g["W"], g["C"]), batch)
    found = {"y": np.array(y * batch.near.sum())}
    for name, rows in zip("WC", gradient, strict=True):
        found[f"d{name}"] = np.zeros_like(g[name])
        np.add.at(found[f"d{name}"], rows.numbers, g["dy"] * rows.d)
    return found


def rnn(activation, padded=False):
    def run(g):
        layer = RNN(g["W_x"][0], g["W_h"][0], g["b"][0], activation)
        y, trace = layer.forward(g["x"], real(g, len(g["x"])) if padded else None, state=g["h_0"])
        dx, dlayer, dtrace = layer.backward(g["dy"][:-1], trace, g["dy"][-1])
        gradients = {"dW_x": dlayer.W_xh[None], "dW_h": dlayer.W_hh[None], "db": dlayer.b_h[None]}
        return {"y": np.concatenate([y, trace.h[-1:]]), "dx": dx, "dh_0": dtrace.h[0], **gradients}

    return run


def gru(padded=False):
    def run(g):
        layer = ResetAfterGRU(g["W_x"], g["W_h"], g["b"], g["b_past"])
        y, trace = layer.forward(g["x"], real(g, len(g["x"])) if padded else None, state=g["h_0"])
        dx, dlayer, dtrace = layer.backward(g["dy"][:-1], trace, g["dy"][-1])
        gradients = {"dW_x": dlayer.W_x, "dW_h": dlayer.W_h, "db": dlayer.b, "db_past": dlayer.b_past}
        return {"y": np.concatenate([y, trace.h[-1:]]), "dx": dx, "dh_0": dtrace.h[0], **gradients}

    return run


def lstm(padded=False):
    def run(g):
        layer = LSTM(g["W_x"], g["W_h"], g["b"])
        y, trace = layer.forward(g["x"], real(g, len(g["x"])) if padded else None, state=(g["h_0"], g["c_0"]))
        dx, dlayer, dtrace = layer.backward(g["dy"][:-2], trace, (g["dy"][-2], g["dy"][-1]))
        gradients = {"dW_x": dlayer.W_x, "dW_h": dlayer.W_h, "db": dlayer.b}
        states = {"dh_0": dtrace.h[0], "dc_0": dtrace.c[0]}
        return {"y": np.concatenate([y, trace.h[-1:], trace.c[-1:]]), "dx": dx, **gradients, **states}

    return run


def cell(kind, g, name):
    if kind is RNN:
        return RNN(g[f"W_x_{name}"][0], g[f"W_h_{name}"][0], g[f"b_{name}"][0])
    return kind(*(g[f"{array}_{name}"] for array in ("W_x", "W_h", "b", "b_past") if f"{array}_{name}" in g))


def deep(kind, layers, ways):
    """A stack on padded sequences; its gradients by the names that PyTorch's have in the stored file."""

    def run(g):
        names = [[f"l{k}{way}" for way in ("", "_reverse")[:ways]] for k in range(layers)]
        cells = [[cell(kind, g, name) for name in of] for of in names]
        stack = Stacked(tuple(Bidirectional(*of) if ways == 2 else of[0] for of in cells))
        y, trace = stack.forward(g["x"], real(g, len(g["x"])))
        dx, dstack, _ = stack.backward(g["dy"], trace)
        gradients = {}
        for of, dlayer in zip(names, dstack.layers, strict=True):
            for name, dcell in zip(of, dlayer if ways == 2 else (dlayer,), strict=True):
                arrays = [a[None] if kind is RNN else a for _, a in leaves(dcell)]
                whats = ("W_x", "W_h", "b", "b_past")[: len(arrays)]
                gradients |= {f"d{what}_{name}": a for what, a in zip(whats, arrays, strict=True)}
        return {"y": y, "dx": dx, **gradients}

    return run


def loss(compute):
    """The stored gradient is that of loss * dy, with one number dy."""

    def run(g):
        y, dlogits = compute(g["logits"], g["tokens"])
        return {"y": np.array(y), "dlogits": g["dy"] * dlogits}

    return run


def optimizer(chosen):
    def run(g):
        W, kept = g["W"], g["W"].copy()
        steps, state = [W], chosen.init(W)
        for gradient in g["gradients"]:
            W, state = chosen.update(W, gradient, state)
            steps.append(W)
        np.testing.assert_array_equal(g["W"], kept)
        return {"y": np.stack(steps)}

    return run


def attention(padded=False, causal=False):
    def run(g):
        layer = DotProductAttention()
        y, trace = layer.forward(g["q"], g["k"], g["v"], real(g, len(g["k"])) if padded else None, causal=causal)
        dq, dk, dv = layer.backward(g["dy"], trace)[0]
        return {"y": y, "dq": dq, "dk": dk, "dv": dv}

    return run


def multi_head(padded=False):
    def run(g):
        layer = MultiHeadAttention(*(g[name] for name in OF_HEADS), HEADS)
        source = g.get("source")
        mask = real(g, len(g["x"] if source is None else source)) if padded else None
        y, trace = layer.forward(g["x"], mask, source=source)
        dx, dlayer, dtrace = layer.backward(g["dy"], trace)
        found = {"y": y, "dx": dx} | {f"d{name}": getattr(dlayer, name) for name in OF_HEADS}
        return found if source is None else found | {"dsource": dtrace.source}

    return run


def layer_norm(g):
    y, trace = (layer := LayerNorm(g["gain"], g["bias"])).forward(g["x"])
    dx, dlayer, _ = layer.backward(g["dy"], trace)
    return {"y": y, "dx": dx, "dgain": dlayer.gain, "dbias": dlayer.bias}


def block(g, k):
    def of(names, suffix=""):
        return (g[f"{name}{suffix}_of_{k}"] for name in names)

    norm_1, norm_2 = (LayerNorm(*of(("gain", "bias"), f"_{n}")) for n in (1, 2))
    return TransformerBlock(norm_1, MultiHeadAttention(*of(OF_HEADS), HEADS), norm_2, FeedForward(*of(OF_FEED_FORWARD)))


def of_block(dblock, k):
    """The gradients of a block by the names of its arrays in the file."""
    number = {"norm_1": "_1", "norm_2": "_2"}
    parts = ((path.split(".")[0], path.split(".")[1], a) for path, a in leaves(dblock))
    return {f"d{name}{number.get(part, '')}_of_{k}": a for part, name, a in parts}


def transformer_block(causal=False):
    def run(g):
        layer = block(g, 0)
        y, trace = layer.forward(g["x"], None if causal else real(g, len(g["x"])), causal=causal)
        dx, dlayer, _ = layer.backward(g["dy"], trace)
        return {"y": y, "dx": dx} | of_block(dlayer, 0)

    return run


def transformer(g):
    layer = Transformer((block(g, 0), block(g, 1)), LayerNorm(g["gain"], g["bias"]))
    y, trace = layer.forward(g["x"], real(g, len(g["x"])))
    dx, dlayer, _ = layer.backward(g["dy"], trace)
    found = {"y": y, "dx": dx, "dgain": dlayer.norm.gain, "dbias": dlayer.norm.bias}
    return found | of_block(dlayer.blocks[0], 0) | of_block(dlayer.blocks[1], 1)


OURS = {
    "linear": linear,
    "embedding": embedding,
    "negative_sampling": pairs,
    "skipgram": skipgram,
    "rnn_tanh": rnn("tanh"),
    "rnn_relu": rnn("relu"),
    "rnn_padded": rnn("tanh", padded=True),
    "gru": gru(),
    "gru_padded": gru(padded=True),
    "lstm": lstm(),
    "lstm_padded": lstm(padded=True),
    "gru_deep": deep(ResetAfterGRU, 3, 1),
    "lstm_deep": deep(LSTM, 2, 1),
    "rnn_both_ways": deep(RNN, 1, 2),
    "gru_deep_both_ways": deep(ResetAfterGRU, 2, 2),
    "lstm_deep_both_ways": deep(LSTM, 3, 2),
    "cross_entropy": loss(lambda logits, tokens: cross_entropy(logits, tokens, tokens != 0)),
    "binary_cross_entropy": loss(lambda logits, tokens: binary_cross_entropy(logits, tokens % 2)),
    "sgd": optimizer(SGD(0.1)),
    "adam": optimizer(Adam(0.01)),
    "attention": attention(),
    "attention_padded": attention(padded=True),
    "attention_causal": attention(causal=True),
    "multi_head": multi_head(),
    "multi_head_padded": multi_head(padded=True),
    "multi_head_cross": multi_head(padded=True),
    "layer_norm": layer_norm,
    "transformer_block": transformer_block(),
    "transformer_block_causal": transformer_block(causal=True),
    "transformer": transformer,
}
