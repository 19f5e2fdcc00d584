"""What an exercise is: an id, a way to look at an answer, hints, and a reference solution.

A chapter's file (``exercises/lstm.py`` for chapter 09) holds, for each exercise, the reference as an ordinary function, the
plausible mistakes, and a *diagnosis*: a function that takes the learner's answer, tries it on inputs that tell the mistakes
apart, and raises `NotYet` with the name of the first that it recognises. A mistake is the reference with a piece of its source
replaced (a `Slip`, in `exercises.slips`), and stands in one line with what is said of it. ``EXERCISES`` lists them::

    def one_hot(tokens, V):                          # the reference; `solution` shows its source
        return np.eye(V)[tokens]

    mistakes_in_one_hot = Diagnosis(one_hot, lambda: (np.array([1, 0, 1]), 3), "the one-hot vectors", slips=(
        Slip("[tokens]", "[tokens - 1]", "every 1 stands one place too far left: tokens count from 0.", "tokens[t]"),
        Slip("[tokens]", "[tokens[::-1]]", "the steps are in reverse order.", "row t belongs to tokens[t]"),
    ))

    def diagnose_one_hot(answer):
        mistakes_in_one_hot(answer)                       # NotYet with the name of a slip, or where they differ first
        again(answer, one_hot, (np.array([0, 2, 2]), 4))  # NotYet if it was made for the example above
        edge("an empty text", answer, one_hot, np.array([], int), 3)  # the same, named in words

    EXERCISES = (Exercise("01.3", "one-hot times W", one_hot, diagnose_one_hot, hints=("...", "...")),)

What no piece of source can say (a wrong kind, a result that was kept, several numbers of things) a diagnosis looks for itself::

    got = call(answer, np.array([1, 0]), 3)          # NotYet if it raises, or changes its inputs
    same_shape(got, (2, 3))                          # NotYet if the shape differs
    if close(got, got.astype(int)):
        raise NotYet("...", "...")
    agree(got, expected)                             # NotYet with where they differ first

What a diagnosis can rely on:

* It runs in a `plain_session`: the same error state, warning filters, print options and seeds whatever the learner has set.
* `call` hands over copies and copies the result; iterators among the arguments stay iterators, and are kept for a second
  reading. It names the argument that was changed and the operator, wrong numbers of arguments, and the line of an error.
* `several(got, "dx and dh", 2)` says "got 3", and names the one that is None; generators are taken as tuples.
* `close` and `agree` compare relatively: each number with itself, and with the largest of the array.
* `agree` knows zeros that were never filled, cut-off fractions, nan and inf, complex numbers, and single precision.
* `again(answer, reference, *cases, named="", hint="")` says which case, and what differs; every first case runs twice.
  ``edge("one feature, a batch of one", answer, reference, *arguments, hint="")`` is one such case with a name.
  `compare(got, want)` is what both do with a result: tuples, dictionaries, text and numbers.
* What is not right is looked at once more with `close` loosened to 1e-5. If the first message had no name
  (``NotYet(..., generic=True)``, as from `agree`, `again` and `edge`) and the second has one, that is shown: a float32 must
  not hide it. If all is right then, the hint says so. Right is only what the first look finds right.
* If the diagnosis stumbles over an odd result, the result is set beside that of the reference: "two things came back".

Nothing that is printed holds an address, a time or unstable digits, so a notebook with checks passes nbval.
"""

import textwrap
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

from course_utils.exercises.answers import Look, NotYet, call, looking
from course_utils.exercises.arguments import a, copied, handed
from course_utils.exercises.cases import again, compare, edge
from course_utils.exercises.comparing import agree, close, loosened
from course_utils.exercises.returned import same_shape, several
from course_utils.exercises.session import plain_session
from course_utils.exercises.source import plain
from course_utils.shapes import expect_whole

# what a chapter's file needs for its diagnoses, in one place, whichever of the small files holds it
__all__ = ["Exercise", "NotYet", "again", "agree", "call", "close", "compare", "edge", "same_shape", "several"]


@dataclass(frozen=True)
class Exercise:
    """One exercise; `praise` says what a right answer has shown."""

    id: str
    title: str
    reference: Callable[..., Any]
    diagnose: Callable[[Callable[..., Any]], None]
    hints: tuple[str, ...]
    praise: str = "It agrees with the reference on every case tried."

    def verdict(self, answer: Any) -> tuple[bool, str]:
        """Is the answer right, and what to tell the learner."""
        if not callable(answer):
            return False, _page(
                f"✗ {self.id} {self.title}: not yet.",
                f"check wants your function itself, without calling it; it got {a(type(answer))}.",
            )
        no = self._look(answer)
        if no:
            no = self._look_again(answer, no)
            return False, _page(f"✗ {self.id} {self.title}: not yet.", no.what, no.hint and f"Try: {no.hint}")
        return True, _page(f"✓ {self.id} {self.title}: right.", self.praise)

    def _look(self, answer: Callable[..., Any]) -> NotYet | None:
        """What is wrong, as seen from a session with nothing set."""
        with plain_session(), looking(answer, self.reference) as look:
            try:
                self.diagnose(answer)
            except NotYet as no:
                return no
            except (Exception, SystemExit) as error:  # a result so odd that the diagnosis stumbled over it
                return _stumbled(look, error)
        return None

    def _look_again(self, answer: Callable[..., Any], first: NotYet) -> NotYet:
        """What is wrong if single precision is good enough: a float32 somewhere must not hide a mistake that has a name."""
        with loosened(), redirect_stdout(StringIO()):
            second = self._look(answer)
        if second is None and "single precision" not in first.what:
            return NotYet(
                first.what,
                f"{first.hint or 'look at the digits'}. In single precision all would be right: "
                "is there a float32 in it?",
            )
        return second if second and first.generic and not second.generic else first

    def hint(self, level: int) -> str:
        """Hint number `level`, from 1 on."""
        expect_whole("hint", level=level)
        if level > len(self.hints):
            raise ValueError(f"hint: wanted one of the {len(self.hints)} hints of exercise {self.id}, got {level}")
        more = (
            f'hint("{self.id}", {level + 1}) says more.'
            if level < len(self.hints)
            else f'solution("{self.id}") shows the reference.'
        )
        return _page(f"Hint {level} of {len(self.hints)} for {self.id}:", self.hints[level - 1], more)

    def solution(self) -> str:
        """The source of the reference, without type hints, so that it runs where it is pasted."""
        return plain(self.reference)


def _stumbled(look: Look, error: BaseException) -> NotYet:
    """What is odd about the last result, seen beside what the reference gives for the same arguments."""
    try:
        compare(look.got, look.reference(*map(handed, copied(look.given))))
    except NotYet as no:
        return no
    except Exception:  # even so
        pass
    return NotYet(
        f"what your function returned, {a(type(look.got))}, is of another kind than wanted (comparing it met "
        f"{a(type(error))}).",
        "print what it returns and compare its type and shape with what the exercise asks for",
    )


def _page(*lines: str) -> str:
    return "\n".join(textwrap.fill(line, 100, subsequent_indent="  ") for line in lines if line)
