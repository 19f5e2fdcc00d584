"""Dates as numbers: letters of any alphabet for the encoder, the twelve signs of an answer for the decoder."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from course_utils.data.dates import Pairs
from course_utils.shapes import expect_tokens
from course_utils.text.batching import align, buckets
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

SIGNS = "0123456789-;"
"""What answers are made of: ISO dates, with ";" between them. A sign's number is its place, so a digit is its own."""
START, LENGTH = len(SIGNS), len("2012-05-05")
"""The number that is given before the first sign, and how many signs an ISO date has."""


class DateBatch(NamedTuple):
    """What the encoder reads, what the decoder is given, what it should answer, and which steps of both are real.

    `given` is `answer` one step later, behind the start sign: teacher forcing.
    """

    x: Int[Array, "S B"]
    given: Int[Array, "T B"]
    answer: Int[Array, "T B"]
    mask: Bool[Array, "S B"]
    answer_mask: Bool[Array, "T B"]


def date_batch(pairs: Pairs, vocabulary: Vocabulary) -> DateBatch:
    """Texts and answers as numbers, padded at the back. Raises ValueError for answers with other signs."""
    if strange := set().union(*pairs.isos) - set(SIGNS):
        raise ValueError(f"date_batch: wanted answers made of {SIGNS}, got {sorted(strange)}")
    x, mask = align([vocabulary.encode(list(text)) for text in pairs.texts])
    answer, answer_mask = align([np.array([SIGNS.index(sign) for sign in iso]) for iso in pairs.isos])
    given = np.concatenate([np.full_like(answer[:1], START), answer[:-1]])
    return DateBatch(x, given, answer, mask, answer_mask)


def date_batches(pairs: Pairs, vocabulary: Vocabulary, B: int, *, rng: np.random.Generator) -> list[DateBatch]:
    """Batches of B, texts of similar length together, in random order."""
    groups = buckets([len(text) for text in pairs.texts], B, rng=rng)
    chosen = (Pairs(*(tuple(part[k] for k in group) for part in pairs)) for group in groups)
    return [date_batch(one, vocabulary) for one in chosen]


def signs(numbers: Int[Array, "T"]) -> str:
    """The text of an answer. Raises ValueError for a number that is no sign's."""
    numbers = expect_tokens(numbers, "T", len(SIGNS), what="signs", where="signs")
    return "".join(SIGNS[k] for k in numbers)
