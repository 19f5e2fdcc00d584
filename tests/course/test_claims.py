"""What chapters call ahead, behind, level or best is what their files of results say."""

import re
import tomllib
from collections.abc import Mapping, Sequence

import pytest

from course_utils.experiments import learning_curves, lstm_runs, memory_runs, opinions
from course_utils.experiments.results import load_results
from course_utils.experiments.verdicts import verdict
from tools.course import ROOT, chapters

CLAIMS = tomllib.loads((ROOT / "lessons" / "claims.toml").read_text("utf-8")).get("claim", [])
LESSONS = {
    chapter.name: " ".join(chapter.lesson.read_text("utf-8").split()) for chapter in chapters() if chapter.written
}
MORE_IS_BETTER = ("recall", "brackets", "sentiment")
Scores = Mapping[str, Sequence[float]]


def scores(results: str, where: Mapping[str, object]) -> tuple[Scores, bool]:
    """The scores of all seeds by model, where the fields of a run are these; and whether fewer are better."""
    runs = load_results(results)["runs"]
    if results == "learning_curves":
        points = learning_curves.points(runs)
        chosen = [p for p in points if p.budget == where["budget"] and p.size in (where["size"], "any")]
        return {point.model: point.scores for point in chosen}, True
    if results == "opinions":
        return {line.model: line.scores for line in opinions.lines(runs)}, False
    reported = {"memory": memory_runs.reported, "lstm": lstm_runs.reported}[results](runs)
    found: dict[str, list[float]] = {}
    for run in reported:
        if where.items() <= run.items():
            found.setdefault(run["kind"], []).append(run["score"])
    return found, not str(where["task"]).startswith(MORE_IS_BETTER)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim['chapter']}: {claim['says']}")
def test_a_claim_is_what_the_file_says(claim):
    assert claim["says"] in LESSONS[claim["chapter"]]
    by_model, fewer = scores(claim["results"], claim.get("where", {}))
    others = claim.get("others", [model for model in by_model if model != claim["one"]])
    words = {verdict(by_model[claim["one"]], by_model[other], fewer_is_better=fewer) for other in others}
    assert words == {"ahead" if claim["word"] == "best" else claim["word"]}
    assert re.search(rf"\b{claim.get('as', claim['word'])}\b", claim["says"])


def test_every_verdict_is_a_claim():
    """Of the sections "Is it true?" and the summaries, sentences that call a model ahead, behind or level of another."""
    said = {chapter: [claim["says"] for claim in CLAIMS if claim["chapter"] == chapter] for chapter in LESSONS}
    bare = []
    for chapter in chapters():
        if chapter.written:
            text = re.sub(r"```.*?```", "", chapter.lesson.read_text("utf-8"), flags=re.DOTALL)
            parts = re.findall(r"\n## (?:Is it true\?|Summary)(.*?)(?=\n## |\Z)", text, re.DOTALL)
            for sentence in re.split(r"(?<=[.:;!?*])\s+", " ".join(" ".join(parts).split())):
                if not re.search(r"\b(RNN|GRU|LSTM|layers?|transformer|n-grams|networks?|table|bag)s?\b", sentence):
                    continue
                verdicts = re.search(r"\b(ahead of|is ahead|behind|are level|level with)\b", sentence)
                if verdicts and not any(says in sentence or sentence in says for says in said[chapter.name]):
                    bare.append(f"{chapter.name}: {sentence}")
    assert not bare, "\n".join(bare)
