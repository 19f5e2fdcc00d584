"""The readers of opinions: equal sizes, one plan, and every reader is trained in the quick mode."""

import numpy as np
import pytest

from benchmarks.quality import opinions, transformer_parts
from benchmarks.quality.opinions import ENTRIES, SEEDS
from course_utils.experiments.opinions import FEWEST, lines
from course_utils.tree import count
from tests.conftest import unchecked
from tools import report


def test_the_quick_mode_trains_every_reader():
    with unchecked():
        runs = opinions.main(quick=True)
    assert [run["model"] for run in runs] == list(ENTRIES)
    assert all(0.4 < run["score"] < 1 for run in runs)
    assert all(np.isfinite([run["valid"], run["seconds"]]).all() for run in runs)


def test_no_reader_has_more_parameters_than_the_lstm():
    built = {name: count(entry.build(np.random.default_rng(0))) for name, entry in ENTRIES.items()}
    assert max(built.values()) == built["LSTM"]


def test_a_plan_that_is_followed_to_its_end_has_all_lines():
    """With a made-up outcome instead of trainings: the best rate is 0.02, which is the edge of the first grid."""
    runs = []
    while setting := next(opinions.wanted(runs), None):
        share = 0.9 - abs(np.log2(setting["rate"] / 0.02)) / 20
        runs.append(setting | {"family": "bag", "parameters": 1, "valid": share, "score": share, "seconds": 1.0})
    assert {line.model: (line.rate, len(line.scores)) for line in lines(runs)} == dict.fromkeys(ENTRIES, (0.02, SEEDS))
    assert len(runs) == len(ENTRIES) * (FEWEST + 1 + SEEDS - 1)
    assert [*opinions.wanted(runs)] == []


def test_a_name_that_is_in_none_is_refused():
    with pytest.raises(ValueError, match="opinions: wanted parts of bag of words"):
        opinions.main(quick=False, names=["perceptron"])


@pytest.mark.usefixtures("without_type_checks")
def test_the_quick_mode_of_the_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "SHOWN", tmp_path)
    rows = transformer_parts.main(quick=True)
    assert {row["what"] for row in rows if row["task"] == "parts"} == set(transformer_parts.PARTS)
    assert all(row["bits"] is None or row["bits"] < 6 for row in rows)
    assert list(tmp_path.iterdir()) == []
