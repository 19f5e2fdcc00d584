"""What all tests share: a seeded random generator, and property tests that do not depend on how busy the machine is."""

import matplotlib
import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
matplotlib.use("agg")  # no windows; kernels started by a test still choose for themselves


@pytest.fixture
def rng() -> np.random.Generator:
    """A fresh generator with the same seed for every test, so that no test depends on those before it."""
    return np.random.default_rng(0)
