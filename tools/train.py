"""Train models that come with the course anew, and write them into course_utils/pretrained/weights/.

python -m tools.train first_rnn      how it is done stands beside the model, in course_utils/pretrained/

Prints how good each is on held-out data. (The stacks of LSTMs are made by `benchmarks.quality.stacked`, which
compares them, where their rows are missing in its results.)
"""

import argparse
from collections.abc import Callable

from course_utils.pretrained.character_models import make_first_rnn, make_transformer
from course_utils.pretrained.date_writer import make_date_writers
from course_utils.pretrained.first_reader import make_first_reader
from course_utils.pretrained.head_reader import make_head_reader
from course_utils.pretrained.word_filler import make_word_filler

RECIPES: dict[str, Callable[[], str]] = {
    "first_reader": make_first_reader,
    "first_rnn": make_first_rnn,
    "word_filler": make_word_filler,
    "head_reader": make_head_reader,  # with the vocabulary of the word filler
    "date_writers": make_date_writers,
    "transformer": make_transformer,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=RECIPES, metavar="name", help=", ".join(RECIPES))
    for name in parser.parse_args().names:
        print(f"{name}: {RECIPES[name]()}")
