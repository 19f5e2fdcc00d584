"""Writing files so that nothing is lost, and reading them so that nothing is executed."""

import errno
import importlib
import io
import math
import os
import secrets
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from course_utils.tree import Array, leaves, tree_map

LIMIT = 2**30
"""The most bytes that `read_arrays` takes: a hundred times what the largest model of the course needs."""
LONGEST = 9_000
"""The most bytes of a name, and of the description of a record: NumPy reads no longer ones."""
SAFE = {"BOOL": "b1", "F16": "f2", "F32": "f4", "F64": "f8", "C64": "c8"}
SAFE |= {f"{kind.upper()}{8 * size}": f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)}
"""NumPy's codes for the kinds of number that .safetensors has as well, by their names there."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write bytes to that takes the place of `path` only once it is whole: ``with replacing(p) as file``.

    It grows beside its target under a name that nobody else has, so neither an error, an interruption, a full disk nor
    another thread, process or machine that saves at the same time can damage the old file. A link stays a link: what it
    points to is replaced. The new file may be read and written by whom the old one could be. Raises OSError (for
    example FileNotFoundError if there is no such folder, PermissionError if it may not be written to) that names the file.
    """
    target = Path(os.path.realpath(path) if os.path.islink(path) else path)
    part = target.with_name(f"{target.name[:20]}.{secrets.token_hex(8)}.part")  # short: the longest names have no room
    try:
        if os.path.islink(target):  # only links in a circle still are
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if os.path.exists(target) and not target.is_file():
            raise OSError(errno.EINVAL, "there is something of that name that is not a file")
        with open(part, "xb") as file:
            with suppress(OSError):  # no old file, or a disk without modes
                part.chmod(stat.S_IMODE(target.stat().st_mode))
            yield file
        os.replace(part, target)
    except OSError as error:
        kept = "; the file of that name is as it was" if os.path.isfile(target) else ""
        raise OSError(error.errno, f"could not save {path}: {error.strerror or error}{kept}") from error
    finally:
        with suppress(OSError):  # it may never have come to be
            part.unlink()


class _NotForUs(ValueError):
    """A file that is whole, and holds what is not read here."""


def write_arrays(arrays: Mapping[str, np.ndarray], path: str | os.PathLike[str]) -> None:
    """Write named arrays to an ``.npz`` or a ``.safetensors`` file, which must not hold anything but numbers.

    What is written can be read by `read_arrays`, with the same shapes, numbers and names. Raises ValueError for another
    ending, for objects, for names or kinds of number that the format does not have, and for more than `LIMIT` bytes;
    OSError as `replacing`; and ImportError if safetensors, which is not part of the course, is missing.
    """
    kind = _kind(path)
    if not isinstance(arrays, Mapping):
        raise ValueError(f"write_arrays: wanted a dictionary of arrays by name, got {type(arrays).__name__}")
    arrays = {name: _writable(name, array, kind) for name, array in arrays.items()}
    data = _safetensors().numpy.save(arrays) if kind == ".safetensors" else None
    with replacing(path) as file:
        if data is not None:
            file.write(data)
        else:
            _write_npz(arrays, file)
        if file.tell() > LIMIT:
            raise ValueError(
                f"write_arrays: wanted at most {LIMIT:,} bytes, the most that is read, got {file.tell():,}"
            )


def _write_npz(arrays: dict[str, np.ndarray], file: IO[bytes]) -> None:
    """As np.savez does, which however takes arrays called `file` for its own arguments, and would pickle objects."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _writable(name: Any, array: Any, kind: str) -> np.ndarray:
    """The array as it goes into a file of this kind. Raises ValueError if it or its name could not be read again."""

    def wanted(what: str, got: Any) -> ValueError:
        return ValueError(f"write_arrays: wanted {what} for a {kind} file, got {got!s:.60}")

    try:
        nameable = (
            "\0" not in name and len(name.encode()) <= LONGEST and (name, kind) != ("__metadata__", ".safetensors")
        )
    except (TypeError, AttributeError, UnicodeEncodeError):  # no string, or one with half a character
        nameable = False
    if not nameable:
        raise wanted(f"names of at most {LONGEST:,} bytes of Unicode without NUL, and not __metadata__,", repr(name))
    try:
        array = np.asarray(array)
    except ValueError as error:
        raise wanted(f"an array {name}", "rows of different lengths") from error
    dtype = array.dtype
    if dtype.hasobject:
        raise wanted(f"numbers in {name}", f"{dtype}: Object arrays can only be pickled")
    if kind == ".npz":
        description = repr(np.lib.format.dtype_to_descr(dtype))
        if not description.isascii() or len(description) > LONGEST:
            raise wanted(f"records of few fields, named in ASCII, in {name}", dtype)
        return array
    if dtype.str[1:] not in SAFE.values():
        raise wanted(f"bool or numbers of at most 64 bits (.npz takes others) in {name}", dtype)
    return array.astype(dtype.newbyteorder("<"), order="C")


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a file of `write_arrays`, by name; never executes anything from the file.

    From files of others, bfloat16 comes as float32, which has all its numbers. The memory it takes is bounded by the
    size of the file. Raises FileNotFoundError, or ValueError if the file is damaged, compressed or larger than `LIMIT`,
    or holds a kind of number that NumPy does not have.
    """
    kind, path = _kind(path), Path(path)
    if (size := path.stat().st_size) > LIMIT:
        raise ValueError(f"{path!s} has {size:,} bytes, wanted at most {LIMIT:,}: no model of the course is that large")
    data = path.read_bytes()
    read = _from_safetensors if kind == ".safetensors" else _from_npz
    try:
        return read(data)
    except ImportError:
        raise
    except _NotForUs as error:
        raise ValueError(f"{path!s}: {error}") from error
    except Exception as error:  # zipfile, numpy and safetensors have a dozen of their own for damaged bytes
        said = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path!s} is not a whole {kind} file of plain arrays; save it again ({said})") from error


