"""The old state of a GRU has four ways into the new one: which of them does a gradient miss, or take wrongly?"""

from itertools import combinations

from course_utils.exercises.exercise import NotYet, agree, close
from course_utils.tree import Array


def diagnose_paths(got: Array, want: dict[str, Array], dh: Array, r: Array, z: Array, dpast: Array, W_h: Array) -> None:
    """The old state has four ways into the new one: which of them is missing, or wrong?"""
    paths = {
        "the copy (z ⊙ h)": dh * z,
        "the candidate ((r ⊙ h) W_h[2])": dpast * r,
        "the reset gate (h W_h[0])": want["da_r"] @ W_h[0].T,
        "the update gate (h W_h[1])": want["da_z"] @ W_h[1].T,
    }
    for number in (1, 2, 3):
        for lost in combinations(paths, number):
            if close(got, sum(path for name, path in paths.items() if name not in lost)):
                raise NotYet(
                    f"the gates are right. dh_before misses the path through {' and through '.join(lost)}.",
                    "the old state stands in four places of the equations; add up what comes back from each",
                )
    right = want["dh_before"]
    for wrong, what, hint in (
        (right + dpast * (1 - r), "the path through the candidate passes the reset gate, too: r ⊙ h.", "dpast * r"),
        (right + dh * (1 - z), "the copy passes the whole gradient; it should pass the share z.", "dh * z"),
        (right - dh * z + dh * (1 - z), "the copy passes the share 1 - z; it should pass z.", "dh * z"),
        (
            right + want["da_r"] @ (W_h[0] - W_h[0].T) + want["da_z"] @ (W_h[1] - W_h[1].T),
            "the gates' paths use W_h as on the way forward.", "da_r @ W_h[0].T + da_z @ W_h[1].T",
        ),
        (
            right + want["da_r"] @ (W_h[1] - W_h[0]).T + want["da_z"] @ (W_h[0] - W_h[1]).T,
            "the matrices of the two gates are swapped.", "W_h[0] belongs to r, W_h[1] to z",
        ),
    ):  # fmt: skip
        if close(got, wrong):
            raise NotYet(f"the gates are right. dh_before: {what}", hint)
    agree(got, right, "dh_before", "four paths: the copy, the candidate, and both gates")
