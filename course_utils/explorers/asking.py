"""Functions that ask for what they need by the names of their parameters, and what is computed for them, once per state."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from inspect import signature
from typing import Any, NamedTuple

KEPT = 256
"""So many results of each function are kept: sliders go back and forth, and several functions ask for the same."""


class Question(NamedTuple):
    """A function, the names it asks for, and the controls on whose values its answer rests, directly or not."""

    function: Callable[..., Any]
    names: tuple[str, ...]
    controls: tuple[str, ...]


class Answers:
    """What can be asked for: values of controls, and what is computed from them.

    compute: pure functions by the name of what they compute. Each may ask for controls and for what stands above it; its
    results are kept by exactly the values of the controls that they rest on.
    """

    def __init__(self, controls: Collection[str], compute: Mapping[str, Callable[..., Any]]) -> None:
        self._rests: dict[str, tuple[str, ...]] = {name: (name,) for name in controls}
        self._computed: dict[str, Callable[..., Any]] = {}
        for name, function in compute.items():
            question = self.question(function)
            self._rests[name], self._computed[name] = question.controls, self._kept(question)

    def question(self, function: Callable[..., Any], *given: str) -> Question:
        """What `function` asks for: its parameters without a default. Those in `given` come with the call.

        Raises ValueError if it asks for something else than controls, computed things and `given`.
        """
        names = tuple(name for name, one in signature(function).parameters.items() if one.default is one.empty)
        if unknown := [name for name in names if name not in (*self._rests, *given)]:
            raise ValueError(f"Explorer: wanted functions that ask for some of {[*self._rests, *given]}, got {unknown}")
        controls = dict.fromkeys(control for name in names if name not in given for control in self._rests[name])
        return Question(function, names, tuple(controls))

    def answer(self, question: Question, state: Mapping[str, Any], **given: Any) -> Any:
        """Call the function with what it asks for, while the controls have the values `state`."""
        asked = {name: given[name] if name in given else self._value(name, state) for name in question.names}
        return question.function(**asked)

    def _value(self, name: str, state: Mapping[str, Any]) -> Any:
        if name not in self._computed:
            return state[name]
        return self._computed[name](*(state[control] for control in self._rests[name]))

    def _kept(self, question: Question) -> Callable[..., Any]:
        @lru_cache(maxsize=KEPT)
        def work_out(*values: Any) -> Any:
            return self.answer(question, dict(zip(question.controls, values, strict=True)))

        return work_out
