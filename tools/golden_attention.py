"""Attention, layer norm and the transformer of PyTorch in the layout of this course, for `tools.golden`."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F

from tools.golden_recurrent import LENGTHS, B, D, H, Shapes, T, Tensor

S, N, E = 7, 2, 3  # steps of a source, heads, width of the values
OF_X, OF_SOURCE = (torch.arange(steps) >= torch.tensor(LENGTHS)[:, None] for steps in (T, S))  # (B, T): True is padding


def rows(x: Tensor) -> Tensor:
    """Batch first."""
    return x.transpose(0, 1)


def attention(q: Tensor, k: Tensor, v: Tensor, *, padded: bool = False, causal: bool = False) -> Tensor:
    """One head; each sequence of the source has its own length, or is hidden in the causal order of the last steps."""
    seen = ~OF_SOURCE[:, None] if padded else None
    if causal:
        seen = torch.ones(len(q), len(k), dtype=torch.bool).tril(len(k) - len(q))
    return rows(F.scaled_dot_product_attention(rows(q), rows(k), rows(v), attn_mask=seen))


def heads(
    W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, b_q: Tensor, b_v: Tensor, b_o: Tensor
) -> dict[str, Tensor]:
    """The weights of all heads as PyTorch names them. Its bias of the keys is 0: it has no effect."""
    return {
        "in_proj_weight": torch.cat([W_q.T, W_k.T, W_v.T]),
        "in_proj_bias": torch.cat([b_q, torch.zeros_like(b_q), b_v]),
        "out_proj.weight": W_o.T,
        "out_proj.bias": b_o,
    }


def multi_head(*tensors: Tensor, padded: bool = False) -> Tensor:
    """x looks at itself, or at a source with the keys and values."""
    *weights, x, source = tensors if len(tensors) == 9 else (*tensors, tensors[-1])
    module = torch.nn.MultiheadAttention(D, N, dtype=torch.float64)
    hidden = {"key_padding_mask": OF_X if source is x else OF_SOURCE} if padded else {}
    return torch.func.functional_call(module, heads(*weights), (x, source, source), hidden)[0]


def block_weights(g_1: Tensor, c_1: Tensor, *rest: Tensor) -> dict[str, Tensor]:
    """Both norms, the heads between them and the two linear maps after them."""
    g_2, c_2, W_1, b_1, W_2, b_2 = rest[7:]
    return {f"self_attn.{name}": weight for name, weight in heads(*rest[:7]).items()} | {
        "norm1.weight": g_1, "norm1.bias": c_1, "norm2.weight": g_2, "norm2.bias": c_2,
        "linear1.weight": W_1.T, "linear1.bias": b_1, "linear2.weight": W_2.T, "linear2.bias": b_2,
    }  # fmt: skip


def encoder(*tensors: Tensor, layers: int, causal: bool = False) -> Tensor:
    """Pre-norm blocks on padded or, if causal, on whole sequences; more than one block end in a norm."""
    *weights, x = tensors
    options = {"dropout": 0.0, "norm_first": True, "dtype": torch.float64}
    module: torch.nn.Module = torch.nn.TransformerEncoderLayer(D, N, H, **options)
    named = block_weights(*weights[:15])
    if layers > 1:
        norm = torch.nn.LayerNorm(D, dtype=torch.float64)
        module = torch.nn.TransformerEncoder(module, layers, norm, enable_nested_tensor=False)
        blocks = [block_weights(*weights[15 * k : 15 * k + 15]) for k in range(layers)]
        named = {f"layers.{k}.{name}": weight for k, block in enumerate(blocks) for name, weight in block.items()}
        named |= {"norm.weight": weights[-2], "norm.bias": weights[-1]}
    order = {"mask" if layers > 1 else "src_mask": torch.ones(T, T, dtype=torch.bool).triu(1)}
    hidden = order if causal else {"src_key_padding_mask": OF_X}
    return torch.func.functional_call(module, named, (x,), hidden)


QKV: Shapes = {"q": (T, B, D), "k": (S, B, D), "v": (S, B, E)}
HEADS: Shapes = {f"W_{part}": (D, D) for part in "qkvo"} | {f"b_{part}": (D,) for part in "qvo"}
NORM: Shapes = {"gain": (D,), "bias": (D,)}
X: Shapes = {"x": (T, B, D)}


def block(k: int) -> Shapes:
    """Names and shapes of a block's arrays, in the order in which the course has them."""
    hidden: Shapes = {"W_1": (D, H), "b_1": (H,), "W_2": (H, D), "b_2": (D,)}
    parts = [*HEADS.items()], [*hidden.items()]
    norms = [[(f"{name}_{n}", shape) for name, shape in NORM.items()] for n in (1, 2)]
    return {f"{name}_of_{k}": shape for of in (norms[0], parts[0], norms[1], parts[1]) for name, shape in of}


CASES: dict[str, tuple[Callable[..., Tensor], Shapes]] = {
    "attention": (attention, QKV),
    "attention_padded": (partial(attention, padded=True), QKV),
    "attention_causal": (partial(attention, causal=True), QKV),
    "multi_head": (multi_head, HEADS | X),
    "multi_head_padded": (partial(multi_head, padded=True), HEADS | X),
    "multi_head_cross": (partial(multi_head, padded=True), HEADS | X | {"source": (S, B, D)}),
    "layer_norm": (lambda gain, bias, x: F.layer_norm(x, (D,), gain, bias), NORM | X),
    "transformer_block": (partial(encoder, layers=1), block(0) | X),
    "transformer_block_causal": (partial(encoder, layers=1, causal=True), block(0) | X),
    "transformer": (partial(encoder, layers=2), block(0) | block(1) | NORM | X),
}
