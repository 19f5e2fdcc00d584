"""Mistakes as what they are: the reference with one piece of its source replaced, and what to say about that.

``Slip("f * c + i * c_tilde", "i * c + f * c_tilde", "the two gates are swapped.", "f acts on the old cell")`` is at once
the wrong answer that a test gives, the numbers that a check recognises, and the message that the learner reads.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from course_utils.exercises.answers import NotYet, call
from course_utils.exercises.arguments import copied
from course_utils.exercises.comparing import agree, close
from course_utils.exercises.returned import names_in, same_shape, several, shape_of
from course_utils.exercises.source import plain
from course_utils.tree import Array

Answer = Callable[..., Any]
Results = tuple[Array, ...]


@dataclass(frozen=True)
class Instead:
    """A wrong answer as a function of its own, where a replaced piece of the reference cannot say it.

    `what` is wrong with it, and a `hint`. `whole`: it says something of all results ("the two are swapped"), so it is named
    only where all of them are as it has them.
    """

    answer: Answer
    what: str
    hint: str = ""
    whole: bool = False

    def of(self, reference: Answer) -> Answer:
        """The wrong function."""
        return self.answer


@dataclass(frozen=True)
class Slip:
    """In the reference, `old` (which stands there exactly once) becomes `new`; several pairs are several edits at once.

    The reference is read as `solution` shows it, without type hints. `what`, `hint` and `whole` are as in `Instead`.
    """

    old: str | tuple[str, ...]
    new: str | tuple[str, ...]
    what: str
    hint: str = ""
    whole: bool = False

    @property
    def edits(self) -> list[tuple[str, str]]:
        """Pairs of old and new."""
        if isinstance(self.old, str) and isinstance(self.new, str):
            return [(self.old, self.new)]
        return list(zip(self.old, self.new, strict=True))

    def of(self, reference: Answer) -> Answer:
        """The wrong function. Raises ValueError unless each `old` stands in the source exactly once."""
        source = plain(reference)
        for k, (old, _) in enumerate(self.edits):
            if source.count(old) != 1:
                raise ValueError(f"Slip: wanted {old!r} once in {reference.__name__}, got it {source.count(old)} times")
            source = source.replace(old, f"\0{k}\0")  # what is put in must not be found by the next edit
        for k, (_, new) in enumerate(self.edits):
            source = source.replace(f"\0{k}\0", new)
        space = dict(inspect.unwrap(reference).__globals__)
        exec(source, space)
        return space[reference.__name__]


def slips(old: str, hint: str, mistakes: Mapping[str, str], said: str = "{}") -> Iterator[Slip]:
    """What can stand in place of `old`: each with what is wrong about it, as part of what is `said`, and one hint for all."""
    return (Slip(old, new, said.format(what), hint) for new, what in mistakes.items())


def two_at_once(reference: Answer, mistakes: Sequence[Slip]) -> Iterator[Slip]:
    """Each two of these mistakes that concern different pieces of the reference."""
    source = plain(reference)
    for one, other in combinations(mistakes, 2):
        edits = one.edits + other.edits
        places = [k for old, _ in edits for k in range(source.index(old), source.index(old) + len(old))]
        if len(places) == len(set(places)):
            old, new = zip(*edits, strict=True)
            yield Slip(old, new, f"two mistakes at once: {one.what} {other.what}", f"{one.hint}; {other.hint}")


@dataclass(frozen=True)
class Part:
    """A part of the results to be compared on its own: its name, how to take it from them, a hint if it differs."""

    name: str
    of: Answer
    hint: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Names the slip that gives what an answer gives for one case.

    The case is `given()`, a tuple of arguments; `results` names what the reference returns ("h and c", or one name);
    `parts` are looked at in this order, that of cause. Without them, each result is a part, with the same `hint`. Numbers
    agree up to the `tolerance` of `close`. Where several calls are looked at together, `ask` makes them and puts their
    results into an array.
    """

    reference: Answer
    given: Callable[[], tuple[Any, ...]]
    results: str
    slips: tuple[Slip | Instead, ...]
    parts: tuple[Part, ...] = ()
    hint: str = ""
    tolerance: float = 1e-9
    ask: Callable[[Answer], Any] | None = None

    def __call__(self, answer: Answer) -> None:
        """NotYet unless the answer is right for this case."""
        self.name(self.ask(answer) if self.ask else call(answer, *self.given()))

    def name(self, result: Any) -> None:
        """NotYet unless this is what the reference gives: with a slip that explains it, or else with where it differs.

        First comes a slip that explains everything, then one that explains all up to the first part that differs. What
        comes after that part may be anything: it depends on it, or there is another mistake in it.
        """
        got = several(result, self.results, len(self.names)) if len(self.names) > 1 else (result,)
        self.explain(got)
        for k, (name, right) in enumerate(zip(self.names, self.want, strict=True)):
            if shape_of(got[k]) != right.shape:  # so may that of a slip
                _say(slip for slip, wrong in self.wrong if not slip.whole and self._close(got[k], wrong[k]))
            same_shape(got[k], right.shape, name)
        here, want = self._apart(tuple(map(np.asarray, got))), self._apart(self.want)
        for k, name in enumerate(want, 1):
            if not self._close(here[name], want[name]):
                so_far = list(want)[:k]
                _say(slip for slip, wrong in self.wrong_parts if all(self._close(here[n], wrong[n]) for n in so_far))
                break
        for part in self.all_parts:
            agree(here[part.name], want[part.name], part.name, part.hint, self.tolerance)

    def explain(self, got: tuple[Any, ...]) -> None:
        """NotYet if a slip gives just these results."""
        if not self._same(got, self.want):
            _say(slip for slip, wrong in self.wrong if self._same(got, wrong))

    @cached_property
    def names(self) -> list[str]:
        """Of the results."""
        return names_in(self.results) if isinstance(self._run(self.reference), tuple) else [self.results]

    @cached_property
    def want(self) -> Results:
        """What the reference gives."""
        return self._results(self.reference)

    @cached_property
    def wrong(self) -> list[tuple[Slip | Instead, Results]]:
        """What comes of each slip."""
        return [(slip, self._results(slip.of(self.reference))) for slip in self.slips]

    @cached_property
    def wrong_parts(self) -> list[tuple[Slip | Instead, dict[str, Array]]]:
        """What comes of each slip that may be seen in a part alone."""
        shapes = [right.shape for right in self.want]
        fit = [(slip, wrong) for slip, wrong in self.wrong if [one.shape for one in wrong] == shapes]
        return [(slip, self._apart(wrong)) for slip, wrong in fit if not slip.whole]

    @cached_property
    def all_parts(self) -> tuple[Part, ...]:
        alone = (Part(name, lambda *got, k=k: got[k], self.hint) for k, name in enumerate(self.names))
        return self.parts or tuple(alone)

    def _close(self, got: Any, want: Any) -> bool:
        return close(got, want, self.tolerance)

    def _same(self, got: tuple[Any, ...], want: Results) -> bool:
        return all(map(self._close, got, want))

    def _apart(self, results: Results) -> dict[str, Array]:
        return {part.name: np.asarray(part.of(*results)) for part in self.all_parts}

    def _run(self, answer: Answer) -> Any:
        return self.ask(answer) if self.ask else answer(*copied(self.given()))

    def _results(self, answer: Answer) -> Results:
        result = self._run(answer)
        return tuple(map(np.asarray, result)) if len(self.names) > 1 else (np.asarray(result),)


def _say(found: Iterable[Slip | Instead]) -> None:
    """NotYet with the first of these slips, if there is one."""
    for slip in found:
        raise NotYet(slip.what, slip.hint)
