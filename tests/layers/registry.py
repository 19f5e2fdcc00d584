"""Every layer of the course, one line each. All laws of ``test_laws.py`` are tested on all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

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
from course_utils.tree import Array

D, H, V = 4, 3, 7


@dataclass(frozen=True)
class Case:
    """How to make a layer, whether it reads tokens or vectors of D features, and whether it returns one y per sequence."""

    make: Callable[[np.random.Generator], Any]
    tokens: bool = False
    pools: bool = False

    def input(self, T: int, batch: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        return rng.integers(0, V, size=(T, *batch)) if self.tokens else rng.normal(size=(T, *batch, D))


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
    "two recurrent layers": Case(lambda rng: Chain((RNN.init(D, H, rng=rng), LSTM.init(H, H, rng=rng)))),
    "language model": Case(
        lambda rng: RecurrentLanguageModel.init(V, D, LSTM.init(D, H, rng=rng), H, rng=rng, dtype=np.float64), True
    ),
}
