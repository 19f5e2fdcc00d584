"""Vocabulary: the table that gives each word an integer, its token.

A word is whatever a model reads in one time step: a word, a punctuation mark or, where texts are read so, a character.
Index 0 is padding and 1 is "unknown", the one row that all dropped words share. The others follow by falling count,
ties in alphabetical order, so the same corpus gives the same table on every machine.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from course_utils.saving import replacing
from course_utils.shapes import expect_whole, rectangular
from course_utils.text.entries import Counts, expect_iterable, plain_words, whole_counts
from course_utils.tree import Array

PAD, UNK = "<pad>", "<unk>"
_FORMAT = "course_utils.Vocabulary 1"


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """Words and how often each was seen; `words[k]` has the token k, and `len` is V, the rows an embedding needs.

    words: "<pad>", "<unk>", then the kept words, most frequent first.
    counts: how often each was seen in the corpus; the count of "<unk>" is the number of words that were dropped.
    """

    words: tuple[str, ...]
    counts: tuple[int, ...]
    index: Mapping[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        words, counts = plain_words(self.words, "Vocabulary"), whole_counts(self.counts)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "counts", counts)
        if words[:2] != (PAD, UNK):
            raise ValueError(
                f"Vocabulary: wanted words that begin with {PAD!r}, {UNK!r}, got {words[:2]!r}; use Vocabulary.build"
            )
        if len(words) != len(counts):
            raise ValueError(
                f"Vocabulary: wanted one count for each word, got {len(words)} words and {len(counts)} counts"
            )
        index = {word: k for k, word in enumerate(words)}
        if len(index) != len(words):
            twice = next(word for k, word in enumerate(words) if index[word] != k)
            raise ValueError(f"Vocabulary: wanted each word once, got {twice!r} twice")
        object.__setattr__(self, "index", index)

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], *, min_count: int = 1, max_size: int | None = None) -> "Vocabulary":
        """Count the words of many tokenised texts and keep the frequent ones; see `from_counts`."""
        return cls.from_counts(count(texts), min_count=min_count, max_size=max_size)

    @classmethod
    def from_counts(cls, counts: Counts, *, min_count: int = 1, max_size: int | None = None) -> "Vocabulary":
        """Keep the words seen at least `min_count` times, the most frequent ones if more than `max_size` rows result.

        `counts` is anything whose `items()` are pairs of a word and how often it occurs. Words seen less often become
        "<unk>"; `max_size` is the greatest `len` of the vocabulary, padding and unknown included.

        Raises ValueError if nothing was counted, or a reserved name was, or one word twice, or for a bound below 1 (of
        `max_size`: below 3).
        """
        if not isinstance(counts, Counts) or isinstance(counts, type):
            raise ValueError(
                f"Vocabulary: wanted counts of words, got {type(counts).__name__}; count(texts) makes such"
            )
        pairs = list(counts.items())
        if not pairs:
            raise ValueError("Vocabulary: wanted at least one word, got none; are the texts empty?")
        words, numbers = plain_words([word for word, _ in pairs], "Vocabulary"), whole_counts(n for _, n in pairs)
        expect_whole("Vocabulary", min_count=min_count)
        expect_whole("Vocabulary", low=3, max_size=3 if max_size is None else max_size)  # padding, unknown, one word
        for word in (PAD, UNK):
            if word in words:
                raise ValueError(
                    f"Vocabulary reserves {word!r} for itself, but it is a word of the corpus; rename it there"
                )
        ranked = sorted(zip(words, numbers, strict=True), key=lambda item: (-item[1], item[0]))
        kept = [item for item in ranked[: None if max_size is None else max_size - 2] if item[1] >= min_count]
        dropped = sum(n for _, n in ranked) - sum(n for _, n in kept)
        return cls((PAD, UNK, *(word for word, _ in kept)), (0, dropped, *(n for _, n in kept)))

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and word in self.index

    def encode(self, words: Iterable[str]) -> Int[Array, "T"]:
        """The token of each word; 1 for the ones not in the vocabulary.

        Raises ValueError for one str, which would silently be read letter by letter, and for what is no str in `words`,
        which would silently be unknown.
        """
        if isinstance(words, str):
            raise ValueError(
                f"encode: wanted a sequence of words, got the str {words[:40]!r}; "
                "tokenise it first: words(text) or characters(text)"
            )
        look_up = self.index.get
        return np.array([look_up(word, 1) for word in plain_words(words, "encode")], dtype=np.intp)

    def decode(self, tokens: Iterable[int] | Int[Array, "T"]) -> list[str]:
        """The word of each token, padding included. `decode(encode(words))` gives the words back where they are known.

        Raises ValueError for a token that is not in 0 ... V-1, or is not an integer.
        """
        array = rectangular(
            tokens if isinstance(tokens, np.ndarray) else list(expect_iterable(tokens, "decode")),
            "tokens",
            "decode",
        )
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ValueError(f"decode: wanted integers of shape (T,), got {array.dtype} of shape {array.shape}")
        if array.size and not (0 <= array.min() and array.max() < len(self)):
            raise ValueError(f"decode: wanted tokens in 0 ... {len(self) - 1}, got {array.min()} ... {array.max()}")
        return [self.words[k] for k in array.tolist()]

    def coverage(self, words: Iterable[str] | None = None) -> float:
        """Share of running words that are known (0 to 1): of these, or of the corpus the vocabulary was built from.

        Raises ValueError for no word, what is no word, a text instead of its words, or a vocabulary that was not counted.
        """
        if words is None:
            if not sum(self.counts):
                raise ValueError("coverage: wanted a vocabulary that was counted, got one with counts of 0 only")
            return 1 - self.counts[1] / sum(self.counts)
        if isinstance(words, str):
            raise ValueError(f"coverage: wanted a sequence of words, got the str {words[:40]!r}; tokenise it first")
        known = [word in self.index for word in plain_words(words, "coverage")]
        if not known:
            raise ValueError("coverage: wanted at least one word, got none")
        return sum(known) / len(known)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON. The file appears whole or not at all: it is written beside its place and then moved."""
        content = {"format": _FORMAT, "tokens": self.words, "counts": self.counts}
        with replacing(path) as file:
            file.write(json.dumps(content).encode("ascii"))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Vocabulary":
        """Read what `save` wrote.

        Raises FileNotFoundError if there is no such file, and ValueError, which says what is wrong, for one that holds no
        vocabulary or is damaged.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"no vocabulary at {path}; write one with Vocabulary.save")
        try:
            content: Any = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not the JSON of a vocabulary ({error}); save it again") from error
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            got = content.get("format") if isinstance(content, dict) else type(content).__name__
            raise ValueError(f"{path}: wanted format {_FORMAT!r}, got {got!r}; save it again with Vocabulary.save")
        words, counts = content.get("tokens", ()), content.get("counts", ())
        if not (_all(words, str) and _all(counts, int) and min(counts, default=0) >= 0):
            raise ValueError(f"{path}: wanted a list of str in 'tokens' and of counts >= 0 in 'counts'; save it again")
        try:
            return cls(tuple(words), tuple(counts))
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error

    def __repr__(self) -> str:
        shown = ", ".join(f"{k} {self.words[k]!r}" for k in range(min(len(self), 7)))
        rest = f", ..., {len(self) - 1} {self.words[-1]!r}" if len(self) > 7 else ""
        total = sum(self.counts)
        share = f"{100 * self.coverage():.1f} % of {total:,} tokens known" if total else "nothing counted"
        return f"Vocabulary(V={len(self):,}: {shown}{rest}; {share})"


def count(texts: Iterable[Sequence[str]]) -> Counter[str]:
    """How often each word occurs in many tokenised texts.

    Raises ValueError for a text that is a str (its letters would be counted: the corpus is not tokenised), or a word
    that is no str.
    """
    return Counter(chain.from_iterable(_words_of(text) for text in expect_iterable(texts, "count")))


def _words_of(text: Sequence[str]) -> tuple[str, ...]:
    if isinstance(text, str):
        raise ValueError(
            f"count: wanted tokenised texts, got the str {text[:40]!r}; use [words(text) for text in texts]"
        )
    return plain_words(text, "count")


def _all(items: object, kind: type) -> bool:
    return isinstance(items, list) and all(type(item) is kind for item in items)
