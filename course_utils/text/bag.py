"""A text as a set: which words and which pairs of neighbouring words occur in it, each one counted once.

Pairs bring back a little of the order that a mean of words loses: "not good" is another pair than "good not" (Wang &
Manning 2012 show how strong such features are for judging reviews).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from course_utils.shapes import expect_whole
from course_utils.text.stream import as_tokens
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array


class WordsAndPairs:
    """Numbers 0 ... F-1 for words and pairs: 0 is padding, 1 unknown, up to V-1 the words of a vocabulary, then pairs."""

    def __init__(self, vocabulary: Vocabulary, pairs: Int[Array, "P"]) -> None:
        if len(pairs) == 0:
            raise ValueError("WordsAndPairs: wanted at least one pair, got none")
        self.vocabulary = vocabulary
        self.pairs = pairs
        """The pairs that have a number, in rising order; the pair of words a and b is a V + b."""

    @classmethod
    def build(cls, vocabulary: Vocabulary, texts: Sequence[Int[Array, "_"]], *, min_texts: int = 4) -> "WordsAndPairs":
        """Keep the pairs of known words that stand in at least `min_texts` of the texts. ValueError if there are none."""
        expect_whole("WordsAndPairs", min_texts=min_texts)
        if len(texts) == 0:
            raise ValueError("WordsAndPairs: wanted at least one text, got none")
        found, times = np.unique(np.concatenate([_pairs(text, len(vocabulary)) for text in texts]), return_counts=True)
        kept = found[times >= min_texts]
        if len(kept) == 0:
            raise ValueError(f"WordsAndPairs: wanted a pair in at least {min_texts} of {len(texts)} texts, got none")
        return cls(vocabulary, kept)

    def __len__(self) -> int:
        return len(self.vocabulary) + len(self.pairs)

    def __repr__(self) -> str:
        return f"WordsAndPairs({len(self.vocabulary):,} words, {len(self.pairs):,} pairs)"

    def encode(self, text: Int[Array, "_"]) -> Int[Array, "_"]:
        """The numbers of the words and pairs in a text of the vocabulary's tokens, each once, in rising order."""
        pairs = _pairs(text, len(self.vocabulary))
        place = np.minimum(np.searchsorted(self.pairs, pairs), len(self.pairs) - 1)
        known = len(self.vocabulary) + place[self.pairs[place] == pairs]
        return np.concatenate([np.unique(np.asarray(text, np.intp)), known])

    def name(self, number: int) -> str:
        """The word, or both words of the pair. Raises ValueError for a number that stands for neither."""
        V = len(self.vocabulary)
        expect_whole("WordsAndPairs.name", low=0, number=number)
        if number >= len(self):
            raise ValueError(f"WordsAndPairs.name: wanted a number from 0 to {len(self) - 1}, got {number}")
        if number < V:
            return self.vocabulary.words[number]
        return " ".join(self.vocabulary.words[k] for k in divmod(int(self.pairs[number - V]), V))


def _pairs(text: Int[Array, "_"], V: int) -> Int[Array, "_"]:
    """The different pairs of known words in a text, as one number each."""
    text = as_tokens(text, V, where="WordsAndPairs", empty=True)
    first, second = text[:-1], text[1:]
    return np.unique((first * V + second)[(first > 1) & (second > 1)])
