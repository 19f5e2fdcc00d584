"""Calling a learner's function: what it was given, what it did to that, and what it died of."""

import inspect
import linecache
import re
import textwrap
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from course_utils.exercises.arguments import copied, described, handed, kept, unchanged
from course_utils.exercises.writes import write_into


class NotYet(Exception):
    """What is wrong with an answer, and what to try. Shown to the learner, never raised at them.

    `generic` says that no mistake was recognised: the numbers differ, that is all.
    """

    def __init__(self, what: str, hint: str = "", *, generic: bool = False) -> None:
        super().__init__(what)
        self.what, self.hint, self._generic = what, hint, generic

    @property
    def generic(self) -> bool:
        """Of one raised `from` another, what that one says."""
        return self._generic or (isinstance(self.__cause__, NotYet) and self.__cause__.generic)


@dataclass
class Look:
    """One look at an answer: what it should do, and the last call of it."""

    answer: Callable[..., Any]
    reference: Callable[..., Any]
    given: tuple[Any, ...] = ()
    got: Any = None


_LOOK: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def looking(answer: Callable[..., Any], reference: Callable[..., Any]) -> Iterator[Look]:
    """Lets `call` know whose answer it is, and what it should do."""
    token = _LOOK.set(look := Look(answer, reference))
    try:
        yield look
    finally:
        _LOOK.reset(token)


def call(answer: Callable[..., Any], *arguments: Any) -> Any:
    """The answer's result on copies of the arguments; it shares no number with what the answer keeps.

    NotYet if the answer takes another number of arguments, raises, returns None, or changes what it was given. Iterators
    among the arguments are handed over as such, and can be read once.
    """
    _fits(answer, arguments)
    given = tuple(map(kept, arguments))
    copies = copied(given)
    try:
        got = answer(*map(handed, copies))
    except NotYet:
        raise
    except (Exception, SystemExit) as error:  # exit() would end the kernel
        raise NotYet(
            _death(answer, error), f"call it yourself with {described(given, names_of(answer, given))}"
        ) from error
    if changed := [k for k in range(len(given)) if not _unchanged(copies[k], given[k])]:
        raise _changed(answer, given, changed)
    if inspect.iscoroutine(got):
        got.close()
        raise NotYet("your function begins with `async def`: calling it does not run it.", "def, without async")
    if got is None:
        what = f"your function returned nothing for ({described(given)})."
        raise NotYet(what, "end every way through it with `return ...`")
    got = copied(got)
    if look := _LOOK.get():
        look.given, look.got = given, got
    return got


def names_of(answer: Callable[..., Any], arguments: Sequence[Any]) -> list[str]:
    """What the learner calls each of these arguments; else what the reference calls it, else its place."""
    look = _LOOK.get()
    own, wanted = _positional(answer), _positional(look.reference) if look else []
    if len(wanted) != len(arguments):
        wanted = [f"argument {k + 1}" for k in range(len(arguments))]
    return (own + wanted[len(own) :])[: len(arguments)]


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except Exception:  # built in, or odd
        return None


def _positional(function: Callable[..., Any]) -> list[str]:
    signature = _signature(function)
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [name for name, one in signature.parameters.items() if one.kind in kinds] if signature else []


def _fits(answer: Callable[..., Any], arguments: Sequence[Any]) -> None:
    """NotYet if the answer cannot be called with so many arguments."""
    signature = _signature(answer)
    if signature is None:
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        own, wanted = _positional(answer), _positional(look.reference) if (look := _LOOK.get()) else []
        names = f": ({', '.join(wanted)})" if len(wanted) == len(arguments) else ""
        takes = f"{len(own)} argument{'s'[: len(own) != 1]} ({', '.join(own)})" if own else "no arguments"
        if needed := [
            k for k, one in signature.parameters.items() if one.kind is one.KEYWORD_ONLY and one.default is one.empty
        ]:
            takes += f" and, by name, {', '.join(needed)}"
        raise NotYet(
            f"your function takes {takes}, wanted {len(arguments)}{names}.",
            "write its first line as the exercise has it",
        ) from error


def _death(answer: Callable[..., Any], error: BaseException) -> str:
    """What an error says, and the last line of the learner's own that led to it."""
    try:
        said = re.sub(r" at 0x[0-9a-fA-F]+", "", textwrap.shorten(str(error), 300)).rstrip(".")
    except Exception:  # even that can fail
        said = ""
    learners = look.answer if (look := _LOOK.get()) else answer  # a diagnosis may have wrapped it
    own, line = getattr(inspect.unwrap(learners), "__globals__", None), ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_globals is own:
            line = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
    where = f", in the line `{textwrap.shorten(line, 80, placeholder=' ...')}`" if line.strip() else ""
    return f"your function stopped with {type(error).__name__}{said and ': '}{said}{where}."


def _unchanged(one: Any, other: Any) -> bool:
    try:
        return unchanged(one, other)
    except Exception:  # something odd stands where a number stood
        return False


def _changed(answer: Callable[..., Any], given: Sequence[Any], which: Sequence[int]) -> NotYet:
    """Which arguments were changed, and by what."""
    names, said, hints = names_of(answer, given), [], []
    for k in which:
        thing = "the array" if hasattr(given[k], "shape") else "what"
        found = write_into(answer, names[k])
        if found is None:
            said.append(f"{names[k]} was changed.")
            hints.append("work on a copy, or build a new array")
        else:
            pattern, line, instead = found
            said.append(
                f"{names[k]} was changed: `{pattern}` writes into {thing} you were given, in the line `{line}`."
            )
            hints.append(instead)
    return NotYet(f"your function changed what it was given. {' '.join(said)}", "; ".join(dict.fromkeys(hints)))
