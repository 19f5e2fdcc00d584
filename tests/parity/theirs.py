"""Numbers computed by PyTorch, to hold ours against: python -m tests.parity.theirs writes tests/golden/*.npz (needs torch).

Each case is a function of named float64 arrays, in the layout of this course, that calls PyTorch and returns the output.
A file holds the inputs, the output `y`, a random `dy`, and PyTorch's gradient `d<name>` of sum(y * dy) by every input.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tools.course import ROOT

GOLDEN = ROOT / "tests" / "golden"
Tensor = torch.Tensor
Shapes = dict[str, tuple[int, ...]]
Case = tuple[Callable[..., Tensor], Shapes]
T, B, D, H = 5, 3, 4, 6
S, N, E = 7, 2, 3  # steps of a source, heads, width of the values
V = 7
TOKENS = np.array([[1, 6, 6], [0, 2, 6], [3, 3, 3], [5, 1, 0], [2, 6, 4]])  # (T, B), with repetitions
LENGTHS = np.array([5, 2, 4])  # real steps of each sequence of a padded batch
OF_X, OF_SOURCE = (torch.arange(steps) >= torch.tensor(LENGTHS)[:, None] for steps in (T, S))  # (B, T): True is padding


def cross_entropy(logits: Tensor) -> Tensor:
    """The mean over the positions whose token is not 0."""
    return F.cross_entropy(logits.flatten(0, 1), torch.tensor(TOKENS).flatten(), ignore_index=0)


def binary_cross_entropy(logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.tensor(TOKENS % 2, dtype=torch.float64))


def negative_sampling(w: Tensor, c: Tensor, n: Tensor) -> Tensor:
    """The loss of pairs w, c, each with its own drawn words n."""
    drawn = torch.einsum("pd,pkd->pk", w, n)
    return -F.logsigmoid((w * c).sum(-1)).sum() - F.logsigmoid(-drawn).sum()


def skipgram(W: Tensor, C: Tensor) -> Tensor:
    """Each token but those at the ends, and its neighbours; every second one of a column is its drawn words, k = 5."""
    tokens = torch.tensor(TOKENS)
    w, drawn = F.embedding(tokens[1:-1], W), F.embedding(tokens[::2], C)
    loss = torch.zeros((), dtype=W.dtype)
    for neighbours in (tokens[:-2], tokens[2:]):
        loss = loss - F.logsigmoid((w * F.embedding(neighbours, C)).sum(-1)).sum()
        loss = loss - 5 / len(drawn) * F.logsigmoid(-torch.einsum("tbd,kbd->tbk", w, drawn)).sum()
    return loss


def optimizer(kind: str, W: Tensor, gradients: Tensor, **settings: float) -> Tensor:
    """The parameters before the first and after every step."""
    W, steps = W.detach().clone(), [W.detach().clone()]
    chosen = getattr(torch.optim, kind)([W], **settings)
    for W.grad in gradients.detach():
        chosen.step()
        steps.append(W.clone())
    return torch.stack(steps)


# --- recurrent layers


def recurrent(kind: str, gates: list[int], cells: list[str], *tensors: Tensor, **settings: Any) -> Tensor:
    """`gates` lists ours in PyTorch's order. All of y and, for one cell, the last states stand behind one another."""
    weights, rest = {}, list(tensors)
    for cell in cells:
        W_x, W_h, b, *b_past = [rest.pop(0) for _ in parameters(kind, D)]
        b_hh = torch.cat([torch.zeros(len(gates) * H - H, dtype=b.dtype), *(b_past or [torch.zeros_like(b[0])])])
        flat = [W[gates].transpose(-1, -2).flatten(0, 1) for W in (W_x, W_h)]
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights |= {f"{n}_{cell or 'l0'}": w for n, w in zip(names, [*flat, b[gates].flatten(), b_hh], strict=True)}
    packed, (x, *states) = settings.pop("packed", False), rest
    module = getattr(torch.nn, kind)(D, H, dtype=torch.float64, **settings)
    sequence = pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False) if packed else x
    first = [state[None] for state in states]
    y, last = torch.func.functional_call(module, weights, (sequence, *([tuple(first)] if first[1:] else first)))
    y = pad_packed_sequence(y)[0] if packed else y
    return torch.cat([y, *(last if isinstance(last, tuple) else [last])]) if states else y


