"""The list of planted bugs fits the code. (Whether tests notice them is what `python -m tools.mutate` asks.)"""

import ast

import pytest

from tools.mutate import main, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: f"{mutant.file}: {mutant.why}")
def test_every_bug_has_its_place_and_is_python(mutant):
    source = mutant.source()
    assert source != mutant.old
    ast.parse(source)


def test_a_file_without_bugs_is_refused():
    with pytest.raises(ValueError, match=r"mutate: wanted some of \[.*'attention'.*got \['nosuch'\]"):
        main(["lstm", "nosuch"])
