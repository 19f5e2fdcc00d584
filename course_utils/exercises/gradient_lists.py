"""Gradients that come as several arrays: comparing them, and the kinds of iterables that may hold them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from course_utils.exercises.arguments import a
from course_utils.exercises.exercise import NotYet, agree, call, close, same_shape
from course_utils.tree import Array

KINDS: dict[str, Callable[[Sequence[Array]], Iterable[Array]]] = {
    "a generator": lambda gradients: (g for g in gradients),
    "a tuple": tuple,
    "an iterator, iter(list)": lambda gradients: iter(list(gradients)),
    "a map": lambda gradients: map(np.asarray, gradients),
    "the values of a dictionary": lambda gradients: dict(enumerate(gradients)).values(),
}
"""What gradients may come as, besides a list. All but the tuple and the dictionary's values can be read only once."""


def arrays_like(got: Any, like: Sequence[Array], what: str = "") -> list[Array]:
    """The answer as a list of arrays shaped like the gradient, else NotYet."""
    if isinstance(got, tuple) and got and isinstance(got[0], list | tuple):
        raise NotYet(f"{len(got)} things came back; wanted the list of clipped arrays alone.", "return the list only")
    if not isinstance(got, list | tuple):
        raise NotYet(f"wanted a list of arrays, got {a(type(got))}.", "return [... for g in ...]")
    if len(got) != len(like):
        raise NotYet(f"wanted {len(like)} arrays{what and ' ' + what}, got {len(got)}.", "one for each array given")
    return [same_shape(g, h.shape, f"array {k}") for k, (g, h) in enumerate(zip(got, like, strict=True))]


def all_close(got: Sequence[Array], want: Sequence[Array]) -> bool:
    return all(map(close, got, want))


def all_agree(got: Sequence[Array], want: Sequence[Array], what: str, hint: str = "") -> None:
    for k, (one, other) in enumerate(zip(got, want, strict=True)):
        agree(one, other, f"{what}, array {k}", hint)


def diagnose_kind(
    answer: Callable[..., Any], clip: Callable[..., list[Array]], kind: str, long: list[Array], c: float
) -> None:
    """Does `answer` clip gradients that come as this kind of iterable, and leave them as they are?"""
    own = False

    def given_this_kind(gradients: list[Array], c: float) -> Any:
        """The answer on another kind of iterable, and whether it wrote into its arrays or returns them as they are."""
        nonlocal own
        before = [g.copy() for g in gradients]
        result = answer(KINDS[kind](gradients), c)
        if not all_close(gradients, before):
            raise NotYet(
                f"the arrays that {kind} handed out were changed: `g *= scale` writes into the caller's gradient.",
                "make new arrays: g * scale",
            )
        if isinstance(result, list | tuple):
            parts = [g for g in result if isinstance(g, np.ndarray)]
            own = any(np.shares_memory(one, other) for one in parts for other in gradients)
        return result

    try:
        raw = call(given_this_kind, long, c)
    except NotYet as no:
        hint = no.hint if "handed out" in no.what else "begin with arrays = list(gradients), and use that list only"
        raise NotYet(f"given {kind}, {no.what}", hint) from no
    if isinstance(raw, Iterator):
        raise NotYet(
            "you returned a generator: whoever reads it twice, to print its norm and then to step, finds it empty.",
            "return a list",
        )
    if isinstance(raw, list | tuple) and len(raw) < len(long):
        raise NotYet(
            f"for {kind} of {len(long)} gradients you returned {len(raw)}: taking the norm used it up, and the other "
            "loop found it empty. No error, no training.",
            "turn what you are given into a list first: arrays = list(gradients)",
        )
    got = arrays_like(raw, long, f"of {kind}")
    if all_close(got, long):
        raise NotYet(
            f"for {kind} of gradients they come back unclipped: something used it up before the norm was taken, "
            "and the norm of nothing is 0.",
            "turn whatever you are given into a list once, and use that list for the norm and for the result",
        )
    all_agree(
        got, clip(long, c), f"for {kind}, the clipped gradient", "it must be what a list of the same arrays gives"
    )
    for words, short in (("small gradients", [g * 0.01 for g in long]), ("gradients of zeros", [0 * g for g in long])):
        got = arrays_like(call(given_this_kind, short, c), long, f"of {kind}")
        all_agree(got, short, f"for {kind} of {words}", "shorter than c: nothing changes, and nothing is divided by 0")
        if own:
            raise NotYet(
                f"{words} come back as the caller's own arrays, large ones as new ones: who writes into the result "
                "sometimes writes into the caller's gradient.",
                "copy in this case too: g.copy(), or g * 1.0",
            )
