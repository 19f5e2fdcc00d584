"""Every layer of the course, one line each. All laws of ``test_laws.py`` are tested on all of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course_utils.layers.attention import AdditiveAttention, DotProductAttention
from course_utils.layers.bidirectional import Bidirectional
from course_utils.layers.chain import Chain, Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.feed_forward import FeedForward
from course_utils.layers.gru import GRU
from course_utils.layers.gru_reset_after import ResetAfterGRU
from course_utils.layers.linear import Linear
from course_utils.layers.lstm import LSTM
from course_utils.layers.multi_head import MultiHeadAttention
from course_utils.layers.norm import LayerNorm
from course_utils.layers.padding import readable
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import NoPositions, PositionEmbedding, SinusoidalPositions
from course_utils.layers.rnn import RNN
from course_utils.layers.rotary import RotaryAttention
from course_utils.layers.stacked import Stacked
from course_utils.layers.transformer import Transformer, TransformerBlock
from course_utils.layers.two_tokens import TwoTokenEmbedding
from course_utils.math import outer
from course_utils.models.recurrent import RecurrentLanguageModel, RecurrentReader
from course_utils.models.transformer import TransformerClassifier, TransformerLanguageModel
from course_utils.tree import Array, Tree, tree, tree_map

D, H, V = 4, 3, 7


@dataclass(frozen=True)
class Case:
    """How to make a layer, whether it reads tokens or vectors of D features, and whether it returns one y per sequence."""

    make: Callable[[np.random.Generator], Any]
    tokens: bool = False
    pools: bool = False

    def input(self, T: int, batch: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        return rng.integers(0, V, size=(T, *batch)) if self.tokens else rng.normal(size=(T, *batch, D))


@tree
class OfItselfTrace(Tree):
    """Queries, keys and values are in the trace of the attention."""

    x: Array
    attention: Any


@tree
class OfItself(Tree):
    """A layer of queries, keys and values as one of x, which the laws can run: each is a projection of x."""

    attention: Any
    W_q: Array
    W_k: Array
    W_v: Array
    causal: bool = False

    def forward(self, x, mask=None):
        _, linear = Linear(self.W_q, np.zeros(self.W_q.shape[1], self.W_q.dtype)).forward(
            x, mask
        )  # is x what it should be?
        x = linear.x
        y, trace = self.attention.forward(x @ self.W_q, x @ self.W_k, x @ self.W_v, mask, causal=self.causal)
        return y, OfItselfTrace(x, trace)

    def backward(self, dy, trace):
        dy = readable(dy, trace.attention.mask)  # whose queries are those of the same steps
        (dq, dk, dv), dattention, dtrace = self.attention.backward(dy, trace.attention)
        dx = dq @ self.W_q.T + dk @ self.W_k.T + dv @ self.W_v.T
        weights = (outer(trace.x, d) for d in (dq, dk, dv))
        return dx, OfItself(dattention, *weights, self.causal), OfItselfTrace(dx, dtrace)


@tree
class Causal(Tree):
    """A layer that is always run with ``causal=True``."""

    layer: Any

    def forward(self, x, mask=None):
        return self.layer.forward(x, mask, causal=True)

    def backward(self, dy, trace):
        dx, dlayer, dtrace = self.layer.backward(dy, trace)
        return dx, Causal(dlayer), dtrace


@tree
class Named(Pipeline):
    """Layers with names that read vectors."""

    recurrent: Any
    readout: Linear


def of_itself(attention: Any, rng: np.random.Generator, K: int = D, causal: bool = False) -> OfItself:
    """With keys of width K."""
    return OfItself(attention, *(rng.normal(size=(D, width)) for width in (D, K, H)), causal)


def shaken(layer: Any, rng: np.random.Generator) -> Any:
    """No gain is 1 and no bias 0, where their own mistakes would not show."""
    return tree_map(lambda a: a + 0.3 * rng.normal(size=a.shape), layer)


def random_biases(gru: ResetAfterGRU, rng: np.random.Generator) -> ResetAfterGRU:
    """At a zero bias its own mistakes would not show."""
    return ResetAfterGRU(gru.W_x, gru.W_h, rng.normal(size=gru.b.shape), rng.normal(size=gru.b_past.shape))


LAYERS = {
    "Linear": Case(lambda rng: Linear(rng.normal(size=(D, H)), rng.normal(size=H))),
    "Embedding": Case(lambda rng: Embedding.init(V, D, rng=rng), tokens=True),
    "MeanOverTime": Case(lambda rng: MeanOverTime(), pools=True),
    "RNN": Case(lambda rng: RNN.init(D, H, rng=rng)),
    "RNN relu": Case(lambda rng: RNN.init(D, H, rng=rng, activation="relu")),
    "RNN identity": Case(lambda rng: RNN.init(D, H, rng=rng, activation="identity", radius=0.9)),
    "GRU": Case(lambda rng: GRU.init(D, H, rng=rng)),
    "GRU reset after": Case(lambda rng: random_biases(ResetAfterGRU.init(D, H, rng=rng), rng)),
    "LSTM": Case(lambda rng: LSTM.init(D, H, rng=rng)),
    "stacked": Case(lambda rng: Stacked((GRU.init(D, H, rng=rng), LSTM.init(H, H, rng=rng), RNN.init(H, 2, rng=rng)))),
    "bidirectional": Case(lambda rng: Bidirectional(LSTM.init(D, H, rng=rng), GRU.init(D, 2, rng=rng))),
    "two layers in both directions": Case(
        lambda rng: Stacked(
            (
                Bidirectional(GRU.init(D, 2, rng=rng), GRU.init(D, 2, rng=rng)),
                Bidirectional(LSTM.init(4, H, rng=rng), LSTM.init(4, H, rng=rng)),
            )
        )
    ),
    "bag of embeddings": Case(
        lambda rng: Chain((Embedding.init(V, D, rng=rng), MeanOverTime(), Linear.init(D, H, rng=rng))), True, True
    ),
    "named layers": Case(lambda rng: Named(RNN.init(D, H, rng=rng), Linear.init(H, 2, rng=rng))),
    "recurrent reader": Case(
        lambda rng: RecurrentReader(Embedding.init(V, D, rng=rng), GRU.init(D, H, rng=rng), Linear.init(H, 1, rng=rng)),
        True,
    ),
    "two recurrent layers": Case(lambda rng: Chain((RNN.init(D, H, rng=rng), LSTM.init(H, H, rng=rng)))),
    "language model": Case(
        lambda rng: RecurrentLanguageModel.init(V, D, LSTM.init(D, H, rng=rng), H, rng=rng, dtype=np.float64), True
    ),
    "LayerNorm": Case(lambda rng: shaken(LayerNorm.init(D), rng)),
    "FeedForward": Case(lambda rng: shaken(FeedForward.init(D, H, rng=rng), rng)),
    "PositionEmbedding": Case(lambda rng: PositionEmbedding.init(7, D, rng=rng)),
    "SinusoidalPositions": Case(lambda rng: SinusoidalPositions(7)),
    "dot product attention": Case(lambda rng: of_itself(DotProductAttention(), rng)),
    "dot product attention, causal": Case(lambda rng: of_itself(DotProductAttention(0.3), rng, causal=True)),
    "additive attention": Case(lambda rng: of_itself(AdditiveAttention.init(D, 2, 3, rng=rng), rng, 2)),
    "additive attention, causal": Case(
        lambda rng: of_itself(AdditiveAttention.init(D, D, 3, rng=rng), rng, causal=True)
    ),
    "MultiHeadAttention": Case(lambda rng: shaken(MultiHeadAttention.init(D, 2, rng=rng), rng)),
    "MultiHeadAttention, causal": Case(lambda rng: Causal(shaken(MultiHeadAttention.init(D, 2, rng=rng), rng))),
    "MultiHeadAttention, rotary": Case(
        lambda rng: Causal(replace(shaken(MultiHeadAttention.init(D, 2, rng=rng), rng), attention=RotaryAttention()))
    ),
    "RotaryAttention": Case(lambda rng: of_itself(RotaryAttention(), rng)),
    "NoPositions": Case(lambda rng: NoPositions()),
    "TwoTokenEmbedding": Case(lambda rng: TwoTokenEmbedding.init(V, D, rng=rng), tokens=True),
    "TransformerBlock": Case(lambda rng: shaken(TransformerBlock.init(D, 2, H, rng=rng), rng)),
    "Transformer": Case(lambda rng: shaken(Transformer.init(D, 2, 2, 2, rng=rng), rng)),
    "transformer language model": Case(
        lambda rng: shaken(TransformerLanguageModel.init(V, D, 1, 2, 7, H=2, rng=rng, dtype=np.float64), rng), True
    ),
    "transformer classifier": Case(
        lambda rng: shaken(TransformerClassifier.init(V, D, 1, 2, 7, H=2, rng=rng, dtype=np.float64), rng), True, True
    ),
}
