"""Writing files so that nothing is lost, and reading them so that nothing is executed."""

import importlib
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write bytes to that takes the place of `path` only once it is whole: ``with replacing(p) as file``.

    It grows beside its target, so an error, an interruption or a full disk leaves the old file as it was.
    """
    path = Path(path)
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_arrays(arrays: dict[str, np.ndarray], path: str | os.PathLike[str]) -> None:
    """Write named arrays to an ``.npz`` or a ``.safetensors`` file, which must not hold anything but numbers.

    Raises ValueError for another ending and ImportError if safetensors, which is not part of the course, is missing.
    """
    if _kind(path) == ".safetensors":
        data = _safetensors().save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        with replacing(path) as file:
            file.write(data)
        return
    # As np.savez does, which however takes arrays called `file` for its own arguments, and would pickle objects.
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a file of `write_arrays`, by name; never executes anything from the file.

    Raises FileNotFoundError, or ValueError if the file is damaged.
    """
    kind, data = _kind(path), Path(path).read_bytes()
    try:
        if kind == ".safetensors":
            return dict(_safetensors().load(data))
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except ImportError:
        raise
    except Exception as error:  # zipfile, zlib, numpy and safetensors have a dozen of their own for damaged bytes
        raise ValueError(f"{path!s} is not a whole {kind} file of plain arrays; save it again ({error})") from error


def _kind(path: str | os.PathLike[str]) -> str:
    kind = Path(path).suffix
    if kind not in (".npz", ".safetensors"):
        raise ValueError(f"wanted a file name ending in .npz or .safetensors, got {path!s}")
    return kind


def _safetensors() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError as error:
        raise ImportError("files ending in .safetensors need: pip install safetensors; .npz needs nothing") from error
