"""Skip-gram with negative sampling: word vectors that tell the words nearby from words drawn at random.

Every token of a text is once the centre of a window. Its vector w should point towards the context vectors c of its
neighbours and away from those of K words drawn at random (Mikolov et al. 2013b, "Distributed Representations of Words
and Phrases", equation 4).

Speed comes from sharing: the text is cut into short blocks, and all centres of a block are compared with all its words
and with the same drawn words, in one product of matrices; what is no neighbour is masked (after Ji et al. 2016,
"Parallelizing Word2Vec in Shared and Distributed Memory").
"""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.math import sigmoid, softplus
from course_utils.shapes import expect, expect_rng, expect_shape, expect_tokens, expect_whole, is_real, rectangular
from course_utils.sparse import Rows
from course_utils.text.stream import as_tokens
from course_utils.tree import Array, Tree, tree

BLOCK = 32
"""Centres that look their neighbours up together: more of them waste products, fewer make the matrices too small."""


@tree
class SkipGram(Tree):
    """A vector for every word as a centre, W, and one as a neighbour, C. Only W is used afterwards. 2·V·D parameters."""

    W: Float[Array, "V D"]
    C: Float[Array, "V D"]

    @classmethod
    def init(cls, V: int, D: int, *, rng: np.random.Generator, dtype: type = np.float32) -> "SkipGram":
        """W uniform with |entries| up to 2/D, C zero, as in word2vec but for a factor of 4; token 0, padding, is zero."""
        expect_whole("SkipGram.init", V=V, D=D)
        expect_rng("SkipGram.init", rng)
        W: Array = ((rng.random((V, D)) - 0.5) * 4 / D).astype(dtype)
        W[0] = 0
        return cls(W, np.zeros((V, D), dtype))


def negative_sampling(
    w: Float[Array, "P D"], c: Float[Array, "P D"], n: Float[Array, "P K D"]
) -> tuple[float, Float[Array, "P D"], Float[Array, "P D"], Float[Array, "P K D"]]:
    """The loss of P pairs, each with K drawn words of its own, in nats, and its gradients by w, c and n.

    loss = - sum over pairs of [log sigmoid(w·c) + sum_k log sigmoid(-w·n_k)]. Raises ValueError if the shapes do not fit.
    """
    w = expect(w, "P D", what="w", where="negative_sampling")
    c = expect_shape(c, w.shape, what="c", where="negative_sampling")
    n = expect(n, "P K D", what="n", where="negative_sampling", P=len(w), D=w.shape[1])
    near, drawn = (w * c).sum(-1), np.einsum("pd,pkd->pk", w, n)
    loss = softplus(-near).sum() + softplus(drawn).sum()
    dnear, ddrawn = sigmoid(near) - 1, sigmoid(drawn)
    dw = dnear[:, None] * c + np.einsum("pk,pkd->pd", ddrawn, n)
    return float(loss), dw, dnear[:, None] * w, ddrawn[..., None] * w[:, None]


@tree
class Windows(Tree):
    """A batch: N blocks of L centres, the tokens around them, who is whose neighbour, and K words drawn for each block.

    M is L plus the reach of the longest window on both sides. ``near[b, l, j]`` says that token ``tokens[b, j]`` is in
    the window of centre ``tokens[b, reach + l]``.
    """

    tokens: Int[Array, "N M"]
    near: Bool[Array, "N L M"]
    drawn: Int[Array, "N K"]

    @property
    def centres(self) -> Int[Array, "N L"]:
        """The tokens in the middle of each block, without the margins on both sides."""
        reach = (self.tokens.shape[1] - self.near.shape[1]) // 2
        return self.tokens[:, reach : self.tokens.shape[1] - reach]


def subsample(
    tokens: Int[Array, "T"], counts: Float[Array, "V"], *, threshold: float = 1e-4, rng: np.random.Generator
) -> Int[Array, "S"]:
    """Places of the tokens to keep: of a word of frequency f the share sqrt(t/f) + t/f, at most all.

    Frequent words say little about their neighbours. This is the formula of the word2vec program; the paper's equation
    5 has sqrt(t/f). Words with a count of 0 (padding, unknown) are all left out. Raises ValueError for a threshold of 0
    or less, counts below 0 or all 0, and tokens outside of them.
    """
    expect_rng("subsample", rng)
    if not (is_real(threshold) and 0 < threshold < np.inf):
        raise ValueError(f"subsample: wanted threshold > 0, got {threshold!r:.60}")
    counts = _expect_counts(counts, "subsample")
    tokens = expect_tokens(tokens, "T", len(counts), where="subsample")
    f = counts / counts.sum()
    share = np.zeros(len(f))
    np.divide(threshold, f, out=share, where=f > 0)
    return np.flatnonzero(rng.random(len(tokens)) < (np.sqrt(share) + share)[tokens])


