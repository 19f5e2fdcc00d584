"""Vocabulary: the table that gives each token a positive integer.

Index 0 is padding and 1 is "unknown", the one row that all dropped tokens share. The others follow by falling count,
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
from course_utils.text.tokens import Counts, expect_iterable, plain_tokens, whole_counts
from course_utils.tree import Array

PAD, UNK = "<pad>", "<unk>"
_FORMAT = "course_utils.Vocabulary 1"


@dataclass(frozen=True, repr=False)
class Vocabulary:
    """Tokens and how often each was seen; `tokens[k]` has the index k, and `len` is V, the rows an embedding needs.

    tokens: "<pad>", "<unk>", then the kept tokens, most frequent first.
    counts: how often each was seen in the corpus; the count of "<unk>" is the number of tokens that were dropped.
    """

    tokens: tuple[str, ...]
    counts: tuple[int, ...]
    index: Mapping[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        tokens, counts = plain_tokens(self.tokens, "Vocabulary"), whole_counts(self.counts)
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "counts", counts)
        if tokens[:2] != (PAD, UNK):
            raise ValueError(
                f"Vocabulary: wanted tokens that begin with {PAD!r}, {UNK!r}, got {tokens[:2]!r}; use Vocabulary.build"
            )
        if len(tokens) != len(counts):
            raise ValueError(
                f"Vocabulary: wanted one count for each token, got {len(tokens)} tokens and {len(counts)} counts"
            )
        index = {token: k for k, token in enumerate(tokens)}
        if len(index) != len(tokens):
            twice = next(token for k, token in enumerate(tokens) if index[token] != k)
            raise ValueError(f"Vocabulary: wanted each token once, got {twice!r} twice")
        object.__setattr__(self, "index", index)

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], *, min_count: int = 1, max_size: int | None = None) -> "Vocabulary":
        """Count the tokens of many tokenised texts and keep the frequent ones; see `from_counts`."""
        return cls.from_counts(count(texts), min_count=min_count, max_size=max_size)

    @classmethod
    def from_counts(cls, counts: Counts, *, min_count: int = 1, max_size: int | None = None) -> "Vocabulary":
        """Keep the tokens seen at least `min_count` times, the most frequent ones if more than `max_size` rows result.

        `counts` is anything whose `items()` are pairs of a token and how often it occurs. Tokens seen less often become
        "<unk>"; `max_size` is the greatest `len` of the vocabulary, padding and unknown included.

        Raises ValueError if nothing was counted, or a reserved name was, or one token twice, or for a bound below 1 (of
        `max_size`: below 3).
        """
        if not isinstance(counts, Counts) or isinstance(counts, type):
            raise ValueError(
                f"Vocabulary: wanted counts of tokens, got {type(counts).__name__}; count(texts) makes such"
            )
        pairs = list(counts.items())
        if not pairs:
            raise ValueError("Vocabulary: wanted at least one token, got none; are the texts empty?")
        tokens, numbers = plain_tokens([token for token, _ in pairs], "Vocabulary"), whole_counts(n for _, n in pairs)
        expect_whole("Vocabulary", min_count=min_count)
        expect_whole("Vocabulary", low=3, max_size=3 if max_size is None else max_size)  # padding, unknown, one token
        for token in (PAD, UNK):
            if token in tokens:
                raise ValueError(
                    f"Vocabulary reserves {token!r} for itself, but it is a token of the corpus; rename it there"
                )
        ranked = sorted(zip(tokens, numbers, strict=True), key=lambda item: (-item[1], item[0]))
        kept = [item for item in ranked[: None if max_size is None else max_size - 2] if item[1] >= min_count]
        dropped = sum(n for _, n in ranked) - sum(n for _, n in kept)
        return cls((PAD, UNK, *(token for token, _ in kept)), (0, dropped, *(n for _, n in kept)))

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return isinstance(token, str) and token in self.index

    def encode(self, tokens: Iterable[str]) -> Int[Array, "T"]:
        """Index of each token; 1 for the ones not in the vocabulary.

        Raises ValueError for one str, which would silently be read letter by letter, and for what is no str in `tokens`,
        which would silently be unknown.
        """
        if isinstance(tokens, str):
            raise ValueError(
                f"encode: wanted a sequence of tokens, got the str {tokens[:40]!r}; "
                "tokenise it first: words(text) or characters(text)"
            )
        look_up = self.index.get
        return np.array([look_up(token, 1) for token in plain_tokens(tokens, "encode")], dtype=np.intp)

    def decode(self, indices: Iterable[int] | Int[Array, "T"]) -> list[str]:
        """Token of each index, padding included. `decode(encode(tokens))` gives the tokens back where they are known.

        Raises ValueError for an index that is not in 0 ... V-1, or is not an integer.
        """
        array = rectangular(
            indices if isinstance(indices, np.ndarray) else list(expect_iterable(indices, "decode")),
            "indices",
            "decode",
        )
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise ValueError(f"decode: wanted integers of shape (T,), got {array.dtype} of shape {array.shape}")
        if array.size and not (0 <= array.min() and array.max() < len(self)):
            raise ValueError(f"decode: wanted indices in 0 ... {len(self) - 1}, got {array.min()} ... {array.max()}")
        return [self.tokens[k] for k in array.tolist()]

    def coverage(self, tokens: Iterable[str] | None = None) -> float:
        """Share of running tokens that are known (0 to 1): of these, or of the corpus the vocabulary was built from.

        Raises ValueError for no token, what is no token, a text instead of its tokens, or a vocabulary that was not counted.
        """
        if tokens is None:
            if not sum(self.counts):
                raise ValueError("coverage: wanted a vocabulary that was counted, got one with counts of 0 only")
            return 1 - self.counts[1] / sum(self.counts)
        if isinstance(tokens, str):
            raise ValueError(f"coverage: wanted a sequence of tokens, got the str {tokens[:40]!r}; tokenise it first")
        known = [token in self.index for token in plain_tokens(tokens, "coverage")]
        if not known:
            raise ValueError("coverage: wanted at least one token, got none")
        return sum(known) / len(known)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON. The file appears whole or not at all: it is written beside its place and then moved."""
        content = {"format": _FORMAT, "tokens": self.tokens, "counts": self.counts}
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
        tokens, counts = content.get("tokens", ()), content.get("counts", ())
        if not (_all(tokens, str) and _all(counts, int) and min(counts, default=0) >= 0):
            raise ValueError(f"{path}: wanted a list of str in 'tokens' and of counts >= 0 in 'counts'; save it again")
        try:
            return cls(tuple(tokens), tuple(counts))
        except ValueError as error:
            raise ValueError(f"{path} is damaged: {error}") from error

    def __repr__(self) -> str:
        shown = ", ".join(f"{k} {self.tokens[k]!r}" for k in range(min(len(self), 7)))
        rest = f", ..., {len(self) - 1} {self.tokens[-1]!r}" if len(self) > 7 else ""
        total = sum(self.counts)
        share = f"{100 * self.coverage():.1f} % of {total:,} tokens known" if total else "nothing counted"
        return f"Vocabulary(V={len(self):,}: {shown}{rest}; {share})"


def count(texts: Iterable[Sequence[str]]) -> Counter[str]:
    """How often each token occurs in many tokenised texts.

    Raises ValueError for a text that is a str (its letters would be counted: the corpus is not tokenised), or a token
    that is no str.
    """
    return Counter(chain.from_iterable(_tokens_of(text) for text in expect_iterable(texts, "count")))


def _tokens_of(text: Sequence[str]) -> tuple[str, ...]:
    if isinstance(text, str):
        raise ValueError(
            f"count: wanted tokenised texts, got the str {text[:40]!r}; use [words(text) for text in texts]"
        )
    return plain_tokens(text, "count")


def _all(items: object, kind: type) -> bool:
    return isinstance(items, list) and all(type(item) is kind for item in items)
