"""What every benchmark is asked on its command line."""

import argparse


def arguments(description: str | None, *, quick: str, names: str | None = None) -> argparse.Namespace:
    """`quick`, explained by that text, and, called so in the help, also `names` of what to run (none: all).

    What a quick run measures is printed and never kept.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if names:
        parser.add_argument("names", nargs="*", metavar=names)
    parser.add_argument("--quick", action="store_true", help=f"{quick}; keeps nothing")
    return parser.parse_args()
