"""Writing files so that nothing is lost, and reading them so that nothing is executed."""

import importlib
import io
import math
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

LIMIT = 2**30
"""The most bytes that `read_arrays` takes: a hundred times what the largest model of the course needs."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write bytes to that takes the place of `path` only once it is whole: ``with replacing(p) as file``.

    It grows beside its target under a name of this process, so neither an error, an interruption, a full disk nor a
    second process that saves at the same time can damage the old file. Raises OSError (for example FileNotFoundError
    if there is no such folder, PermissionError if it may not be written to) that names the file.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            yield file
        os.replace(part, path)
    except OSError as error:
        kept = "; the file of that name is as it was" if path.exists() else ""
        raise OSError(error.errno, f"could not save {path}: {error.strerror or error}{kept}") from error
    finally:
        with suppress(OSError):  # it may never have come to be
            part.unlink()


def write_arrays(arrays: dict[str, np.ndarray], path: str | os.PathLike[str]) -> None:
    """Write named arrays to an ``.npz`` or a ``.safetensors`` file, which must not hold anything but numbers.

    Raises ValueError for another ending, OSError as `replacing`, and ImportError if safetensors, which is not part of
    the course, is missing.
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

    The memory it takes is bounded by the size of the file. Raises FileNotFoundError, or ValueError if the file is
    damaged, compressed or larger than `LIMIT`.
    """
    kind, path = _kind(path), Path(path)
    if (size := path.stat().st_size) > LIMIT:
        raise ValueError(f"{path!s} has {size:,} bytes, wanted at most {LIMIT:,}: no model of the course is that large")
    data = path.read_bytes()
    try:
        return dict(_safetensors().load(data)) if kind == ".safetensors" else _from_npz(data)
    except ImportError:
        raise
    except Exception as error:  # zipfile, numpy and safetensors have a dozen of their own for damaged bytes
        raise ValueError(f"{path!s} is not a whole {kind} file of plain arrays; save it again ({error})") from error


def _from_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, each of which has to be as large as it says before a byte of it is touched."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename.removesuffix(".npy") for entry in entries]
        if len(set(names)) < len(names):
            raise ValueError(f"two arrays of one name among {sorted(names)}")
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise ValueError("wanted arrays as np.savez writes them, got compressed ones")
        if (total := sum(entry.file_size for entry in entries)) > len(data):
            raise ValueError(f"a file of {len(data):,} bytes says that it holds {total:,}")
        return {name: _from_npy(archive.read(entry), name) for name, entry in zip(names, entries, strict=True)}


def _from_npy(data: bytes, name: str) -> np.ndarray:
    file = io.BytesIO(data)
    readers: dict[tuple[int, int], Any] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    version = np.lib.format.read_magic(file)
    if version not in readers:
        raise ValueError(f"{name}: wanted an array in .npy format 1.0 or 2.0, got {version}")
    shape, fortran, dtype = readers[version](file)
    wanted, got = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
    if dtype.hasobject or wanted != got or min(shape, default=0) < 0:
        raise ValueError(f"{name} says that it is {dtype} {shape}, {wanted:,} bytes, and comes with {got:,}")
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape, order="F" if fortran else "C").copy("K")


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
