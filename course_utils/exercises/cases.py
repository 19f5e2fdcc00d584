"""Does an answer do in further cases what the reference does there?"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from course_utils.exercises.answers import NotYet, call, names_of
from course_utils.exercises.arguments import a, copied, described, handed, kept
from course_utils.exercises.comparing import agree
from course_utils.exercises.returned import MANY
from course_utils.tree import Tree

BY_HEART = "is a number of the example written into it, or something kept from call to call?"


def compare(got: Any, want: Any, what: str = "the result") -> None:
    """NotYet unless `got` is what is wanted: numbers, text, or several of them in a tuple, a list or a dictionary."""
    if isinstance(want, list | tuple | Tree):
        parts, want = _parts(got), tuple(want)
        if len(parts) != len(want):
            raise NotYet(f"{what}: wanted {len(want)} things, got {len(parts)}.", generic=True)
        for k, (part, right) in enumerate(zip(parts, want, strict=True)):
            compare(part, right, f"part {k + 1} of {what}")
    elif isinstance(want, dict):
        if not isinstance(got, dict) or got.keys() != want.keys():
            keys = f"the keys {sorted(map(str, got))}" if isinstance(got, dict) else a(type(got))
            wanted = f"a dictionary with the keys {sorted(map(str, want))}"
            raise NotYet(f"{what}: wanted {wanted}, got {keys}."[:300], generic=True)
        for key in want:
            compare(got[key], want[key], f"what {key!r} leads to in {what}")
    elif isinstance(want, str):
        if got != want:
            raise NotYet(f"{what}: got {got!r:.60}, wanted {want!r:.60}.", generic=True)
    else:
        agree(got, want, what)


def _parts(got: Any) -> tuple[Any, ...]:
    if isinstance(got, Iterator):
        return tuple(islice(got, MANY))
    if isinstance(got, list | tuple | Tree) or (isinstance(got, np.ndarray) and got.ndim):
        return tuple(got)
    return (got,)


def again(
    answer: Callable[..., Any], reference: Callable[..., Any], *cases: tuple[Any, ...], named: str = "", hint: str = ""
) -> None:
    """NotYet unless the answer does what the reference does in other cases, of other sizes, too, and twice the same.

    `named` says in words what is special about them ("a batch of one"). AssertionError if the reference gives nan, which
    is never wanted.
    """
    for number, case in enumerate(cases):
        case = tuple(map(kept, case))  # an iterator is read several times here
        want = reference(*map(handed, copied(case)))
        if _has_nan(want):
            raise AssertionError(f"again: the reference gives nan for ({described(case)})")
        try:
            first = call(answer, *case)
            second = call(answer, *case) if number == 0 else None
        except NotYet as no:
            raise NotYet(f"right for the first example; with {named or 'another one'} {no.what}", no.hint) from no
        try:
            compare(first, want)
        except NotYet as no:
            what = f"right for the first example, but not for {named or 'another one'}: ({described(case)}). {no.what}"
            own = f"call it yourself with {described(case, names_of(answer, case))}"
            raise NotYet(what, hint or (own if named else BY_HEART), generic=True) from no
        if number:
            continue
        try:
            compare(second, want)
        except NotYet as no:
            what = f"right once, but not when called again with the same arguments, ({described(case)}). {no.what}"
            raise NotYet(what, "what does it keep from call to call? make new arrays inside the function") from no


def edge(
    words: str, answer: Callable[..., Any], reference: Callable[..., Any], *arguments: Any, hint: str = ""
) -> None:
    """`again` for one case that the text allows and many forget, named in words: "one feature, a batch of one"."""
    again(answer, reference, arguments, named=words, hint=hint)


def _has_nan(value: Any) -> bool:
    if isinstance(value, list | tuple | Tree):
        return any(map(_has_nan, value))
    if isinstance(value, dict):
        return any(map(_has_nan, value.values()))
    return np.asarray(value).dtype.kind in "fc" and bool(np.isnan(value).any())
