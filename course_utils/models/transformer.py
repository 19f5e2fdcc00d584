"""Transformers put to work: one that predicts the next token, and one that reads a whole sequence and judges it."""

from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.branches import Branches
from course_utils.layers.chain import Pipeline
from course_utils.layers.embedding import Embedding
from course_utils.layers.linear import Linear, LinearTrace
from course_utils.layers.multi_head import State
from course_utils.layers.pooling import MeanOverTime
from course_utils.layers.positions import NoPositions, PositionEmbedding, PositionsTrace
from course_utils.layers.transformer import Transformer
from course_utils.layers.two_tokens import TwoTokenEmbedding
from course_utils.tree import Array, Tree, tree

S = TypeVar("S", bound=Transformer | Branches)


@tree
class TransformerLanguageModelTrace(Tree):
    """The traces of the four parts. The heads' weights are ``trace.transformer.blocks[l].attention.a``."""

    embedding: Any
    positions: PositionsTrace
    transformer: Any
    readout: LinearTrace

    @property
    def state(self) -> tuple[State, ...]:
        """The keys and values of every block for all tokens so far, to be carried on."""
        return self.transformer.state


@tree
class TransformerLanguageModel(Pipeline, Generic[S]):
    """Scores for the next token after every token, from that token and all before it, but none after it.

    Vectors of tokens plus vectors of positions, blocks that see only the past, a last norm and a readout (Radford et
    al. 2019, section 2.3, with ReLU and a readout of its own). In the place of the `Transformer` may stand
    `Branches`, from which parts can be left out, and in that of the embedding one that sees the token before, too.
    """

    embedding: Embedding | TwoTokenEmbedding
    positions: PositionEmbedding | NoPositions
    transformer: S
    readout: Linear

    @classmethod
    def init(
        cls,
        V: int,
        D: int,
        layers: int,
        N: int,
        T_max: int,
        *,
        rng: np.random.Generator,
        H: int | None = None,
        dtype: type = np.float32,
    ) -> "TransformerLanguageModel[Transformer]":
        """`layers` blocks with N heads and H hidden units (4·D if None) for texts of at most T_max tokens.

        The readout starts small, so the first guess is almost uniform. Raises ValueError unless N divides D.
        """
        embedding = Embedding.init(V, D, rng=rng, scale=SCALE, dtype=dtype)
        positions = PositionEmbedding.init(T_max, D, rng=rng, scale=SCALE, dtype=dtype)
        transformer = Transformer.init(D, layers, N, H, rng=rng, dtype=dtype)
        readout = Linear.init(D, V, rng=rng, dtype=dtype)
        return TransformerLanguageModel(embedding, positions, transformer, Linear(readout.W * dtype(0.1), readout.b))

    def forward(
        self,
        x: Int[Array, "T *B"],
        mask: Bool[Array, "S *B"] | None = None,
        *,
        state: tuple[State, ...] | None = None,
    ) -> tuple[Float[Array, "T *B V"], TransformerLanguageModelTrace]:
        """Logits after every token, given the `state` of the tokens before x.

        With the state of a first part, a text in two parts gives the same numbers as the whole, and the first part is
        not computed again (a "KV cache"); nor does it get a gradient. Raises ValueError beyond T_max tokens, those of
        the state included.
        """
        if state is not None and isinstance(self.embedding, TwoTokenEmbedding):
            raise ValueError(
                "TransformerLanguageModel.forward: wanted no state for a TwoTokenEmbedding, which would miss a token"
            )
        start = 0 if state is None else len(state[0][0])
        z, embedding = self.embedding.forward(x)
        z, positions = self.positions.forward(z, mask, start=start)
        z, transformer = self.transformer.forward(z, mask, causal=True, state=state)
        logits, readout = self.readout.forward(z, mask)
        return logits, TransformerLanguageModelTrace(embedding, positions, transformer, readout)


SCALE = 0.3
"""Standard deviation of the vectors of tokens and positions at the start: small, so that what the blocks add counts."""


@tree
class TransformerClassifier(Pipeline):
    """An encoder over token sequences, their mean, and a few scores.

    Every step sees all real steps, before and after it; give the mask to `forward`.
    """

    embedding: Embedding
    positions: PositionEmbedding
    transformer: Transformer
    mean: MeanOverTime
    readout: Linear

    @classmethod
    def init(
        cls,
        V: int,
        D: int,
        layers: int,
        N: int,
        T_max: int,
        classes: int = 1,
        *,
        rng: np.random.Generator,
        H: int | None = None,
        dtype: type = np.float32,
    ) -> "TransformerClassifier":
        """`layers` blocks with N heads and H hidden units (4·D if None), and `classes` scores (1: a logit).

        For sequences of at most T_max real steps. Raises ValueError unless N divides D.
        """
        return cls(
            Embedding.init(V, D, rng=rng, scale=SCALE, dtype=dtype),
            PositionEmbedding.init(T_max, D, rng=rng, scale=SCALE, dtype=dtype),
            Transformer.init(D, layers, N, H, rng=rng, dtype=dtype),
            MeanOverTime(),
            Linear.init(D, classes, rng=rng, dtype=dtype),
        )
