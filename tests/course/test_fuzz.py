"""The table of fuzzing counts what hypothesis says, all parameters of a test together."""

from tools.fuzz import examples

REPORT = """
tests/hard_use/test_text.py::test_words:

  - during reuse phase (0.00 seconds):
    - 2 passing, 1 failing, and 0 invalid test cases
  - during generate phase (1.52 seconds):
    - 1500 passing, 0 failing, and 54 invalid test cases

tests/hard_use/test_arrays.py::test_layers[two layers in both directions]:

  - during generate phase (0.10 seconds):
    - 30 passing examples, 0 failing examples, 3 invalid examples

tests/hard_use/test_arrays.py::test_layers[RNN]:

  - during generate phase (0.10 seconds):
    - 30 passing examples, 0 failing examples, 0 invalid examples
"""


def test_examples_are_added_up():
    assert examples(REPORT) == {("test_text.py", "test_words"): [1502, 1], ("test_arrays.py", "test_layers"): [60, 0]}
