"""One check for every array that comes from outside: does it have the axes its name promises?"""

from typing import Any, Literal

import numpy as np

from course_utils.tree import Array

KINDS = {"float": "f", "int": "iu", "bool": "b"}


def expect(
    array: Any, axes: str, *, what: str = "x", where: str, kind: Literal["float", "int", "bool"] = "float", **sizes: int
) -> Array:
    """Return `array` if it has the `axes`, the `kind` of numbers and the `sizes` asked for, else raise ValueError.

    `axes` names them in order; one of them may be starred for "any number of axes here", as in ``"T *B D"``. A named
    axis whose size is given must have it: ``expect(x, "T *B D", where="Linear.forward", D=5)``.
    """
    names = axes.split()
    array = np.asarray(array)
    wanted = " ".join(f"{name}={sizes[name]}" if name in sizes else name for name in names)
    if array.dtype.kind not in KINDS[kind]:
        raise ValueError(f"{where}: wanted {what} of {kind} numbers ({wanted}), got dtype {array.dtype}")
    star = next((k for k, name in enumerate(names) if name.startswith("*")), None)
    fits = array.ndim == len(names) if star is None else array.ndim >= len(names) - 1
    if fits:
        after = 0 if star is None else len(names) - star - 1
        head = names if star is None else names[:star]
        tail = names[len(names) - after :]
        named = dict(zip(head, array.shape, strict=False)) | dict(
            zip(tail, array.shape[array.ndim - after :], strict=True)
        )
        fits = all(named[name] == size for name, size in sizes.items())
    if not fits:
        raise ValueError(f"{where}: wanted {what} with axes ({wanted}), got shape {array.shape}")
    return array