def parameters(kind: str, inputs: int, cell: str = "") -> Shapes:
    """Names and shapes of one cell's arrays, in the layout of this course."""
    G = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    shapes = {"W_x": (G, inputs, H), "W_h": (G, H, H), "b": (G, H)} | ({"b_past": (H,)} if kind == "GRU" else {})
    return {f"{name}_{cell}".rstrip("_"): shape for name, shape in shapes.items()}


def single(kind: str, gates: list[int], **settings: Any) -> Case:
    """A case of one layer with first states."""
    states = {"h_0": (B, H)} | ({"c_0": (B, H)} if kind == "LSTM" else {})
    return partial(recurrent, kind, gates, [""], **settings), parameters(kind, D) | {"x": (T, B, D)} | states


def deep(kind: str, gates: list[int], layers: int, ways: int) -> Case:
    """A case of several layers, in one direction or in both, on padded sequences."""
    cells = [f"l{k}{way}" for k in range(layers) for way in ("", "_reverse")[:ways]]
    shapes = [parameters(kind, D if cell.startswith("l0") else ways * H, cell) for cell in cells]
    run = partial(recurrent, kind, gates, cells, packed=True, num_layers=layers, bidirectional=ways == 2)
    return run, {name: shape for of in shapes for name, shape in of.items()} | {"x": (T, B, D)}


# --- attention, layer norm and the transformer


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
        "norm1.weight": g_1,
        "norm1.bias": c_1,
        "norm2.weight": g_2,
        "norm2.bias": c_2,
        "linear1.weight": W_1.T,
        "linear1.bias": b_1,
        "linear2.weight": W_2.T,
        "linear2.bias": b_2,
    }


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


STEPS = {"W": (3, 2), "gradients": (20, 3, 2)}
CASES: dict[str, Case] = {
    "linear": (lambda W, b, x: F.linear(x, W.T, b), {"W": (D, H), "b": (H,), "x": (T, B, D)}),
    "embedding": (lambda W: F.embedding(torch.tensor(TOKENS), W), {"W": (V, D)}),
    "negative_sampling": (negative_sampling, {"w": (T, D), "c": (T, D), "n": (T, 4, D)}),
    "skipgram": (skipgram, {"W": (V, D), "C": (V, D)}),
    "rnn_tanh": single("RNN", [0], nonlinearity="tanh"),
    "rnn_relu": single("RNN", [0], nonlinearity="relu"),
    "rnn_padded": single("RNN", [0], packed=True),
    "gru": single("GRU", [0, 1, 2]),
    "gru_padded": single("GRU", [0, 1, 2], packed=True),
    "lstm": single("LSTM", [0, 1, 3, 2]),
    "lstm_padded": single("LSTM", [0, 1, 3, 2], packed=True),
    "gru_deep": deep("GRU", [0, 1, 2], 3, 1),
    "lstm_deep": deep("LSTM", [0, 1, 3, 2], 2, 1),
    "rnn_both_ways": deep("RNN", [0], 1, 2),
    "gru_deep_both_ways": deep("GRU", [0, 1, 2], 2, 2),
    "lstm_deep_both_ways": deep("LSTM", [0, 1, 3, 2], 3, 2),
    "cross_entropy": (cross_entropy, {"logits": (T, B, V)}),
    "binary_cross_entropy": (binary_cross_entropy, {"logits": (T, B)}),
    "sgd": (partial(optimizer, "SGD", lr=0.1), STEPS),
    "adam": (partial(optimizer, "Adam", lr=0.01), STEPS),
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


def compute(name: str, *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random inputs of a case, PyTorch's output and its gradients."""
    case, shapes = CASES[name]
    inputs = {key: torch.tensor(rng.normal(size=shape), requires_grad=True) for key, shape in shapes.items()}
    y = case(*inputs.values())
    found = inputs | {"y": y, "dy": torch.tensor(rng.normal(size=tuple(y.shape)))}
    if y.requires_grad:
        y.backward(found["dy"])
        found |= {f"d{key}": x.grad for key, x in inputs.items()}
    return {key: x.detach().numpy() for key, x in found.items()} | {"tokens": TOKENS, "lengths": LENGTHS}


if __name__ == "__main__":
    for name in CASES:
        np.savez(GOLDEN / f"{name}.npz", **compute(name, rng=np.random.default_rng(0)))
