"""One way to keep what was trained, and to load it: models and vocabularies that come with the course.

Weights are stored as float16, a third of the size, and computed with in float32. `as_stored` is what will be loaded later,
so whoever measures how good a model is measures that.
"""

from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

import numpy as np

from course_utils.saving import load, save
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import astype

M = TypeVar("M")
FOLDER = Path(__file__).parent / "weights"


def trained(name: str, *, like: M) -> M:
    """The model of this name, built like `like`, in float32. Raises FileNotFoundError for a name that is not there."""
    with as_file(files("course_utils.pretrained") / "weights" / f"{name}.npz") as path:
        return astype(load(path, like=like), np.float32)


def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of this name. Raises FileNotFoundError for a name that is not there."""
    with as_file(files("course_utils.pretrained") / "weights" / f"{name}.json") as path:
        return Vocabulary.load(path)


def as_stored(model: M) -> M:
    """The model as it is after it was kept and loaded: its numbers rounded to float16, in float32."""
    return astype(astype(model, np.float16), np.float32)


def keep(model: object, name: str) -> None:
    """Write a model to the place where `trained` looks for it."""
    path = FOLDER / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    save(astype(model, np.float16), path)


def keep_vocabulary(vocabulary: Vocabulary, name: str) -> None:
    """Write a vocabulary to the place where `vocabulary` looks for it."""
    vocabulary.save(FOLDER / f"{name}.json")
