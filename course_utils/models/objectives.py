"""What models are trained to do: each function gives the loss of a batch and its gradient, as `train.fit` wants it."""

from typing import Any, TypeVar

import numpy as np
from jaxtyping import Int

from course_utils.data.tasks import AddingTask, TokenTask
from course_utils.layers.base import Layer
from course_utils.losses import binary_cross_entropy, cross_entropy
from course_utils.models.encoder_decoder import EncoderDecoder
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.models.transformer import TransformerLanguageModel
from course_utils.shapes import is_real
from course_utils.tree import Array

L = TypeVar("L", bound=Layer)


def date_loss(model: EncoderDecoder, batch: Any) -> tuple[float, EncoderDecoder]:
    """Mean loss in nats per sign of the answers of a `DateBatch`, and its gradient, for `train.fit`."""
    logits, trace = model.forward(batch.x, batch.given, batch.mask)
    loss, dlogits = cross_entropy(logits, batch.answer, batch.answer_mask)
    return loss, model.backward(dlogits, trace)[1]


def token_task_loss(model: L, task: TokenTask) -> tuple[float, L]:
    """Loss (nats) at the steps that count, and its gradient."""
    logits, trace = model.forward(task.x)
    loss, dlogits = cross_entropy(logits, task.y, task.mask)
    return loss, model.backward(dlogits, trace)[1]


def adding_loss(model: L, task: AddingTask) -> tuple[float, L]:
    """Mean squared error of the last output, and its gradient."""
    y, trace = model.forward(task.x.astype(np.float32))
    error = y[-1, :, 0] - task.y
    dy = np.zeros_like(y)
    dy[-1, :, 0] = 2 * error / len(error)
    return float(np.mean(error**2)), model.backward(dy, trace)[1]


class TruncatedBPTT:
    """Loss and gradient for consecutive windows of a text: the state is carried over, the gradient is cut.

    To be given to `train.fit` as its ``loss_and_gradient``, with the batches of `batching.sequential_partition` in
    order (Williams & Peng 1990; Mikolov et al. 2010). The model only ever gets the *value* of the state that
    the window before ended in, so no gradient flows further back than one window.

    With a `dropout_rate` above 0, every window gets its own dropout between the layers of a stack, drawn from `rng`
    (Zaremba et al. 2014). Raises ValueError for a rate outside [0, 1), or one without `rng`.
    """

    def __init__(self, dropout_rate: float = 0.0, *, rng: np.random.Generator | None = None) -> None:
        if not (is_real(dropout_rate) and 0 <= dropout_rate < 1):
            raise ValueError(f"TruncatedBPTT: wanted 0 <= dropout_rate < 1, got {dropout_rate!r:.60}")
        if dropout_rate and rng is None:
            raise ValueError(f"TruncatedBPTT: wanted an rng to draw dropout of rate {dropout_rate} from, got None")
        self.dropout_rate, self.rng = dropout_rate, rng
        self.state: Any = None

    def __call__(
        self, model: RecurrentLanguageModel, batch: tuple[Int[Array, "T B"], Int[Array, "T B"]]
    ) -> tuple[float, RecurrentLanguageModel]:
        """Mean loss in nats per token over the window, and its gradient."""
        x, y = batch
        dropout = None
        if self.dropout_rate and self.rng is not None:
            dropout = model.draw_dropout(x, self.dropout_rate, rng=self.rng)
        logits, trace = model.forward(x, state=self.state, dropout=dropout)
        self.state = trace.state
        loss, dlogits = cross_entropy(logits, y)
        return loss, model.backward(dlogits, trace)[1]


def sentiment_loss(model: L, batch: tuple[Array, Array, Array]) -> tuple[float, L]:
    """Cross-entropy in nats of the one score for each text, given (tokens, mask, labels), and its gradient."""
    tokens, mask, labels = batch
    logits, trace = model.forward(tokens, mask)
    loss, dlogits = binary_cross_entropy(logits[:, 0], labels)
    return loss, model.backward(dlogits[:, None], trace)[1]


def opinion_loss(model: L, batch: tuple[Array, Array, Array]) -> tuple[float, L]:
    """Cross-entropy in nats of the score after every real word, given (tokens, mask, labels), and its gradient."""
    tokens, mask, labels = batch
    logits, trace = model.forward(tokens, mask)
    loss, d = binary_cross_entropy(logits[mask, 0], np.broadcast_to(labels, mask.shape)[mask])
    dlogits = np.zeros_like(logits)
    dlogits[mask, 0] = d
    return loss, model.backward(dlogits, trace)[1]


def next_token_loss(
    model: TransformerLanguageModel, batch: tuple[Int[Array, "T B"], Int[Array, "T B"]]
) -> tuple[float, TransformerLanguageModel]:
    """Mean loss in nats per token over a window (x, y), with y the tokens after those of x, and its gradient.

    To be given to `train.fit` as its ``loss_and_gradient``. Every window stands alone, so they may come in any order.
    """
    x, y = batch
    logits, trace = model.forward(x)
    loss, dlogits = cross_entropy(logits, y)
    return loss, model.backward(dlogits, trace)[1]