def windows(
    texts: list[Int[Array, "_"]],
    counts: Float[Array, "V"],
    *,
    reach: int = 5,
    batch: int = 1024,
    drawn: int = 16,
    epochs: int = 1,
    threshold: float = 1e-4,
    rng: np.random.Generator,
) -> Iterator[Windows]:
    """Batches of `batch` centres, rounded down to blocks of 32, over all texts; a window never crosses into another text.

    The window of each centre reaches 1 ... `reach` tokens to both sides, drawn anew every time, so that near words
    count more. The `drawn` words of each block come from the `noise_distribution`. Every token that `subsample` keeps is a
    centre, once in each of `epochs`, but for the first and last `reach` and what is left over at the end, less than a batch.
    Raises ValueError, when the first batch is asked for, if there is not one whole batch.
    """
    expect_whole("windows", reach=reach, drawn=drawn, epochs=epochs)
    expect_whole("windows", low=BLOCK, batch=batch)
    expect_rng("windows", rng)
    if len(texts) == 0:
        raise ValueError("windows: wanted at least one text, got none")
    counts = _expect_counts(counts, "windows")
    texts = [as_tokens(text, len(counts), where="windows", empty=True) for text in texts]
    L, blocks = BLOCK, batch // BLOCK
    tokens, text = np.concatenate(texts), np.repeat(np.arange(len(texts)), [len(t) for t in texts])
    draw = noise_distribution(counts, where="windows")
    distance = np.abs(np.arange(L)[:, None] + reach - np.arange(L + 2 * reach))
    for _ in range(epochs):
        kept = subsample(tokens, counts, threshold=threshold, rng=rng)
        here, of = tokens[kept], text[kept]
        if len(here) < blocks * L + 2 * reach:
            raise ValueError(f"windows: wanted at least {batch + 2 * reach} tokens after subsampling, got {len(here)}")
        for start in range(reach, len(here) - blocks * L - reach + 1, blocks * L):
            places = start + L * np.arange(blocks)[:, None] + np.arange(-reach, L + reach)
            within = distance <= rng.integers(1, reach + 1, size=(blocks, L, 1))
            same = of[places][:, reach : reach + L, None] == of[places][:, None]
            yield Windows(here[places], within & same & (distance > 0), draw((blocks, drawn), rng))


def noise_distribution(
    counts: Float[Array, "V"], *, where: str
) -> Callable[[tuple[int, ...], np.random.Generator], Int[Array, "..."]]:
    """``draw(shape, rng)``: words with probabilities proportional to ``counts**0.75`` (Mikolov et al. 2013b, section 2.2).

    Raises ValueError for counts below 0 or all 0.
    """
    heights = np.cumsum(_expect_counts(counts, where) ** 0.75)
    return lambda shape, rng: np.searchsorted(heights, rng.random(shape) * heights[-1], side="right")


def _expect_counts(counts: Array, where: str) -> Float[Array, "V"]:
    counts = rectangular(counts, "counts", where)
    if (
        counts.dtype.kind not in "fiu"
        or counts.ndim != 1
        or not (counts.min(initial=0) >= 0 and 0 < counts.sum() < np.inf)
    ):
        raise ValueError(f"{where}: wanted counts (V,) of words, >= 0 and not all 0, got others")
    return counts


@tree
class SkipGramGradient(Tree):
    """The gradients of W and C by rows: the whole tables would be almost all zero."""

    W: Rows
    C: Rows


class SkipGramLoss:
    """Loss and gradient of a batch, to be given to `train.fit`; every pair counts as if it had `k` drawn words."""

    def __init__(self, k: int = 5) -> None:
        expect_whole("SkipGramLoss", k=k)
        self.k = k

    def __call__(self, model: SkipGram, batch: Windows) -> tuple[float, SkipGramGradient]:
        """Loss in nats, mean over the pairs; the gradient is that of the sum over pairs, as in `negative_sampling`.

        Each centre meets all K words of its block, weighted by k / K for each of its pairs.
        """
        D, M, K = model.W.shape[1], batch.tokens.shape[1], batch.drawn.shape[1]
        others = np.concatenate([batch.tokens, batch.drawn], axis=1)
        w, c = model.W[batch.centres], model.C[others]
        z = w @ c.swapaxes(1, 2)
        near, drawn = z[..., :M], z[..., M:]
        pairs = batch.near.sum(-1, keepdims=True)
        weight = (pairs * (self.k / K)).astype(w.dtype)
        loss = softplus(-near[batch.near]).sum() + (weight * softplus(drawn)).sum()
        dz = np.concatenate([np.where(batch.near, sigmoid(near) - 1, 0), weight * sigmoid(drawn)], axis=-1)
        dw, dc = dz @ c, dz.swapaxes(1, 2) @ w
        gradient = SkipGramGradient(
            Rows(batch.centres.ravel(), dw.reshape(-1, D)), Rows(others.ravel(), dc.reshape(-1, D))
        )
        return float(loss / max(pairs.sum(), 1)), gradient
