"""A language model around any recurrent layer: an embedding before it, a readout behind it."""

from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.layers.base import Recurrent
from course_utils.layers.chain import Pipeline
from course_utils.layers.dropout import Dropout
from course_utils.layers.embedding import Embedding, EmbeddingTrace
from course_utils.layers.linear import Linear, LinearTrace
from course_utils.layers.stacked import Stacked
from course_utils.tree import Array, Tree, tree

R = TypeVar("R", bound=Recurrent)


@tree
class RecurrentReader(Pipeline, Generic[R]):
    """What a text says so far, after every token: for example the log odds that a review is positive."""

    embedding: Embedding
    recurrent: R
    readout: Linear


@tree
class RecurrentLanguageModelTrace(Tree):
    """The traces of the three parts."""

    embedding: EmbeddingTrace
    recurrent: Any
    readout: LinearTrace

    @property
    def state(self) -> Any:
        """The recurrent layer's last state, to be carried on."""
        return self.recurrent.state


@tree
class RecurrentLanguageModel(Pipeline, Generic[R]):
    """Scores for the next token after every token: o_t = h_t W_hq + b_q, with h_t the state of a recurrent layer."""

    embedding: Embedding
    recurrent: R
    readout: Linear

    @classmethod
    def init(
        cls, V: int, D: int, recurrent: R, H: int, *, rng: np.random.Generator, dtype: type = np.float32
    ) -> "RecurrentLanguageModel[R]":
        """Around a recurrent layer from D to H. The readout starts small, so the first guess is almost uniform."""
        readout = Linear.init(H, V, rng=rng, dtype=dtype)
        return cls(Embedding.init(V, D, rng=rng, dtype=dtype), recurrent, Linear(readout.W * dtype(0.1), readout.b))

    def forward(
        self,
        x: Int[Array, "T *B"],
        mask: Bool[Array, "T *B"] | None = None,
        *,
        state: Any = None,
        dropout: tuple[Dropout, ...] | None = None,
    ) -> tuple[Float[Array, "T *B V"], RecurrentLanguageModelTrace]:
        """Logits after every token, starting from `state`, zero if not given.

        `dropout` is for a `Stacked` recurrent layer: what to silence in each gap (see `draw_dropout`). Raises ValueError
        if it is given to another.
        """
        e, embedding = self.embedding.forward(x)
        if dropout is None:
            h, recurrent = self.recurrent.forward(e, mask, state=state)
        else:
            h, recurrent = self._stack("forward").forward(e, mask, state=state, dropout=dropout)
        logits, readout = self.readout.forward(h, mask)
        return logits, RecurrentLanguageModelTrace(embedding, recurrent, readout)

    def draw_dropout(self, x: Int[Array, "T *B"], rate: float, *, rng: np.random.Generator) -> tuple[Dropout, ...]:
        """What to silence in each gap of the stack while it reads `x`. Raises ValueError for a model without gaps."""
        return self._stack("draw_dropout").draw_dropout(self.embedding.forward(x)[0], rate, rng=rng)

    def _stack(self, where: str) -> Stacked:
        if not isinstance(self.recurrent, Stacked):
            raise ValueError(
                f"RecurrentLanguageModel.{where}: wanted a Stacked recurrent layer, got {type(self.recurrent).__name__}; "
                "dropout acts between layers, and there is only one"
            )
        return self.recurrent
