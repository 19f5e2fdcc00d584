"""What all tests share: a seeded random generator, and property tests that do not depend on how busy the machine is."""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from jaxtyping import config

settings.register_profile("course", deadline=None, derandomize=True)
settings.register_profile(  # for `python -m tools.fuzz`; chosen with --hypothesis-profile=thorough
    "thorough", deadline=None, max_examples=1_500, print_blob=True, suppress_health_check=list(HealthCheck)
)
settings.register_profile(  # under Pyodide (`python -m tools.check wasm`), ten times slower: no search for a smaller example
    "wasm", deadline=None, derandomize=True, max_examples=10, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("course")
matplotlib.use("agg")  # no windows; kernels started by a test still choose for themselves


@pytest.fixture
def rng() -> np.random.Generator:
    """A fresh generator with the same seed for every test, so that no test depends on those before it."""
    return np.random.default_rng(0)


@contextmanager
def unchecked() -> Iterator[None]:
    """As learners run it, without a look at the types of arguments at every call."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)


@pytest.fixture
def without_type_checks() -> Iterator[None]:
    """For tests of the ValueErrors that an argument of a wrong type gets, and for those that call thousands of times."""
    with unchecked():
        yield
