"""What n-gram language models share: p(next token | the n-1 tokens before it).

Every model here is one table of two numbers, filled differently by each class (the form of the ARPA files that speech
recognisers read):

    p(w | c) = table[c w]                 if the m-gram c w was seen
             = weight[c] * p(w | c')      if it was not; c' is the context c without its first token

and p of order 0 is 1/V. Chen & Goodman (1999), "An empirical study of smoothing techniques for language modeling".
"""

import math
from typing import ClassVar

import numpy as np
from jaxtyping import Float, Int

from course_utils.shapes import expect_rng, expect_whole, is_real
from course_utils.text.ngram import NGrams
from course_utils.text.stream import Tokens, as_tokens
from course_utils.tree import Array

SMALLEST = float(np.finfo(np.float64).tiny)
"""About 2e-308: no probability that is shared out is smaller, so that no product of many weights rounds to 0."""


def share(weight: Array | float, p: Array) -> Array:
    """weight * p, what an unseen word gets of the shorter context's p; above 0 wherever the weight is."""
    with np.errstate(under="ignore"):
        return np.maximum(np.multiply(weight, p), SMALLEST * (np.asarray(weight) > 0))


class NGramModel:
    """What all n-gram models share; a subclass fills `_order`, the table and the weights of one order.

    counts: an `NGrams` of order n or more; many models can share one.
    n: the order of the model, by default that of the counts.
    table[m]: p of each seen m-gram, float64 (G_m,); weight[m]: one of each possible context of order m, float64.

    Raises ValueError when n is not in 1 ... counts.n.
    """

    backs_off: ClassVar[bool] = True  # to the next shorter context; False: straight to 1/V

    def __init__(self, counts: NGrams, n: int | None = None) -> None:
        if not isinstance(counts, NGrams):
            raise ValueError(f"{type(self).__name__}: wanted the counts of NGrams, got {type(counts).__name__}")
        n = counts.n if n is None else n
        expect_whole(type(self).__name__, n=n)
        if n > counts.n:
            raise ValueError(
                f"{type(self).__name__}: wanted an order n in 1 ... {counts.n} (what was counted), got {n}"
            )
        self.counts, self.n = counts, n
        self.table, self.weight = [np.array([1 / counts.V])], [np.ones(0)]
        for m in range(1, n + 1):
            context = (counts.keys[m] // counts.V).astype(np.intp)
            table, weight = self._order(m, context, counts.start(m - 1) + 1)
            self.table.append(table)
            self.weight.append(weight)

    def _order(self, m: int, context: Int[Array, "G"], C: int) -> tuple[Float[Array, "G"], Float[Array, "C"]]:
        raise NotImplementedError

    @property
    def parameters(self) -> int:
        """Stored numbers: a probability for every n-gram seen, a weight for every context seen.

        The keys, which only say where a number stands, are not counted: that favours the n-gram in a comparison.
        """
        orders = range(1, self.n + 1) if self.backs_off else [self.n]
        probabilities = sum(len(self.table[m]) for m in orders)
        if not self.backs_off:
            return probabilities
        contexts = (self.counts.keys[m] // self.counts.V for m in orders)  # sorted, as the keys are
        return probabilities + sum(int(np.count_nonzero(np.diff(c, prepend=-1))) for c in contexts)

    @property
    def nbytes(self) -> int:
        """Bytes of the keys, probabilities and weights of this order (what is needed to use the model)."""
        keys = self.counts.keys[1 : self.n + 1]
        return sum(array.nbytes for array in (*keys, *self.table[1:], *self.weight[1:]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n={self.n}, V={self.counts.V:,}, {self.parameters:,} parameters)"

    def log_probs(self, tokens: Tokens) -> Float[Array, "T"]:
        """log p (nats) of every token of a stream given those before it, all at once; -inf where p is 0.

        Without a boundary token the first n-1 tokens are scored with the shorter contexts they have.
        """
        return _log(self.probabilities(tokens))

    def probabilities(self, tokens: Tokens) -> Float[Array, "T"]:
        """p of every token of a stream given those before it; see `log_probs`."""
        stream = as_tokens(tokens, self.counts.V, where=f"{type(self).__name__}")
        uniform = 1 / self.counts.V
        p = np.full(len(stream), uniform)
        for m, (context, gram) in enumerate(self.counts.find(stream, self.n), start=1):
            there = slice(len(stream) - len(context), None)
            weight = np.where(context >= 0, self.weight[m][context], 1.0)
            unseen = share(weight, p[there]) if self.backs_off else weight * uniform
            p[there] = np.where(gram >= 0, self.table[m][gram], unseen) if len(self.table[m]) else unseen
        return p

    def next_word(self, context: Tokens, *, temperature: float = 1.0) -> Float[Array, "V"]:
        """p of each of the V tokens after `context` (its last n-1 tokens count; a shorter one uses a lower order).

        temperature: p ** (1/temperature), made to sum to 1 again: below 1 bolder, above 1 more even. Raises ValueError
        unless it is above 0.
        """
        if not (is_real(temperature) and 0 < temperature < math.inf):
            raise ValueError(
                f"next_word: wanted a temperature > 0, got {temperature!r:.60}; towards 0 the likeliest token wins"
            )
        counts, uniform = self.counts, 1 / self.counts.V
        p = np.full(counts.V, uniform)
        for m, rank in enumerate(counts.contexts(context, self.n), start=1):
            if rank < 0:
                weight, seen = 1.0, slice(0, 0)
            else:
                weight, seen = self.weight[m][rank], counts.following(m, rank)
            p = share(weight, p) if self.backs_off else np.full(counts.V, weight * uniform)
            p[counts.keys[m][seen] - rank * counts.V] = self.table[m][seen]
        if temperature == 1:
            return p
        with np.errstate(divide="ignore", over="ignore", under="ignore"):  # what is impossible, or becomes so towards 0
            log_p = np.log(p)
            p = np.exp((log_p - log_p.max()) / temperature)
        return p / p.sum()

    def sample(
        self,
        length: int,
        context: Tokens = (),
        *,
        temperature: float = 1.0,
        rng: np.random.Generator,
    ) -> Int[Array, "length"]:
        """Draw `length` tokens, each given the ones before it; `context` stands in front and is not returned."""
        expect_whole("sample", length=length)
        expect_rng("sample", rng)
        V = self.counts.V
        text = as_tokens(context, V, where="sample", empty=True).tolist()
        begin = len(text)
        for u in rng.random(length):
            p = self.next_word(text[max(len(text) - self.n + 1, 0) :], temperature=temperature)
            heights = np.cumsum(p)
            text.append(int(np.searchsorted(heights, u * heights[-1], side="right")))
        return np.array(text[begin:])

    def bits(self, tokens: Tokens) -> float:
        """Bits per token: the mean of -log2 p. What a perfect coder would need (Shannon 1951)."""
        return float(-self.log_probs(tokens).mean() / math.log(2))

    def perplexity(self, tokens: Tokens) -> float:
        """2 ** bits: among how many equally likely tokens the model is, on average, left to choose; inf for p = 0.

        (And where it would be larger than a float can be, which takes an add-k model with k < 1e-300.)
        """
        bits = self.bits(tokens)
        return 2.0**bits if bits < 1024 else math.inf


def _log(p: Float[Array, "T"]) -> Float[Array, "T"]:
    with np.errstate(divide="ignore"):
        return np.log(p)
