"""Weights in the names and the layout of PyTorch, both ways, without PyTorch.

``torch_layer.load_state_dict({name: torch.tensor(a) for name, a in to_torch_state(layer).items()})`` takes weights out;
``from_torch_state({name: t.numpy() for name, t in torch_layer.state_dict().items()}, like=layer)`` brings them in.
`course_utils.saving` has `write_arrays` and `read_arrays` for dictionaries of arrays.

PyTorch puts the gates of a layer below one another, transposed, an LSTM's in the order i, f, c_tilde, o; it has two
biases where one is enough; and it numbers the layers of a stack: ``weight_ih_l0``, ``weight_ih_l1_reverse``. It puts the
weights of queries, keys and values below one another too, and gives the keys a bias that changes nothing: ours have none.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.layers.torch_layers import expect_torch
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.tree import Array, Tree, leaves

L = TypeVar("L")
State = dict[str, Array]
GATES = {RNN: [0], ResetAfterGRU: [0, 1, 2], LSTM: [0, 1, 3, 2]}
"""Our gates in PyTorch's order; each order is its own inverse."""


def to_torch_state(layer: Any) -> State:
    """Copies of the parameters of a layer or model as PyTorch names and shapes them.

    For RNN, LSTM, ResetAfterGRU, Linear and Embedding, stacked, in both directions; for MultiHeadAttention, LayerNorm,
    TransformerBlock (``torch.nn.TransformerEncoderLayer`` with ``norm_first=True``) and Transformer
    (``TransformerEncoder``); chained (named as in ``torch.nn.Sequential``), or as named parts of a model. What names and
    shapes do not tell (the activation of an RNN, the number of heads, eps) PyTorch is told when its layer is made. Raises
    ValueError for what PyTorch does not have, such as a stack or two directions whose parts differ in more than their
    weights, for parameters of more than one type of number, and for numbers that are not finite.
    """
    state = _checked_to_torch(layer)
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise ValueError(f"to_torch_state: wanted finite numbers in {name}, got infinities or nan")
    return state


def _checked_to_torch(layer: Any) -> State:
    types = {array.dtype.newbyteorder("=") for _, array in leaves(layer)}
    if len(types) > 1 or not types <= {np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)}:
        got = ", ".join(sorted(map(str, types)))
        raise ValueError(
            f"to_torch_state: wanted all parameters in float32, or all in float64 or 16, got {got}; see tree.astype"
        )
    state = _to_torch(layer, "", "_l0")
    if not state:
        raise ValueError(f"to_torch_state: wanted a layer with parameters, got {layer!r:.300}")
    return {name: np.array(array, array.dtype.newbyteorder("="), order="C") for name, array in state.items()}


def _to_torch(layer: Any, prefix: str, suffix: str) -> State:
    expect_torch(layer)
    if isinstance(layer, Linear):
        return {f"{prefix}weight": layer.W.T, f"{prefix}bias": layer.b}
    if isinstance(layer, Embedding | PositionEmbedding):
        return {f"{prefix}weight": layer.W}
    if isinstance(layer, LayerNorm):
        return {f"{prefix}weight": layer.gain, f"{prefix}bias": layer.bias}
    if isinstance(layer, MultiHeadAttention):
        return {
            f"{prefix}in_proj_weight": np.concatenate([layer.W_q.T, layer.W_k.T, layer.W_v.T]),
            f"{prefix}in_proj_bias": np.concatenate([layer.b_q, np.zeros_like(layer.b_q), layer.b_v]),
        } | _to_torch(Linear(layer.W_o, layer.b_o), f"{prefix}out_proj.", "")
    if type(layer) in GATES:
        return {f"{prefix}{name}{suffix}": array for name, array in _cell_to_torch(layer).items()}
    state: State = {}
    for part, part_prefix, part_suffix in _parts(layer, prefix, suffix):
        state |= _to_torch(part, part_prefix, part_suffix)
    return state


def from_torch_state(state: State, like: L) -> L:
    """A layer or model built like `like` with copies of the parameters of PyTorch, in their type of number.

    Raises ValueError, saying which, if names are missing or left over, if a shape or a kind of number differs, or if
    a number is not finite.
    """
    wanted = _checked_to_torch(like)
    if not isinstance(state, Mapping):
        raise ValueError(f"from_torch_state: wanted a dictionary of arrays by name, got {type(state).__name__}")
    if set(state) != set(wanted):
        left_over = sorted(str(name) for name in set(state) - set(wanted))
        raise ValueError(f"from_torch_state: missing {sorted(set(wanted) - set(state))}, left over {left_over}")
    own = {name: _own(state[name], name) for name in wanted}
    for name, array in wanted.items():
        got = own[name]
        if got.shape != array.shape:
            raise ValueError(f"from_torch_state: wanted {name} of shape {array.shape}, got {got.shape}")
        if got.dtype.kind != array.dtype.kind:
            raise ValueError(f"from_torch_state: wanted {name} in floating point, got {got.dtype}")
        if not np.isfinite(got).all():
            raise ValueError(f"from_torch_state: wanted finite numbers in {name}, got infinities or nan")
    if len(types := sorted({str(array.dtype) for array in own.values()})) > 1:
        raise ValueError(f"from_torch_state: wanted all parameters in one type of number, got {', '.join(types)}")
    return _from_torch(own, like, "", "_l0")


