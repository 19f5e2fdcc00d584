"""Exercises of chapter 11: reversing padded sequences, two passes side by side, the way back, and spotting a leak."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from course_utils.exercises.arguments import a
from course_utils.exercises.exercise import Exercise, NotYet, again, agree, call, close, edge
from course_utils.exercises.returned import shape_of
from course_utils.exercises.slips import Diagnosis, Part, Slip, slips
from course_utils.layers.rnn import RNN
from course_utils.tree import Array

Pass = Callable[[Array], Array]


def reverse_padded(x: Float[Array, "T B D"], mask: Bool[Array, "T B"]) -> Float[Array, "T B D"]:
    reversed_x = np.zeros_like(x)
    for b in range(x.shape[1]):
        real = mask[:, b]
        reversed_x[real, b] = x[real, b][::-1]
    return reversed_x


def _padded() -> tuple[Array, Array]:
    mask = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1], [1, 1, 0], [1, 0, 0]], bool)
    return np.where(mask[..., None], np.random.default_rng(1).normal(size=(5, 3, 2)), 0), mask


PUT_BACK = "reverse only x[mask[:, b], b], and put it back where it was"
NO_LENGTHS = "do not count lengths: index with mask[:, b], wherever it is true"

mistakes_in_reverse = Diagnosis(
    reverse_padded, _padded, "the result",
    parts=(Part("the reversed batch (padding at the back)", lambda x: x, "sequence by sequence, only the real steps"),),
    slips=(
        Slip("return reversed_x", "return x", "nothing was reversed, which is what the stub did.",
             "begin with one sequence, x[:, 0]"),
        *slips("return reversed_x", PUT_BACK, {
            "return x[::-1]": "the padding was reversed as well: now it stands in front, and a pass would read it before the "
                              "text.",
            "return x[::-1] * mask[..., None]": "the sequences were reversed with their padding and then masked: the beginnings "
                                                "of the short ones are lost.",
        }),
        *(Slip("return reversed_x", f"return {y}[{axes}]", f"you reversed {what}.", "time is the first axis")
          for y in ("x", "reversed_x")
          for axes, what in ((":, ::-1", "the sequences of the batch"), ("..., ::-1", "the features"))),
        Slip("return reversed_x", "n = mask.sum(axis=0).min()\n    return np.concatenate([x[:n][::-1], x[n:]])", "every "
             "sequence was reversed as if it were as short as the shortest.", "each has its own mask[:, b]"),
    ),
)  # fmt: skip


def diagnose_reverse(answer: Callable[..., Any]) -> None:
    mistakes_in_reverse(answer)
    (x, mask), want, rng = _padded(), mistakes_in_reverse.want[0], np.random.default_rng(10)
    filled = x + ~mask[..., None] * 9.0
    if close(call(answer, filled, mask), want + filled - x):
        raise NotYet("what stood at padded steps came along.", "padded steps hold 0: start from np.zeros_like(x)")
    agree(call(answer, filled, mask), want, "the batch with 9 at padded steps", "use the mask, not x")
    front = mask[::-1]
    want = reverse_padded(x[::-1], front)
    agree(call(answer, x[::-1], front), want, "the batch with padding at the front", NO_LENGTHS)
    mask = np.arange(6)[:, None] < [6, 2, 4, 5, 3]
    again(answer, reverse_padded, (np.where(mask[..., None], rng.normal(size=(6, 5, 3)), 0), mask))
    holes = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 1]], bool)
    x = np.where(holes[..., None], rng.normal(size=(4, 3, 2)), 0)
    edge("padding in the middle", answer, reverse_padded, x, holes, hint=NO_LENGTHS)
    edge("one step, one sequence, one feature", answer, reverse_padded, np.full((1, 1, 1), 3.0), np.ones((1, 1), bool))
    x, mask = rng.normal(size=(4, 2, 1)), np.array([[1, 0], [1, 0], [1, 0], [1, 0]], bool)
    edge("a sequence that is nothing but padding", answer, reverse_padded, np.where(mask[..., None], x, 0), mask)
    x, hint = np.where(mask[..., None], x, np.nan), "0 * nan is nan: index with the mask instead of multiplying by it"
    edge("padding that holds nan", answer, reverse_padded, x, mask, hint=hint)


def both_directions(
    x: Float[Array, "T *B D"], from_left: Callable[[Array], Array], from_right: Callable[[Array], Array]
) -> Float[Array, "T *B features"]:
    left = from_left(x)
    right = from_right(x[::-1])[::-1]
    return np.concatenate([left, right], axis=-1)


def _two_readers() -> tuple[Any, ...]:
    rng = np.random.default_rng(2)
    return rng.normal(size=(4, 2, 3)), _reader(3, 2, rng), _reader(3, 3, rng)


HALVES, FROM_RIGHT = "np.concatenate([left, right], axis=-1)", "from_right(x[::-1])[::-1]"
TIME = "time is the first axis: x[::-1]"

mistakes_in_both = Diagnosis(
    both_directions, _two_readers, "the result",
    parts=(
        Part("the first half, from the left", lambda y: y[..., :2], "from_left(x), as it is"),
        Part("the second half, from the right", lambda y: y[..., 2:], FROM_RIGHT),
    ),
    slips=(
        Slip(HALVES, "np.concatenate([right, left], axis=-1)", "the order of the halves is swapped: the pass from the left comes "
             "first.", "[left, right]", whole=True),
        Slip(HALVES, f"0 * {HALVES}", "all features are 0, which is what the stub did.", "left = from_left(x)", whole=True),
        *(Slip("from_left(x)", wrong, "the pass from the left was given x from its end; only the other one is.",
               "left = from_left(x)") for wrong in ("from_left(x[::-1])", "from_left(x[::-1])[::-1]")),
        *(Slip(FROM_RIGHT, wrong, what, hint) for wrong, what, hint in (
            ("from_right(x)", "the second pass read from the left, too.", "give it x[::-1]"),
            ("from_right(x)[::-1]", "the second pass read from the left, and its states were reversed afterwards: at step t "
             "stands what it knew at another word.", "reverse what it reads and what it returns"),
            ("from_right(x[::-1])", "the second pass read the right way, but its states stand in the order of reading: the "
             "first row belongs to the last word.", f"turn its result round: {FROM_RIGHT}"),
            ("from_right(x[..., ::-1])", "you reversed the features instead of time.", TIME),
            ("from_right(x[:, ::-1])", "you reversed the sequences of the batch instead of time.", TIME),
        )),
    ),
)  # fmt: skip


def diagnose_both(answer: Callable[..., Any]) -> None:
    (x, left, right), rng = _two_readers(), np.random.default_rng(20)
    read: list[Array] = []

    def watched(x: Array) -> Array:
        read.append(x)
        return right(x)

    result = call(answer, x, left, watched)
    if isinstance(result, tuple | list) and len(result) == 2:
        raise NotYet("two things came back; wanted one array.", "np.concatenate([left, right], axis=-1)")
    if shape_of(result) in ((4, 2, 2), (4, 2, 3)):
        raise NotYet("the features of only one pass are there.", "np.concatenate([left, right], axis=-1)")
    if close(result, np.concatenate([left(x), right(x)], axis=-1)) and any(close(one, x[:, ::-1]) for one in read):
        raise NotYet(
            "you turned the sequences of the batch round and back again, as one does where the batch is the first axis; each "
            "of them was read from the left.",
            "time is the first axis: x[::-1]",
        )
    mistakes_in_both.name(result)
    again(answer, both_directions, (rng.normal(size=(5, 3, 2)), _reader(2, 4, rng), _reader(2, 1, rng)))
    for words, shape in (("one step", (1, 2, 3)), ("one sequence, one feature", (3, 1, 1))):
        reads = _reader(shape[2], 1, rng), _reader(shape[2], 1, rng)
        edge(words, answer, both_directions, rng.normal(size=shape), *reads)


def both_backward(
    dy: Float[Array, "T B features"], H: int, back_left: Callable[[Array], Array], back_right: Callable[[Array], Array]
) -> Float[Array, "T B D"]:
    dleft = back_left(dy[..., :H])
    dright = back_right(dy[::-1, ..., H:])[::-1]
    return dleft + dright


def _ways_back(T: int = 5, B: int = 2, D: int = 3, H: int = 4, H_right: int = 2) -> tuple[Any, ...]:
    """dy, H and the two ways back, whose passes differ in width."""
    rng = np.random.default_rng(3)
    x, dy = rng.normal(size=(T, B, D)), rng.normal(size=(T, B, H + H_right))
    return dy, H, _back(RNN.init(D, H, rng=rng), x), _back(RNN.init(D, H_right, rng=rng), x[::-1])


LEFT, RIGHT, BOTH = "back_left(dy[..., :H])", "back_right(dy[::-1, ..., H:])[::-1]", "dleft + dright"

mistakes_in_backward = Diagnosis(
    both_backward, _ways_back, "the result",
    parts=(Part("dx", lambda dx: dx, "split dy at H (the passes may differ in width), send each half back, add"),),
    slips=(
        Slip(BOTH, "0 * dleft", "it is all 0, which is what the stub did.", "the first H features of dy belong to the pass from "
             "the left"),
        *slips(BOTH, BOTH, {
            "dleft": "x was read by both passes; what comes back through the one from the right is missing.",
            "dright": "x was read by both passes; what comes back through the one from the left is missing.",
            "(dleft + dright) / 2": "you took the mean of the two paths. Gradients of several readers add up.",
            "dleft - dright": "the two paths were subtracted; gradients of several readers add up.",
        }),
        *(Slip(RIGHT, wrong, what, hint) for wrong, what, hint in (
            ("back_right(dy[::-1, ..., H:])", "the gradient from the right is still in the order in which that pass read: its "
             "first row belongs to the last word.", "turn it round before you add: back_right(...)[::-1]"),
            ("back_right(dy[..., H:])[::-1]", "back_right expects gradients in the order in which its pass read, from the last "
             "word on.", "give it dy[::-1, ..., H:]"),
            ("back_right(dy[:, ::-1, H:])[:, ::-1]", "you turned the sequences of the batch round and back again, as one does "
             "where the batch is the first axis.", "time is the first axis: dy[::-1, ..., H:]"),
            ("back_right(dy[..., H:])", "the pass from the right ran over x[::-1]; nothing here was reversed.", "reverse what "
             "goes in and what comes out"),
        )),
        Slip((":H]", "H:]"), ("-H:]", ":-H]"), "each pass got features of the other: the first H of dy belong to the pass from "
             "the left.", "dy[..., :H] and dy[..., H:]"),
        Slip(LEFT, "back_left(dy[::-1, ..., :H])", "the gradient of the pass from the left was reversed; that pass ran over x "
             "as it is.", "back_left(dy[..., :H])"),
    ),
)  # fmt: skip


def diagnose_backward(answer: Callable[..., Any]) -> None:
    dy, H, *backs = _ways_back()
    calls = {"back_left": 0, "back_right": 0}

    def counted(name: str, back: Pass) -> Pass:
        def through(d: Array) -> Array:
            calls[name] += 1
            return back(d)

        return through

    mistakes_in_backward.name(call(answer, dy, H, *map(counted, calls, backs)))
    for name, number in calls.items():
        if number > 1:
            raise NotYet(f"right, but {name} was called {number} times.", "once, and keep its result in a variable")
    again(answer, both_backward, _ways_back(3, 4, 3, 2, 4))  # now the pass from the left is the narrow one
    edge("one step, one sequence, one unit each", answer, both_backward, *_ways_back(1, 1, 1, 1, 1))


def looks_ahead(predict: Callable[[Array], Array], tokens: Int[Array, "T"], V: int) -> bool:
    before = predict(tokens)
    for s in range(1, len(tokens)):
        changed = tokens.copy()
        changed[s] = (tokens[s] + 1) % V
        if not np.allclose(predict(changed)[:s], before[:s]):
            return True
    return False


def diagnose_leak(answer: Callable[..., Any]) -> None:
    V = 5
    tokens = np.array([3, 0, 1, 2, 4, 0, 3, 4])  # the second is 0, the last V - 1: to set them to that changes nothing
    rng = np.random.default_rng(4)
    W = rng.normal(size=(V, 3))
    left, right = _reader(3, 3, rng), _reader(3, 3, rng)

    def honest(x: Array) -> Array:  # rounded otherwise for another length, as products of matrices may be
        return left(W[x]) * len(x) / len(x)

    def one_ahead(x: Array) -> Array:
        e = W[x]
        return left(e) + np.concatenate([e[1:], 0 * e[:1]])

    def two_ahead(x: Array) -> Array:
        e = W[x]
        return left(e) + np.concatenate([e[2:], 0 * e[:2]])

    def both(x: Array) -> Array:
        return both_directions(W[x], left, right)

    def late(x: Array) -> Array:  # only its last outputs but one see the end
        y = left(W[x])
        if len(x) > 1:
            y[-2] += 9 * W[x[-1]]
        return y

    def early(x: Array) -> Array:  # only its first output sees the second token
        y = left(W[x])
        if len(x) > 1:
            y[0] += 9 * W[x[1]]
        return y

    def middle(x: Array) -> Array:  # only its fourth output sees the fifth token
        y = left(W[x])
        if len(x) > 4:
            y[3] += 9 * W[x[4]]
        return y

    def far(x: Array) -> Array:  # only its first output sees the last token
        y = left(W[x])
        if len(x) > 2:
            y[0] += 9 * W[x[-1]]
        return y

    def centred(x: Array) -> Array:
        return left(W[x] - 0.01 * W[x].mean(axis=0))

    def adding(x: Array) -> Array:  # as honest, and nothing in it is ever rounded otherwise
        return np.cumsum(W[x], axis=0)

    verdicts = {}
    for model in (honest, both, one_ahead, two_ahead, early, middle, far, late, centred, adding):
        got = call(answer, model, tokens, V)
        if not isinstance(got, bool | np.bool_):
            raise NotYet(f"wanted True or False, got {a(type(got))}.", "return True as soon as you see a leak")
        verdicts[model.__name__] = bool(got)
    if not any(verdicts.values()):
        raise NotYet(
            "no leak was found in any model, not even in a bidirectional one, which is what the stub says.",
            "change a token, and look at the outputs before it",
        )
    if verdicts["honest"] and all(said == (name in ("honest", "adding")) for name, said in verdicts.items()):
        raise NotYet(
            "it is the wrong way round: honest models were accused, and all that leak were found innocent.",
            "return True if an output before the changed token moved",
        )
    if verdicts["honest"] and not verdicts["adding"]:
        raise NotYet(
            "a model that reads from the left only was accused: its outputs before a change are the same up to rounding "
            "only, for a text of another length, say.",
            "equal up to rounding: np.allclose",
        )
    if verdicts["honest"]:
        raise NotYet(
            "a model that reads from the left only was accused. When token s changes, its outputs from s on may change.",
            "compare the outputs before s only: [:s]",
        )
    for name, what, hint in (
        ("both", "a bidirectional model was found innocent.", "change a late token, look at the early outputs"),
        ("early", "missed: a model whose first output looks at the second token, and nothing else leaks.",
         "change every token in turn, not only the last, and each to another one"),
        ("late", "missed: a model whose last output but one looks at the last token.",
         "look at all outputs before the changed token, and change the last one, too, to another one"),
        ("one_ahead", "missed: a model that looks one token ahead.", "look at output s - 1 when token s changes"),
        ("two_ahead", "missed: a model that looks two tokens ahead, and not at the next one.",
         "compare all outputs before s, not only the last of them: [:s]"),
        ("centred", "missed: a model that reads from the left, but first subtracts a little of the mean over the whole text.",
         "compare the numbers, not only the best guess"),
        ("middle", "missed: a model whose fourth output looks at the fifth token, and nothing else leaks.",
         "change every token in turn, also in the middle: for s in range(1, len(tokens))"),
        ("far", "missed: a model whose first output looks at the last token, and nothing else leaks.",
         "compare all outputs before s, however far away: [:s]"),
    ):  # fmt: skip
        if not verdicts[name]:
            raise NotYet(what, hint)

    def deep(x: Array) -> Array:  # in a long text, one output far inside sees the next token
        y = left(W[x])
        if len(x) > 22:
            y[21] += 9 * W[x[22]]
        return y

    if not call(answer, deep, rng.integers(0, V, 25), V):
        raise NotYet(
            "missed: in a text of 25 tokens, a model whose output at place 21 looks at the next token.",
            "change every token in turn, however long the text: for s in range(1, len(tokens))",
        )
    for text, model, leaks in ((tokens[:1], both, False), (tokens[:2], both, True), (tokens[:2], honest, False)):
        if bool(call(answer, model, text, V)) != leaks:
            raise NotYet(
                f"for a text of {'one token, which has no later one' if len(text) == 1 else 'two tokens'}, "
                f"{'a leak was seen where there is none' if not leaks else 'the leak was missed'}.",
                "for s in range(1, len(tokens)): every token but the first",
            )


def _reader(D: int, H: int, rng: np.random.Generator) -> Pass:
    rnn = RNN.init(D, H, rng=rng)
    return lambda x: rnn.forward(x)[0]


def _back(rnn: RNN, x: Array) -> Pass:
    _, trace = rnn.forward(x)
    return lambda dy: rnn.backward(dy, trace)[0]


EXERCISES = (
    Exercise(
        "11.1",
        "reverse only what is real",
        reverse_padded,
        diagnose_reverse,
        hints=(
            "One sequence at a time: x[mask[:, b], b] are its real steps, in order, wherever they stand.",
            "Start with np.zeros_like(x), and assign the reversed real steps to the places where mask[:, b] is true.",
        ),
        praise="It agrees wherever the padding stands, and nothing of the padding came along.",
    ),
    Exercise(
        "11.2",
        "two passes, side by side",
        both_directions,
        diagnose_both,
        hints=(
            "The second pass is an ordinary one. What makes it read from the right is the order in which it gets x.",
            "It returns its states in the order of reading, last word first: turn them round as well, then concatenate "
            "on the last axis.",
        ),
    ),
    Exercise(
        "11.3",
        "back through both",
        both_backward,
        diagnose_backward,
        hints=(
            "Three questions: which features of dy belong to which pass, in which order does each want them, and what "
            "happens at x, which both have read?",
            "The pass from the right ran over x[::-1]. So back_right wants its dy reversed, and returns dx reversed.",
            "back_left(dy[..., :H]) + back_right(dy[::-1, ..., H:])[::-1]",
        ),
    ),
    Exercise(
        "11.4",
        "spot the leak",
        looks_ahead,
        diagnose_leak,
        hints=(
            "A prediction after token t may depend on the tokens 0 ... t. Change a later one: nothing up to t may move.",
            "For every s from 1 on: change token s (to another one: (tokens[s] + 1) % V), predict again, and compare the "
            "outputs before s with what they were.",
        ),
        praise="Nine models were tried, eight of them leak, and you caught exactly those.",
    ),
)
