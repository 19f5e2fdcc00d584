"""A vocabulary gives every word one token, keeps the frequent ones, and survives a file."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.text.preprocessing import characters
from course_utils.text.vocabulary import PAD, UNK, Vocabulary, count

TEXTS = [["b", "a", "a"], ["c", "b", "a", "d"]]  # a 3, b 2, c 1, d 1
word_lists = st.lists(st.text(min_size=1, max_size=3).filter(lambda t: t not in (PAD, UNK)), min_size=1, max_size=30)


def test_order_is_by_count_then_alphabet():
    vocabulary = Vocabulary.build(TEXTS)
    assert vocabulary.words == ("<pad>", "<unk>", "a", "b", "c", "d")
    assert vocabulary.counts == (0, 0, 3, 2, 1, 1)
    assert Vocabulary.build(TEXTS[::-1]) == vocabulary


@pytest.mark.parametrize(
    ("bounds", "kept", "dropped"),
    [
        ({"min_count": 2}, ["a", "b"], 2),
        ({"min_count": 3}, ["a"], 4),
        ({"max_size": 5}, ["a", "b", "c"], 1),
        ({"max_size": 5, "min_count": 2}, ["a", "b"], 2),
        ({"max_size": 3, "min_count": 2}, ["a"], 4),
        ({"min_count": 4}, [], 7),
    ],
)
def test_bounds(bounds, kept, dropped):
    vocabulary = Vocabulary.build(TEXTS, **bounds)
    assert list(vocabulary.words[2:]) == kept
    assert vocabulary.counts[1] == dropped
    assert vocabulary.coverage() == pytest.approx(1 - dropped / 7)
    assert vocabulary.coverage(["a", "zz"]) == ("a" in kept) / 2
    assert len(vocabulary) == len(kept) + 2
    assert ("d" in vocabulary) == ("d" in kept)


@given(st.lists(word_lists, min_size=1, max_size=5))
def test_decode_undoes_encode(texts):
    vocabulary = Vocabulary.build(texts)
    for text in texts:
        tokens = vocabulary.encode(text)
        assert tokens.shape == (len(text),)
        assert tokens.dtype == np.intp
        assert tokens.min() >= 2
        assert vocabulary.decode(tokens) == text


def test_coverage_of_a_text_instead_of_its_words_is_refused():
    with pytest.raises(ValueError, match="coverage: wanted a sequence of words, got the str 'bad'"):
        Vocabulary.build([["bad"]]).coverage("bad")


@pytest.mark.usefixtures("without_type_checks")
@pytest.mark.parametrize(
    ("words", "got"),
    [
        (lambda v: v.encode(["a"]), "int"),
        (lambda _: [b"a"], "bytes"),
        (lambda _: ["a", None], "NoneType"),
        (lambda _: [["a"]], "list"),
        (lambda _: 7, "int 7"),
        (lambda _: np.array("a"), "ndarray a"),
    ],
)
def test_what_is_no_word_is_refused_everywhere(words, got):
    vocabulary = Vocabulary.build(TEXTS)
    words = words(vocabulary)
    for read, where in (
        (vocabulary.encode, "encode"),
        (vocabulary.coverage, "coverage"),
        (lambda words: count([words]), "count"),
        (lambda words: Vocabulary((PAD, UNK, *words), (0, 0, *[1] * len(words))), "Vocabulary"),
    ):
        if where != "Vocabulary" or np.ndim(words) == 1:
            with pytest.raises(ValueError, match=f"{where}: wanted (words that are str|a sequence), got .*{got}"):
                read(words)


@pytest.mark.usefixtures("without_type_checks")
def test_other_things_in_the_place_of_texts_counts_and_tokens():
    for strange in (None, 3, np.array(1)):
        with pytest.raises(ValueError, match="wanted a sequence, got"):
            count(strange)
        with pytest.raises(ValueError, match="decode: wanted"):
            Vocabulary.build(TEXTS).decode(strange)
    with pytest.raises(ValueError, match="decode: wanted tokens to be an array, got rows of different lengths"):
        Vocabulary.build(TEXTS).decode([[1], [2, 3]])
    for strange in (None, [("a", 1)], dict, "a"):
        with pytest.raises(ValueError, match="Vocabulary: wanted counts of words, got "):
            Vocabulary.from_counts(strange)
    for counts in ((0, 0, "x"), (0, 0, 1.0), (0, 0, -1)):
        with pytest.raises(ValueError, match="counts that are whole numbers"):
            Vocabulary((PAD, UNK, "a"), counts)


class Pairs:
    """As a Series of pandas: it has `items`, but is neither a mapping nor true or false."""

    def __init__(self, *pairs):
        self.pairs = pairs

    def items(self):
        return iter(self.pairs)

    def __bool__(self):
        raise ValueError("The truth value of a Series is ambiguous.")


def test_counts_may_be_anything_with_items():
    counted = Counter("aab")
    assert Vocabulary.from_counts(Pairs(("a", np.int64(2)), ("b", np.int32(1)))) == Vocabulary.from_counts(counted)
    with pytest.raises(ValueError, match="at least one word, got none"):
        Vocabulary.from_counts(Pairs())
    with pytest.raises(ValueError, match="each word once, got 'a' twice"):
        Vocabulary.from_counts(Pairs(("a", 1), ("a", 2)))
    with pytest.raises(ValueError, match="got float"):
        Vocabulary.from_counts(Pairs((float("nan"), 1)))


def test_counts_may_be_a_series_of_pandas():
    pandas = pytest.importorskip("pandas")
    for dtype in ("object", "category"):
        counts = pandas.Series(list("aab"), dtype=dtype).value_counts()
        assert Vocabulary.from_counts(counts) == Vocabulary.from_counts(Counter("aab"))


@pytest.mark.usefixtures("without_type_checks")
def test_words_of_numpy_become_those_of_python():
    vocabulary = Vocabulary.build([np.array(["a", "b", "a"])])
    assert repr(vocabulary) == repr(Vocabulary.build([["a", "b", "a"]]))
    assert {type(word) for word in vocabulary.words} == {str}
    assert {type(n) for n in Vocabulary(vocabulary.words, tuple(np.array(vocabulary.counts))).counts} == {int}
    assert vocabulary.encode(np.array(["b", "c"])).tolist() == [3, 1]
    assert vocabulary.coverage(np.array(["b", "c"])) == 0.5


@given(word_lists, st.integers(1, 4), st.one_of(st.none(), st.integers(3, 12)))
def test_coverage_is_what_encode_does(text, min_count, max_size):
    vocabulary = Vocabulary.build([text], min_count=min_count, max_size=max_size)
    known = vocabulary.encode(text) != 1
    assert vocabulary.coverage() == pytest.approx(known.mean())
    assert vocabulary.coverage(text) == pytest.approx(known.mean())
    assert sum(vocabulary.counts) == len(text)
    seen = Counter(text)
    kept = {word for word, k in zip(text, known, strict=True) if k}
    dropped = set(text) - kept
    assert all(seen[a] >= seen[b] for a in kept for b in dropped)


def test_unknown_and_padding():
    vocabulary = Vocabulary.build(TEXTS, min_count=2)
    assert vocabulary.encode(["c", "a", "never"]).tolist() == [1, 2, 1]
    assert vocabulary.decode([0, 1, 2]) == [PAD, UNK, "a"]
    assert vocabulary.encode([]).shape == (0,)
    assert vocabulary.decode([]) == []


def test_works_for_characters():
    vocabulary = Vocabulary.build([characters("not bad")])
    assert "".join(vocabulary.decode(vocabulary.encode(characters("bad ton")))) == "bad ton"


def test_repr_teaches():
    assert repr(Vocabulary.build(TEXTS, min_count=2)) == (
        "Vocabulary(V=4: 0 '<pad>', 1 '<unk>', 2 'a', 3 'b'; 71.4 % of 7 tokens known)"
    )


@given(st.lists(word_lists, min_size=1, max_size=3))
def test_a_file_gives_back_the_same(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("vocabulary") / "v.json"
    vocabulary = Vocabulary.build(texts)
    vocabulary.save(path)
    assert Vocabulary.load(path) == vocabulary
    assert [p.name for p in path.parent.iterdir()] == ["v.json"]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    old, path = Vocabulary.build(TEXTS), tmp_path / "v.json"
    old.save(path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        Vocabulary.build([["other"]]).save(path)
    assert Vocabulary.load(path) == old


GOOD = {"format": "course_utils.Vocabulary 1", "tokens": [PAD, UNK, "a"], "counts": [0, 1, 2]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not the JSON"),
        ("[1, 2]", "got 'list'"),
        (json.dumps(GOOD | {"format": "other"}), "got 'other'"),
        (json.dumps(GOOD | {"tokens": [PAD, "a", UNK]}), "that begin with"),
        (json.dumps(GOOD | {"tokens": [PAD, UNK, UNK]}), "'<unk>' twice"),
        (json.dumps(GOOD | {"tokens": [PAD, UNK]}), "2 words and 3 counts"),
        (json.dumps(GOOD | {"tokens": [PAD, UNK, 3]}), "list of str"),
        (json.dumps(GOOD | {"counts": [0, 1, -2]}), "counts >= 0"),
        (json.dumps(GOOD | {"counts": [0, 1, 2.5]}), "counts >= 0"),
        (json.dumps({"format": GOOD["format"]}), "save it again"),
        (b"\xff\xfe", "not the JSON"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, said):
    path = tmp_path / "v.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=said):
        Vocabulary.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        Vocabulary.load(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Vocabulary.build([]), "at least one word"),
        (lambda: Vocabulary.build(["a whole text"]), "use \\[words"),
        (lambda: Vocabulary.build(TEXTS, min_count=0), "min_count >= 1, got 0"),
        (lambda: Vocabulary.build(TEXTS, max_size=2), "max_size >= 3, got 2"),
        (lambda: Vocabulary.build([["<pad>"]]), "reserves '<pad>'"),
        (lambda: Vocabulary.build(TEXTS).encode("a text"), "tokenise it first"),
        (lambda: Vocabulary.build(TEXTS).decode([2, 9]), r"0 \.\.\. 5, got 2 \.\.\. 9"),
        (lambda: Vocabulary.build(TEXTS).decode([-1]), "got -1"),
        (lambda: Vocabulary.build(TEXTS).decode([0.5]), "integers"),
        (lambda: Vocabulary.build(TEXTS).coverage([]), "at least one word"),
    ],
)
@pytest.mark.usefixtures("without_type_checks")
def test_bad_input_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_count_counts():
    assert count(TEXTS) == {"a": 3, "b": 2, "c": 1, "d": 1}
