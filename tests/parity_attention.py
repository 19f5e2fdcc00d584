"""Our side of the comparisons that ``tools/golden_attention.py`` makes with PyTorch."""

import numpy as np

from course_utils.layers.attention import DotProductAttention
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.tree import leaves

HEADS = 2
OF_HEADS = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_v", "b_o")
OF_FEED_FORWARD = ("W_1", "b_1", "W_2", "b_2")


def real(g, steps):
    return np.arange(steps)[:, None] < g["lengths"]


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
