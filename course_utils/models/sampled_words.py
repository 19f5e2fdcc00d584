"""A word-level language model that is cheap to train: it tells the next word from words drawn at random.

The scores are those of `models.recurrent.RecurrentLanguageModel`, o_t = h_t W_hq + b_q, but only K + 1 of the V columns are
computed: that of the true next word and those of K drawn words, which all steps of a batch share. The loss is the one of
`skipgram` with the state h_t in the place of the centre's vector (Mnih & Teh 2012 for language models).
"""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from jaxtyping import Float, Int

from course_utils.layers.linear import Linear
from course_utils.math import sigmoid, softplus
from course_utils.models.recurrent import RecurrentLanguageModel
from course_utils.shapes import expect_whole
from course_utils.text.batching import random_partition
from course_utils.text.skipgram import noise_distribution
from course_utils.tree import Array

Batch = tuple[Int[Array, "T B"], Int[Array, "T B"], Int[Array, "K"]]
"""Words, the word after each of them, and the words drawn at random."""


def next_words(
    texts: Sequence[Int[Array, "_"]],
    counts: Float[Array, "V"],
    *,
    steps: int,
    T: int = 32,
    B: int = 64,
    drawn: int = 64,
    rng: np.random.Generator,
) -> Iterator[Batch]:
    """At most `steps` batches of windows from all over the texts, each with `drawn` words of the `noise_distribution`.

    Raises ValueError for counts below 0 or all 0, and as `random_partition`, when the first batch is asked for.
    """
    expect_whole("next_words", steps=steps, drawn=drawn)
    draw = noise_distribution(counts, where="next_words")
    for x, y in islice(random_partition(np.concatenate(texts), T, B, rng=rng), steps):
        yield x, y, draw((drawn,), rng)


def next_word_loss(model: RecurrentLanguageModel, batch: Batch, *, k: int = 5) -> tuple[float, RecurrentLanguageModel]:
    """Loss in nats, mean over all steps, and its gradient; to be given to `train.fit`.

    loss = - [log sigmoid(o[next]) + k/K sum over the drawn words of log sigmoid(-o[drawn])].
    """
    x, y, drawn = batch
    W, b = model.readout
    e, embedding = model.embedding.forward(x)
    states, recurrent = model.recurrent.forward(e)
    h, y = states.reshape(-1, W.shape[0]), y.ravel()
    true, noise = W.T[y], W.T[drawn]
    near, far = (h * true).sum(-1) + b[y], h @ noise.T + b[drawn]
    weight, N = k / len(drawn), len(y)
    loss = float((softplus(-near).sum() + weight * softplus(far).sum()) / N)
    dnear, dfar = (sigmoid(near) - 1)[:, None] / N, sigmoid(far) * (weight / N)
    dW, db = np.zeros_like(W.T), np.zeros_like(b)
    np.add.at(dW, y, dnear * h)
    np.add.at(dW, drawn, dfar.T @ h)
    np.add.at(db, y, dnear[:, 0])
    np.add.at(db, drawn, dfar.sum(0))
    dh = (dnear * true + dfar @ noise).reshape(states.shape)
    de, drecurrent, _ = model.recurrent.backward(dh.astype(h.dtype), recurrent)
    _, dembedding, _ = model.embedding.backward(de, embedding)
    return loss, RecurrentLanguageModel(dembedding, drecurrent, Linear(dW.T, db))
