"""The explorer of transfer draws the scores it was given, beside those from scratch."""

import re

import numpy as np
import pytest

from course_utils.explorers.transfer import transfer_explorer

LABELS, SEEDS = [200, 500, 2_000], 6
SOURCES = {
    "from scratch": ["tuned"],
    "random": ["frozen"],
    "dates": ["frozen", "tuned"],
    "reviews": ["frozen", "tuned"],
}


@pytest.fixture(scope="module")
def results():
    rng = np.random.default_rng(0)
    accuracy = {
        source: {
            mode: {
                str(n): (0.6 + 0.05 * k + 0.04 * j + 0.01 * np.log(n) + 0.02 * rng.random(SEEDS)).tolist()
                for n in LABELS
            }
            for j, mode in enumerate(modes)
        }
        for k, (source, modes) in enumerate(SOURCES.items())
    }
    return {"labels": LABELS, "accuracy": accuracy, "command": "python -m benchmarks.quality.transfer"}


@pytest.fixture(scope="module")
def explorer(results):
    return transfer_explorer(results)


@pytest.fixture(autouse=True)
def start_again(explorer):
    explorer.reset()


def test_every_control_matters(explorer, assert_every_control_matters):
    assert_every_control_matters(explorer)


def test_every_source_but_scratch_can_be_chosen(explorer):
    assert list(explorer.controls["source"].options) == ["random", "dates", "reviews"]
    assert list(explorer.controls["mode"].options) == ["frozen", "tuned"]


@pytest.mark.parametrize("mode", ["frozen", "tuned"])
@pytest.mark.parametrize("source", ["dates", "reviews"])
def test_the_curve_is_the_mean_over_seeds_with_its_spread(explorer, results, source, mode):
    explorer.set(source=source, mode=mode, n=500)
    scores = np.array([results["accuracy"][source][mode][str(n)] for n in LABELS])
    x, y = explorer.artists["mean"].get_data()
    assert list(x) == LABELS
    np.testing.assert_allclose(y, scores.mean(axis=1))
    (band,) = explorer.artists["band"].get_paths()
    spread = scores.std(axis=1, ddof=1)
    wanted = np.concatenate([scores.mean(1) - spread, (scores.mean(1) + spread)[::-1]])
    np.testing.assert_allclose(band.vertices[:6, 1], wanted)
    np.testing.assert_allclose(explorer.artists["dots"].get_ydata(), scores.ravel())
    np.testing.assert_allclose(np.unique(explorer.artists["dots"].get_xdata()), LABELS)


def test_all_sources_stand_side_by_side(explorer, results):
    explorer.set(source="reviews", mode="tuned", n=200)
    assert explorer.artists["names"].texts == list(SOURCES)
    accuracy = results["accuracy"]
    wanted = [accuracy[s]["tuned" if "tuned" in accuracy[s] else "frozen"]["200"] for s in SOURCES]
    means, rows = explorer.artists["means"].get_data()
    np.testing.assert_allclose(means, np.mean(wanted, axis=1))
    assert list(rows) == [0, 1, 2, 3]
    np.testing.assert_allclose(explorer.artists["rows"].get_xdata(), np.ravel(wanted))
    np.testing.assert_allclose(explorer.artists["row"].get_xdata(), wanted[3])
    (box,) = explorer.artists["scratch"].get_paths()
    base = np.array(wanted[0])
    np.testing.assert_allclose(sorted(set(box.vertices[:, 0])), base.mean() + base.std(ddof=1) * np.array([-1, 1]))


def test_a_source_of_one_mode_is_shown_in_that_one(explorer, results):
    explorer.set(source="random", mode="tuned", n=2_000)
    here = results["accuracy"]["random"]["frozen"]["2000"]
    assert "random, frozen" in explorer.artists["legend"].texts
    assert f"“random”, frozen: {np.mean(here):.3f}" in explorer.reading.value


def test_the_description_compares_the_same_draws(explorer, results):
    explorer.set(source="dates", mode="frozen", n=200)
    here = np.array(results["accuracy"]["dates"]["frozen"]["200"])
    base = np.array(results["accuracy"]["from scratch"]["tuned"]["200"])
    mean, spread, gain, scratch, ahead = re.search(
        r"frozen: ([\d.]+) ± ([\d.]+) over 6 draws, ([+-][\d.]+) against ([\d.]+) ± .* ahead in (\d) of 6 draws",
        explorer.reading.value,
    ).groups()
    assert (float(mean), float(spread)) == (round(here.mean(), 3), round(here.std(ddof=1), 3))
    assert (float(gain), float(scratch)) == (round((here - base).mean(), 3), round(base.mean(), 3))
    assert int(ahead) == (here > base).sum()


def test_everything_lies_within_the_axes(explorer):
    for axes, name in zip(explorer.figure.axes, ("dots", "rows"), strict=True):
        for source in ("random", "dates", "reviews"):
            for mode in ("frozen", "tuned"):
                explorer.set(source=source, mode=mode)
                shown = axes.transAxes.inverted().transform(
                    axes.transData.transform(explorer.artists[name].get_xydata())
                )
                assert (shown >= 0).all()
                assert (shown <= 1).all()


def test_without_a_comparison_there_is_nothing_to_show(results):
    with pytest.raises(ValueError, match=r"wanted 'nothing' among the sources, got \['from scratch', 'random'"):
        transfer_explorer(results, scratch="nothing")
