"""The slow, obvious way to look at a stream, against which the fast one is checked."""

from collections.abc import Callable, Sequence

import pytest


@pytest.fixture(scope="session")
def pairs() -> Callable[[Sequence[int], int, int | None], list[tuple[tuple[int, ...], int]]]:
    """Every (context of at most n-1 tokens, token) of a stream, one per token, by the rules of `NGrams`."""

    def run(tokens, n, boundary):
        found = []
        for t, token in enumerate(tokens):
            past = list(tokens[:t])
            if boundary is not None:
                while boundary in past:
                    past = past[past.index(boundary) + 1 :]
                past = [boundary] * (n - 1) + past
            found.append((tuple(past[max(len(past) - n + 1, 0) :]), token))
        return found

    return run
