"""Which of our layers PyTorch has: those whose parts are as much alike as one of its modules makes them."""

from typing import Any

from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.positions import PositionEmbedding
from course_utils.layers.rnn import RNN
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.shapes import expect

WHERE = "to_torch_state"
AXES: dict[type, dict[str, str]] = {
    RNN: {"W_xh": "D H", "W_hh": "H H", "b_h": "H"},
    LSTM: {"W_x": "G D H", "W_h": "G H H", "b": "G H"},
    ResetAfterGRU: {"W_x": "G D H", "W_h": "G H H", "b": "G H", "b_past": "H"},
    Linear: {"W": "D H", "b": "H"},
    Embedding: {"W": "V D"},
    PositionEmbedding: {"W": "T_max D"},
    LayerNorm: {"gain": "D", "bias": "D"},
    FeedForward: {"W_1": "D H", "b_1": "H", "W_2": "H D", "b_2": "D"},
    MultiHeadAttention: dict.fromkeys(("W_q", "W_k", "W_v", "W_o"), "D D") | dict.fromkeys(("b_q", "b_v", "b_o"), "D"),
}
"""The axes of the arrays of every layer that PyTorch has as well."""
CELLS = (RNN, LSTM, ResetAfterGRU)


def expect_torch(layer: Any) -> None:
    """Raise ValueError, saying what, if PyTorch has no module that this layer, with its settings, could be."""
    if type(layer) in AXES:
        sizes = _sizes(layer)
        if isinstance(layer, MultiHeadAttention) and (layer.N < 1 or sizes["D"] % layer.N):
            raise ValueError(f"{WHERE}: wanted heads that divide the width D = {sizes['D']}, got {layer.N}")
        if isinstance(layer, MultiHeadAttention) and list(layer.attention) != [None]:
            raise ValueError(f"{WHERE}: wanted the usual dot-product attention, got {layer.attention!r}")
    if isinstance(layer, GRU):
        raise ValueError(
            f"{WHERE}: wanted what PyTorch has; PyTorch's GRU resets after the matrix product: use ResetAfterGRU, not GRU"
        )
    if isinstance(layer, (*CELLS, Bidirectional, Stacked)):
        _expect_one_stack(layer)
    if isinstance(layer, TransformerBlock):
        _expect_equal_blocks((layer,))
    if isinstance(layer, Transformer):
        D = _expect_equal_blocks(layer.blocks)
        if not isinstance(layer.norm, LayerNorm) or len(layer.norm.gain) != D:
            raise ValueError(f"{WHERE}: wanted a last LayerNorm of width {D}, got {layer.norm!r}")


def _sizes(layer: Any) -> dict[str, int]:
    """The sizes of a layer's axes by their letters. ValueError if its arrays do not fit together, or are empty."""
    sizes: dict[str, Any] = {"G": 4 if isinstance(layer, LSTM) else 3}
    for name, axes in AXES[type(layer)].items():
        array = expect(getattr(layer, name), axes, what=name, where=f"{WHERE}: {type(layer).__name__}", **sizes)
        if array.size == 0:
            raise ValueError(f"{WHERE}: wanted at least one number in {name} of {layer!r}")
        sizes |= dict(zip(axes.split(), array.shape, strict=True))
    return sizes


def _expect_one_stack(layer: Any) -> None:
    """PyTorch's recurrent modules: levels of one kind and width, each one cell, or each a pair that reads both ways."""
    levels = layer.layers if isinstance(layer, Stacked) else (layer,)
    pairs = [tuple(level) if isinstance(level, Bidirectional) else (level,) for level in levels]
    cells = [cell for pair in pairs for cell in pair]
    for cell in cells:
        if isinstance(cell, GRU):
            expect_torch(cell)
    kinds = {type(cell) for cell in cells}
    if len(kinds) != 1 or not kinds <= set(CELLS) or len({len(pair) for pair in pairs}) != 1:
        raise ValueError(
            f"{WHERE}: wanted what PyTorch stacks, one or more RNN, LSTM or ResetAfterGRU, all of one kind, each alone or "
            f"each in both directions (a Stacked of Bidirectional), got {layer!r:.300}"
        )
    activations = {getattr(cell, "activation", "tanh") for cell in cells}
    if len(activations) != 1 or "identity" in activations:
        raise ValueError(
            f"{WHERE}: wanted RNNs of tanh alone or of relu alone, as PyTorch has them, got {' and '.join(sorted(activations))}"
        )
    got = [[(_sizes(cell)["D"], _sizes(cell)["H"]) for cell in pair] for pair in pairs]
    D, H = got[0][0]
    wanted = [[(len(pair) * H if k else D, H)] * len(pair) for k, pair in enumerate(pairs)]
    if got != wanted:
        raise ValueError(f"{WHERE}: wanted layers of widths (D, H) that PyTorch has, {wanted}, got {got}")


def _expect_equal_blocks(blocks: tuple[Any, ...]) -> int:
    """PyTorch's encoder is made of copies of one block. Returns its width D."""
    builds = set()
    for block in blocks:
        if [type(part) for part in block] != [LayerNorm, MultiHeadAttention, LayerNorm, FeedForward]:
            raise ValueError(f"{WHERE}: wanted blocks of norm, attention, norm and feed-forward layer, got {block!r}")
        norm_1, attention, norm_2, feed_forward = block
        widths = tuple(_sizes(part)["D"] for part in block)
        builds.add((widths, attention.N, _sizes(feed_forward)["H"], norm_1.eps, norm_2.eps))
    if len(builds) != 1 or len(set(widths)) != 1 or norm_1.eps != norm_2.eps:
        raise ValueError(
            f"{WHERE}: wanted one or more blocks that differ in nothing but their weights, as in PyTorch, got {blocks!r:.300}"
        )
    return widths[0]
