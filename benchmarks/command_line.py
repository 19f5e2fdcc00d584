"""What every benchmark is asked on its command line."""

import argparse


def arguments(description: str | None, *, quick: str, chapters: bool = False) -> argparse.Namespace:
    """`quick`, explained by that text, and with `chapters` also `names`, the numbers of chapters (none: all)."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if chapters:
        parser.add_argument("names", nargs="*", metavar="NN")
    parser.add_argument("--quick", action="store_true", help=quick)
    return parser.parse_args()