def _own(array: Any, name: str) -> Array:
    """A copy as a NumPy array. ValueError for what is none, such as rows of different lengths."""
    try:
        return np.array(array)
    except Exception as error:  # ragged rows; or in the words of PyTorch, a tensor on a GPU or in bfloat16
        raise ValueError(f"from_torch_state: wanted {name} as an array of numbers, got {error}") from error


def _from_torch(state: State, like: Any, prefix: str, suffix: str) -> Any:
    if isinstance(like, Linear):
        return Linear(np.ascontiguousarray(state[f"{prefix}weight"].T), state[f"{prefix}bias"])
    if isinstance(like, Embedding | PositionEmbedding):
        return type(like)(state[f"{prefix}weight"])
    if isinstance(like, LayerNorm):
        return LayerNorm(state[f"{prefix}weight"], state[f"{prefix}bias"], like.eps)
    if isinstance(like, MultiHeadAttention):
        W_q, W_k, W_v = (np.ascontiguousarray(W.T) for W in np.split(state[f"{prefix}in_proj_weight"], 3))
        b_q, _, b_v = np.split(state[f"{prefix}in_proj_bias"], 3)
        out = _from_torch(state, Linear(like.W_o, like.b_o), f"{prefix}out_proj.", "")
        return MultiHeadAttention(W_q, W_k, W_v, out.W, b_q, b_v, out.b, like.N)
    if type(like) in GATES:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return _cell_from_torch(like, *(state[f"{prefix}{name}{suffix}"] for name in names))
    parts = tuple(_from_torch(state, *part) for part in _parts(like, prefix, suffix))
    if isinstance(like, FeedForward):
        return FeedForward(*(array for linear in parts for array in linear))
    if isinstance(like, Transformer):
        return Transformer(parts[:-1], parts[-1])
    return type(like)(parts) if isinstance(like, Chain | Stacked) else type(like)(*parts)


def _parts(layer: Any, prefix: str, suffix: str) -> list[tuple[Any, str, str]]:
    """The layers inside a layer, each with what its names begin and end with."""
    if isinstance(layer, Stacked):
        return [(part, prefix, f"_l{k}") for k, part in enumerate(layer.layers)]
    if isinstance(layer, Bidirectional):
        return [(layer.from_left, prefix, suffix), (layer.from_right, prefix, f"{suffix}_reverse")]
    if isinstance(layer, Chain):
        return [(part, f"{prefix}{k}.", "_l0") for k, part in enumerate(layer.layers)]
    if isinstance(layer, FeedForward):
        linears = Linear(layer.W_1, layer.b_1), Linear(layer.W_2, layer.b_2)
        return [(linear, f"{prefix}linear{k}.", "") for k, linear in enumerate(linears, start=1)]
    if isinstance(layer, TransformerBlock):
        endings = "norm1.", "self_attn.", "norm2.", ""
        return [(part, f"{prefix}{ending}", "") for ending, part in zip(endings, layer, strict=True)]
    if isinstance(layer, Transformer):
        blocks = [(block, f"{prefix}layers.{k}.", "") for k, block in enumerate(layer.blocks)]
        return [*blocks, (layer.norm, f"{prefix}norm.", "")]
    if not isinstance(layer, Tree) or not all(isinstance(part, Tree) for part in layer):
        raise ValueError(f"to_torch_state: wanted what PyTorch has; PyTorch has no layer for {layer!r:.300}")
    names = [field.name for field in fields(layer)]  # type: ignore[arg-type]
    return [(part, f"{prefix}{name}.", "_l0") for name, part in zip(names, layer, strict=True)]


def _cell_to_torch(layer: Any) -> State:
    W_x, W_h, b = (layer.W_xh[None], layer.W_hh[None], layer.b_h[None]) if isinstance(layer, RNN) else list(layer)[:3]
    order = GATES[type(layer)]
    b_hh = np.zeros_like(b)
    if isinstance(layer, ResetAfterGRU):
        b_hh[2] = layer.b_past
    return {
        "weight_ih": np.concatenate([W_x[k].T for k in order]),
        "weight_hh": np.concatenate([W_h[k].T for k in order]),
        "bias_ih": b[order].ravel(),
        "bias_hh": b_hh[order].ravel(),
    }


def _cell_from_torch(like: Any, weight_ih: Array, weight_hh: Array, bias_ih: Array, bias_hh: Array) -> Any:
    order = GATES[type(like)]
    gates, H = len(order), weight_hh.shape[1]
    W_x, W_h = (np.ascontiguousarray(W.reshape(gates, H, -1).swapaxes(1, 2)[order]) for W in (weight_ih, weight_hh))
    b_ih, b_hh = bias_ih.reshape(gates, H)[order], bias_hh.reshape(gates, H)[order]
    if isinstance(like, RNN):
        return RNN(W_x[0], W_h[0], (b_ih + b_hh)[0], like.activation)
    if isinstance(like, ResetAfterGRU):
        b_past = b_hh[2].copy()
        return ResetAfterGRU(W_x, W_h, np.concatenate([b_ih[:2] + b_hh[:2], b_ih[2:]]), b_past)
    return LSTM(W_x, W_h, b_ih + b_hh)
