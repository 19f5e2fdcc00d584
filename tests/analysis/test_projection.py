"""Principal directions: of clouds whose longest directions are known."""

import numpy as np
import pytest

from course_utils.analysis.projection import principal_directions


@pytest.fixture
def cloud(rng):
    """5,000 points, of spread 5, 2 and 0.1 along three axes that were turned, around (1, 2, 3); and the axes."""
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return rng.normal(size=(5_000, 3)) * (5, 2, 0.1) @ axes + (1, 2, 3), axes


def test_the_longest_directions_come_first(cloud):
    X, axes = cloud
    found = principal_directions(X, 3)
    np.testing.assert_allclose(np.abs(found.directions @ axes.T), np.eye(3), atol=0.05)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(found.share, np.array([25, 4, 0.01]) / 29.01, atol=0.01)
    assert found.share.sum() == pytest.approx(1)


def test_shares_are_those_of_the_whole_variance(cloud):
    """Also if only some directions are asked for; the variance along them is that of the coordinates."""
    X, _ = cloud
    found = principal_directions(X, 2)
    variance = found.apply(X).var(axis=0)
    np.testing.assert_allclose(found.share, variance / X.var(axis=0).sum(), rtol=1e-9)
    np.testing.assert_allclose(found.apply(X).mean(axis=0), 0, atol=1e-12)


def test_all_directions_keep_every_distance(cloud, rng):
    X, _ = cloud
    other = rng.normal(size=(7, 3))
    places = principal_directions(X, 3).apply(other)
    np.testing.assert_allclose(places @ np.ones(3), places.sum(1))
    apart = lambda A: np.linalg.norm(A[:, None] - A, axis=-1)  # noqa: E731
    np.testing.assert_allclose(apart(places), apart(other), atol=1e-12)


def test_a_map_does_not_flip(cloud):
    X, _ = cloud
    one, mirrored = principal_directions(X, 2), principal_directions(-X, 2)
    np.testing.assert_allclose(one.directions, mirrored.directions, atol=1e-9)
    assert (one.directions.max(axis=1) == np.abs(one.directions).max(axis=1)).all()


def test_points_that_all_lie_in_one_place():
    assert not principal_directions(np.ones((4, 3)), 2).share.any()


@pytest.mark.parametrize(("N", "D", "K"), [(3, 5, 3), (9, 2, 3), (5, 5, 0)])
def test_more_directions_than_there_are(N, D, K):
    with pytest.raises(
        ValueError, match=rf"wanted (1 <= K <= {min(N - 1, D)} for {N} points in {D} numbers|K >= 1), got {K}"
    ):
        principal_directions(np.zeros((N, D)), K)


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_shares_do_not_depend_on_the_size(size, cloud):
    np.testing.assert_allclose(
        principal_directions(cloud[0] * size).share, principal_directions(cloud[0]).share, rtol=1e-9
    )