def _from_safetensors(data: bytes) -> dict[str, np.ndarray]:
    tensors = _safetensors().deserialize(data)
    return {name: _numbers(name, tensor["dtype"], tensor["data"]).reshape(tensor["shape"]) for name, tensor in tensors}


def _numbers(name: str, kind: str, data: bytes | bytearray) -> np.ndarray:
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    if kind not in SAFE:
        raise _NotForUs(
            f"wanted numbers that NumPy has in {name}, got {kind}; save it as float32 (F32) where it was made"
        )
    return np.frombuffer(data, f"<{SAFE[kind]}").copy()


def _from_npz(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of an ``.npz`` file, each of which has to be as large as it says before a byte of it is touched."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename.removesuffix(".npy") for entry in entries]
        if len(set(names)) < len(names):
            raise ValueError(f"two arrays of one name among {sorted(names)}")
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            raise _NotForUs(
                "wanted arrays as np.savez writes them, got compressed ones; np.savez them without compression"
            )
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
    return np.ndarray(shape, dtype, data, file.tell(), order="F" if fortran else "C").copy("K")


def _kind(path: str | os.PathLike[str]) -> str:
    kind = Path(path).suffix
    if kind not in (".npz", ".safetensors"):
        raise ValueError(f"wanted a file name ending in .npz or .safetensors, got {path!s}")
    return kind


def _safetensors() -> Any:
    try:
        importlib.import_module("safetensors.numpy")
        return importlib.import_module("safetensors")
    except ImportError as error:
        raise ImportError("files ending in .safetensors need: pip install safetensors; .npz needs nothing") from error


T = TypeVar("T")


def save(tree: Any, path: str | os.PathLike[str]) -> None:
    """Write the arrays of a tree to an ``.npz`` (or ``.safetensors``) file, each under its path in the tree.

    Atomic: the file is written beside its target and then renamed, so an interrupted save leaves the old file whole.
    Raises ValueError for a tree without arrays, a number that is infinite or nan, which `load` would refuse, or a file
    name with another ending.
    """
    arrays = dict(leaves(tree))
    if not arrays:
        raise ValueError(f"save: wanted a tree with arrays, got {tree!r}")
    for name, array in arrays.items():
        if bad := _not_finite(array):
            raise ValueError(f"save: wanted finite numbers, {bad} of {array.size} in {name} are infinite or nan")
    write_arrays(arrays, path)


def load(path: str | os.PathLike[str], like: T) -> T:
    """Read a file written by `save` into a tree built like `like`; never executes anything from the file.

    Raises FileNotFoundError, or ValueError if the file is damaged, if its names, shapes or kinds of number differ, or if
    a number is infinite or not a number.
    """
    found, wanted = read_arrays(path), dict(leaves(like))
    if (names := set(found)) != set(wanted):
        raise ValueError(f"load: {path!s} has arrays {sorted(names)}, wanted {sorted(wanted)}")
    for name, array in wanted.items():
        got = found[name]
        if got.shape != array.shape or got.dtype.kind != array.dtype.kind:
            raise ValueError(f"load: {name} in {path!s} is {got.dtype} {got.shape}, wanted {array.dtype} {array.shape}")
        if bad := _not_finite(got):
            raise ValueError(
                f"load: wanted finite numbers in {name} of {path!s}, got {bad} of {got.size} infinite or nan"
            )
    arrays = iter(found[name] for name in wanted)
    return tree_map(lambda _: next(arrays), like)


def _not_finite(array: Array) -> int:
    """How many of its numbers are infinite or nan."""
    return int(array.size - np.isfinite(array).sum()) if array.dtype.kind in "fc" else 0
