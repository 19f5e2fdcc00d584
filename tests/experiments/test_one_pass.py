"""One pass, as chapter 05 trains."""

import numpy as np

from course_utils.experiments.one_pass import read_once


def test_reading_once_takes_every_window_in_order_and_lowers_the_rate_at_the_end():
    seen = []

    def loss_and_gradient(model, window):
        seen.append(window)
        return 0.0, np.array([1e-3])

    model = read_once(np.zeros(1), loss_and_gradient, range(15), lr=0.1)
    assert seen == list(range(15))
    np.testing.assert_allclose(model, [-(11 * 0.1 + 4 * 0.025)], rtol=1e-4)  # Adam's steps are as long as the rate
    warmed = read_once(np.zeros(1), loss_and_gradient, range(15), lr=0.1, warmup=4)
    np.testing.assert_allclose(warmed, model + 0.1 * (0.75 + 0.5 + 0.25), rtol=1e-4)
