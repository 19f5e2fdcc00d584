"""The quick mode of the comparison of sources trains every case, on few reviews, and goes by the plan."""

import json

import pytest

from benchmarks.quality import transfer
from course_utils.experiments.transfer_runs import CASES, FILLER, OURS, SEEDS, TUNING_SEED
from tests.conftest import unchecked


def test_every_case_is_measured():
    with unchecked():
        runs = transfer.main(quick=True)
    assert [(run["source"], run["mode"], run["seed"]) for run in runs] == [
        (case.source, case.mode, seed) for case in CASES for seed in (TUNING_SEED, 0)
    ]
    for run in runs:
        share, other = ("wrong", "accuracy") if run["seed"] == TUNING_SEED else ("accuracy", "wrong")
        assert 0.2 < run[share] < 0.8
        assert run[other] is None
    json.dumps(runs)


def test_a_seed_that_chooses_is_judged_on_validation_reviews(monkeypatch):
    judged = []

    def remember(W, texts, labels, held_out, **how):
        judged.append(held_out)
        return 0.5

    monkeypatch.setattr(transfer, "held_out_accuracy", remember)
    setting = {"source": "from scratch", "mode": "fine-tuned", "labels": 200, "rate": 8e-3}
    for seed in (TUNING_SEED, *SEEDS):
        transfer.measure(setting | {"seed": seed}, quick=True)
    _, valid, test = transfer.corpus(True).bags
    assert judged[0] is valid
    assert all(held_out is test for held_out in judged[1:])


def test_network_and_bags_can_be_asked_for_by_name():
    with unchecked():
        runs = transfer.main(quick=True, names=["blank", "skip-gram"])
    assert {run["source"] for run in runs} == {FILLER, OURS}
    with pytest.raises(ValueError, match="transfer: wanted parts of from scratch"):
        transfer.main(quick=False, names=["cookery"])
