"""The stage `wasm` passes on what pytest says inside, and never takes "could not run" for "passed"."""

import pytest

from tools.wasm import node, tests
from tools.wasm.files import Files, Unavailable, fetch
from tools.wasm.tests import LEFT_OUT, PARTS, WHOLE, added

SUMMARIES = (
    "tests/a.py::test_it failed\n1 failed, 10 passed, 2 skipped, 3 deselected in 4.00s\n",
    "9 failures were expected\n\n5 passed, 1 error in 1.00s",
)


def test_summaries_are_added_up():
    assert added(SUMMARIES) == "1 failed, 1 error, 15 passed, 2 skipped"
    assert added(["Fatal error"]) == ""


@pytest.mark.parametrize("codes", [(0, 0), (0, 1), (1, 0), (-9, 0)])
def test_one_failing_part_fails_the_stage(codes, monkeypatch, capsys):
    answers = dict(zip(PARTS, zip(codes, SUMMARIES, strict=True), strict=True))
    monkeypatch.setattr(tests, "fetch", lambda *lists: None)
    monkeypatch.setattr(tests, "part", lambda files, part: answers[part])
    assert (tests.main() == 0) == (codes == (0, 0))
    said = capsys.readouterr().out
    assert all(summary in said for summary in SUMMARIES)
    assert said.splitlines()[-1].startswith("both together: 1 failed, 1 error, 15 passed, 2 skipped in ")
    assert all(test in said for test in LEFT_OUT)


def test_without_node_it_is_skipped_in_words(monkeypatch, capsys):
    monkeypatch.setattr(tests, "fetch", lambda *lists: Files(None, None, ()))
    monkeypatch.setattr(node.shutil, "which", lambda name: None)
    assert tests.main() == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("skipped: ")
    assert "passed" not in said


def test_a_wrong_file_is_no_reason_to_skip(monkeypatch):
    def wrong(*lists):
        raise ValueError("SHA256 hash of downloaded file does not match")

    monkeypatch.setattr(tests, "fetch", wrong)
    with pytest.raises(ValueError, match="does not match"):
        tests.main()


@pytest.mark.parametrize("says", ["v16.20.2", "v9.1.0", "", "command not found"])
def test_an_old_node_is_not_taken(says, monkeypatch, tmp_path):
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(node.shutil, "which", lambda name: str(program))
    with pytest.raises(Unavailable, match="wanted Node 18 or newer"):
        node.node()
    program.write_text("#!/bin/sh\necho v20.1.0\n")
    assert node.node() == str(program)


def test_what_is_left_out_is_there(request):
    """A test that is renamed would run again, and fail, where it cannot."""
    for test in LEFT_OUT:
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}" in (request.config.rootpath / path).read_text("utf-8")


@pytest.mark.slow
def test_all_tests_of_the_package_pass_there():
    assert tests.main(WHOLE) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "arguments", "code", "said"),
    [
        ("pytest", ("--version",), 0, "pytest 9"),
        ("pytest", ("-c", "/dev/null", "no/such/test.py"), 4, "no/such/test.py"),
        ("json.tool", ("/no/such/file",), 2, "No such file"),
        ("no_such_module", (), 1, "no_such_module"),
        ("course_utils.experiments.results", (), 1, "is a package|No module named"),
    ],
)
def test_exit_codes_come_out_of_pyodide(module, arguments, code, said):
    try:
        done = node.run(fetch("browser.txt", "tests.txt"), module, *arguments, cwd=node.HOME)
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert done.returncode == code, done.stdout
    assert any(word in done.stdout for word in said.split("|")), done.stdout
    assert "var Module" not in done.stdout, "the source of Pyodide"
