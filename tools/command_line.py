"""What every benchmark is asked on its command line."""

import argparse


def arguments(
    description: str | None, *, quick: str, names: str | None = None, jobs: int | None = None
) -> argparse.Namespace:
    """`quick`, explained by that text, and, called so in the help, also `names` of what to run (none: all) and
    how many `jobs` run at a time.

    What a quick run measures is printed and never kept.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if names:
        parser.add_argument("names", nargs="*", metavar=names)
    if jobs:
        parser.add_argument(
            "--jobs", type=int, default=jobs, help=f"runs at a time, each on one core; {jobs} if not said"
        )
    parser.add_argument("--quick", action="store_true", help=f"{quick}; keeps nothing")
    return parser.parse_args()
