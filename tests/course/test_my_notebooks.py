"""The learner's own copy of the chapters: whatever they did, and whatever is newer, nothing of theirs is lost."""

import io
import json
import os
import re
import shutil
import subprocess
from itertools import product

import pytest

from tools import beside, handmade
from tools.course import ROOT, chapters
from tools.handmade import made
from tools.my_notebooks import update

NAME = "01_words.ipynb"


def notebook(*cells, outputs=(), **metadata):
    """The bytes of one with these code cells; a dict is a cell as it stands."""
    code = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": list(outputs)}
    whole = [cell if isinstance(cell, dict) else code | {"source": cell} for cell in cells]
    return json.dumps({"cells": whole, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def markdown(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source} | more


OLD, NEW, NEWER = notebook("x = 1"), notebook("x = 1", "y = 2"), notebook("x = 1", "y = 2", "z = 3")
EDITED = notebook("x = 1", "# my answer\nx = 42")


@pytest.fixture
def course(tmp_path):
    """One chapter, not yet copied."""
    (tmp_path / "notebooks").mkdir()
    original(tmp_path).write_bytes(OLD)
    return tmp_path


def original(course, name=NAME):
    return course / "notebooks" / name


def own(course, name=NAME):
    return course / "my_notebooks" / name


def files(course):
    """All that the learner sees in their folder, with what is in it."""
    return {path.name: path.read_bytes() for path in own(course).parent.glob("[!.]*")}


def everything(course):
    """What can still be found in the folder, hidden or not."""
    return [path.read_bytes() for path in own(course).parent.rglob("*") if path.is_file()]


def newer(course, data=NEW):
    original(course).write_bytes(data)
    return update(course)


def test_chapters_are_copied_byte_for_byte_and_once(course):
    (said,) = update(course)
    assert said.startswith("Your own copy of the chapters")
    assert str(own(course).parent) in said
    assert files(course) == {NAME: OLD}
    own(course).unlink()
    assert update(course) == []
    assert files(course) == {NAME: OLD}, "what is missing comes again"
    os.utime(own(course), (0, 0))
    assert update(course) == []
    assert own(course).stat().st_mtime == 0, "what is up to date is not touched"


SEEN = {
    "as it came": OLD,
    "run": notebook("x = 1", outputs=[{"output_type": "stream", "name": "stdout", "text": "1"}]),
    "saved by JupyterLab": notebook("x = 1", language_info={"version": "3.13"}, kernelspec={"name": "python3"}),
    "source as a list of lines": notebook(["x ", "= 1"]),
    "with the blank cell that Shift+Enter adds": notebook("x = 1", " \n"),
    "folded": OLD.replace(b'"metadata": {}', b'"metadata": {"collapsed": true, "tags": [], "editable": true}', 1),
}


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN)
def test_what_was_only_run_or_looked_at_gives_way(course, seen):
    update(course)
    own(course).write_bytes(seen)
    said = newer(course)
    assert files(course) == {NAME: NEW}
    assert len(said) == 1
    assert "replaced" in said[0]
    assert seen in everything(course), "its outputs are still to be found"
    assert update(course) == []
    assert newer(course, NEWER)
    assert files(course) == {NAME: NEWER}
    assert seen in everything(course)


MADE = {
    "code": EDITED,
    "a note": notebook("x = 1", markdown("What I think.")),
    "a word in the text": notebook(markdown("x")),
    "a picture in the text": notebook("x = 1", markdown("", attachments={"a.png": {"image/png": "AAAA"}})),
    "a cell taken away": notebook(),
    "a cell emptied": notebook(""),
    "a cell made text": notebook(markdown("x = 1")),
    "a tag": OLD.replace(b'"metadata": {}', b'"metadata": {"tags": ["hard"]}', 1),
    "an answer and nothing run": notebook("x = 1", "x"),
    "half a file": OLD[:30],
    "an empty file": b"",
    "bytes": b"\xff\xfe\x00",
    "another JSON": b"[1, 2]",
    "no cells": b'{"cells": 3}',
    "cells of another kind": b'{"cells": [7]}',
    "an older format": b'{"worksheets": []}',
    "very deep": b"[" * 100_000,
}


@pytest.mark.parametrize("mine", MADE.values(), ids=MADE)
def test_what_a_person_made_stays_and_the_new_one_is_beside_it(course, mine):
    update(course)
    own(course).write_bytes(mine)
    assert update(course) == [], "nothing is newer"
    assert files(course) == {NAME: mine}
    (said,) = newer(course)
    assert "01_words (new).ipynb" in said
    assert files(course) == {NAME: mine, "01_words (new).ipynb": NEW}
    assert update(course) == [], "it is said once"
    (said,) = newer(course, NEWER)
    assert files(course) == {NAME: mine, "01_words (new).ipynb": NEWER}, "nothing was made in the one beside it"


@pytest.mark.parametrize("mine", [OLD, SEEN["run"], EDITED], ids=["as it came", "run", "edited"])
def test_a_chapter_that_got_another_number(course, mine):
    update(course)
    own(course).write_bytes(mine)
    own(course, "01_words (new).ipynb").write_bytes(EDITED)
    original(course).rename(original(course, "02_words.ipynb"))
    (said,) = update(course)
    assert "01_words.ipynb is no longer a chapter of that name" in said
    assert mine in everything(course)
    assert (NAME in files(course)) == (mine is EDITED), "what nobody touched is out of the way"
    assert files(course)["02_words.ipynb"] == OLD
    assert files(course)["01_words (new).ipynb"] == EDITED
    assert update(course) == [], "it is said once"


def test_without_any_original_nothing_is_put_away(course):
    update(course)
    original(course).unlink()
    assert update(course) == []
    assert files(course) == {NAME: OLD}


def test_what_is_beside_it_and_edited_stays_too(course):
    update(course)
    own(course).write_bytes(EDITED)
    newer(course)
    own(course, "01_words (new).ipynb").write_bytes(notebook("more of mine"))
    (said,) = newer(course, NEWER)
    assert "01_words (new 2).ipynb" in said
    assert files(course) == {
        NAME: EDITED,
        "01_words (new).ipynb": notebook("more of mine"),
        "01_words (new 2).ipynb": NEWER,
    }


def test_a_file_of_the_learners_that_has_the_name_stays(course):
    update(course)
    own(course).write_bytes(EDITED)
    own(course, "01_words (new).ipynb").write_bytes(b"mine")
    own(course, "notes.txt").write_bytes(b"mine, too")
    newer(course)
    assert files(course)["01_words (new).ipynb"] == b"mine"
    assert files(course)["notes.txt"] == b"mine, too"
    assert files(course)["01_words (new 2).ipynb"] == NEW


def test_the_new_one_taken_over_is_up_to_date(course):
    update(course)
    own(course).write_bytes(EDITED)
    newer(course)
    own(course, "01_words (new).ipynb").replace(own(course))
    assert update(course) == []
    assert newer(course, NEWER)
    assert files(course) == {NAME: NEWER}


def test_the_new_one_thrown_away_does_not_come_back(course):
    update(course)
    own(course).write_bytes(EDITED)
    newer(course)
    own(course, "01_words (new).ipynb").unlink()
    assert update(course) == []
    assert files(course) == {NAME: EDITED}


@pytest.mark.parametrize("record", [None, b"", b"{", b"[]", b'{"01_words.ipynb": 3}', b"\xff", b"null", "folder"])
def test_without_its_record_it_keeps_everything(course, record):
    update(course)
    path = own(course, ".originals.json")
    path.unlink()
    if record == "folder":
        path.mkdir()
    elif record is not None:
        path.write_bytes(record)
    own(course).write_bytes(EDITED)
    original(course).write_bytes(NEW)
    try:
        update(course)
    except OSError:
        assert record == "folder", "it cannot be written"
    assert files(course) == {NAME: EDITED, "01_words (new).ipynb": NEW}


def test_folders_links_and_read_only_files_stay(course, tmp_path):
    for name in ("02_folder.ipynb", "03_link.ipynb", "04_lost.ipynb", "05_fixed.ipynb"):
        original(course, name).write_bytes(OLD)
    update(course)
    own(course, "02_folder.ipynb").unlink()
    own(course, "02_folder.ipynb").mkdir()
    (own(course, "02_folder.ipynb") / "mine.txt").write_text("mine")
    elsewhere = tmp_path / "elsewhere.ipynb"
    elsewhere.write_bytes(OLD)
    for name, target in (("03_link.ipynb", elsewhere), ("04_lost.ipynb", tmp_path / "nowhere")):
        own(course, name).unlink()
        own(course, name).symlink_to(target)
    own(course, "05_fixed.ipynb").chmod(0o444)
    for path in (course / "notebooks").iterdir():
        path.write_bytes(NEW)
    assert len(update(course)) == 5
    assert (own(course, "02_folder.ipynb") / "mine.txt").read_text() == "mine"
    assert own(course, "03_link.ipynb").is_symlink()
    assert own(course, "04_lost.ipynb").is_symlink()
    assert elsewhere.read_bytes() == own(course, "05_fixed.ipynb").read_bytes() == OLD
    for name in ("02_folder", "03_link", "04_lost", "05_fixed"):
        assert own(course, f"{name} (new).ipynb").read_bytes() == NEW
    assert update(course) == []


def test_a_notebook_that_is_saved_meanwhile_is_not_written_over(course, monkeypatch):
    """JupyterLab saves after the file was judged, and again after it was moved away."""
    update(course)
    judge = handmade.made_in

    def slow(path):
        answer = judge(path)
        if path == own(course):
            path.write_bytes(EDITED)
        return answer

    monkeypatch.setattr(handmade, "made_in", slow)
    newer(course)
    assert files(course) == {NAME: EDITED, "01_words (new).ipynb": NEW}

    own(course).write_bytes(NEW)
    monkeypatch.setattr(handmade, "made_in", judge)
    update(course)
    rename = os.rename

    def and_saved_again(source, target):
        rename(source, target)
        own(course).write_bytes(EDITED)

    monkeypatch.setattr(os, "rename", and_saved_again)
    newer(course, NEWER)
    assert own(course).read_bytes() == EDITED
    assert NEWER in files(course).values()


def test_a_full_disk_loses_nothing(course, monkeypatch):
    update(course)
    original(course).write_bytes(NEW)

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(beside, "create", full)
    (said,) = update(course)
    assert "No space left" in said
    assert files(course) == {NAME: OLD}


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
def test_half_a_copy_does_not_stay(tmp_path, monkeypatch, failure):
    class Half(io.FileIO):
        def write(self, data):
            super().write(data[:3])
            raise failure

    monkeypatch.setattr(beside, "open", Half, raising=False)
    with pytest.raises(failure):
        beside.create(tmp_path / NAME, OLD)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_original_is_no_original(course):
    update(course)
    own(course).write_bytes(EDITED)
    (said,) = newer(course, b"<<<<<<< conflict")
    assert "damaged" in said
    assert "git checkout" in said
    assert files(course) == {NAME: EDITED}


def test_my_notebooks_may_be_a_folder_elsewhere_but_no_file(course, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    own(course).parent.symlink_to(tmp_path / "elsewhere")
    assert update(course) == []
    assert (tmp_path / "elsewhere" / NAME).read_bytes() == OLD
    own(course).parent.unlink()
    own(course).parent.write_text("mine")
    with pytest.raises(OSError, match="my_notebooks"):
        update(course)
    assert own(course).parent.read_text() == "mine"


def test_all_ways_through_three_editions(tmp_path):
    """Whatever a learner does between updates, every text they made is in their folder at the end."""
    acts = {"nothing": None, "run": "run", "edit": "edit", "delete": "delete"}
    for k, steps in enumerate(product(acts, repeat=3)):
        course = tmp_path / str(k)
        (course / "notebooks").mkdir(parents=True)
        wrote = []
        for edition, act in enumerate(steps):
            original(course).write_bytes(notebook(*(f"x = {n}" for n in range(edition + 1))))
            update(course)
            if act == "run":
                own(course).write_bytes(own(course).read_bytes().replace(b'"outputs": []', b'"outputs": [1]', 1))
            elif act == "edit":
                text = notebook("x = 0", f"mine {edition}", *(json.loads(own(course).read_bytes())["cells"]))
                own(course).write_bytes(text)
                wrote = [*wrote, f"mine {edition}"]
            elif act == "delete":
                own(course).unlink()
                wrote = []
        original(course).write_bytes(NEWER)
        update(course)
        there = b"".join(files(course).values()).decode()
        assert all(text in there for text in wrote), steps
        assert NEWER in files(course).values(), steps


# --- with git ---------------------------------------------------------------------------------------------------------

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(folder, *command):
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def clone(tmp_path):
    """A learner's clone of a course with two chapters."""
    upstream = tmp_path / "upstream"
    (upstream / "notebooks").mkdir(parents=True)
    (upstream / ".gitignore").write_text("/my_notebooks/\n")
    git(upstream, "init", "-q", "-b", "main")
    publish(upstream, OLD)
    git(tmp_path, "clone", "-q", str(upstream), "a learner's clone")
    return tmp_path / "a learner's clone"


def publish(upstream, data):
    for name in (NAME, "02_numbers.ipynb"):
        original(upstream, name).write_bytes(data)
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "an edition")


@needs_git
def test_pulling_a_newer_course_neither_stops_nor_loses_an_edit(clone):
    update(clone)
    own(clone).write_bytes(EDITED)
    assert git(clone, "status", "--porcelain") == ""
    publish(clone.parent / "upstream", NEW)
    git(clone, "pull", "-q", "--ff-only")
    assert len(update(clone)) == 2
    assert files(clone) == {NAME: EDITED, "01_words (new).ipynb": NEW, "02_numbers.ipynb": NEW}


@needs_git
def test_what_was_edited_in_notebooks_comes_along(clone):
    original(clone).write_bytes(EDITED)
    _, theirs, about_git = update(clone)
    assert "notebooks/01_words.ipynb" in theirs
    assert "git stash" in about_git
    assert files(clone) == {NAME: EDITED, "02_numbers.ipynb": OLD}
    assert update(clone) == [about_git], "as long as git would refuse"
    own(clone).write_bytes(notebook("went on here"))
    assert update(clone) == [about_git]
    assert files(clone)[NAME] == notebook("went on here")

    publish(clone.parent / "upstream", NEW)
    with pytest.raises(subprocess.CalledProcessError):
        git(clone, "pull", "-q", "--ff-only")
    git(clone, "stash")
    git(clone, "pull", "-q", "--ff-only")
    assert len(update(clone)) == 2
    assert files(clone) == {NAME: notebook("went on here"), "01_words (new).ipynb": NEW, "02_numbers.ipynb": NEW}


@needs_git
def test_edits_in_both_folders_are_both_kept(clone):
    update(clone)
    own(clone).write_bytes(EDITED)
    original(clone).write_bytes(notebook("edited there"))
    assert "01_words (from notebooks).ipynb" in update(clone)[0]
    assert files(clone) == {
        NAME: EDITED,
        "01_words (from notebooks).ipynb": notebook("edited there"),
        "02_numbers.ipynb": OLD,
    }
    assert len(update(clone)) == 1


@needs_git
def test_a_chapter_that_was_only_run_in_notebooks_is_not_copied_but_git_is_explained(clone):
    original(clone).write_bytes(SEEN["run"])
    _, about_git = update(clone)
    assert "git stash" in about_git
    assert files(clone) == {NAME: OLD, "02_numbers.ipynb": OLD}


@needs_git
@pytest.mark.parametrize("there", [False, True], ids=["none yet", "a folder of that name"])
def test_the_way_from_the_first_edition_that_the_readme_shows(clone, there):
    """Who learnt in notebooks/ and cannot pull copies what they changed first; the old course had no my_notebooks."""
    original(clone).write_bytes(EDITED)
    publish(clone.parent / "upstream", NEW)
    if there:
        own(clone).parent.mkdir()
        own(clone, "notes.txt").write_bytes(b"mine")
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = re.search(r"If you worked in .*?```sh\n(.*?)```", readme, re.DOTALL)[1]
    *commands, last = lines.strip().splitlines()
    assert last.startswith("make course")
    subprocess.run(["sh", "-e", "-c", "\n".join(commands)], cwd=clone, check=True, capture_output=True)
    update(clone)
    assert files(clone) == {
        NAME: EDITED,
        "01_words (new).ipynb": NEW,
        "02_numbers.ipynb": NEW,
        **({"notes.txt": b"mine"} if there else {}),
    }


def test_our_chapters_are_notebooks_to_it():
    originals = [chapter.notebook.read_bytes() for chapter in chapters() if chapter.written]
    assert None not in map(made, originals)
    assert len(set(map(made, originals))) == len(originals)
