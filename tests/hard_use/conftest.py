"""Hard use is tried as learners run the package: without the type checks that the other tests have."""

import pytest
from jaxtyping import config


@pytest.fixture(autouse=True, scope="module")
def _as_learners_run_it():
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)
