"""Ten short reviews we wrote ourselves in the manner of the real ones; no such films exist.

They are what printed examples and the first frames of explorers show, because the real reviews belong to their authors.
Between them they hold the usual traps: negation ("not bad at all"), a late turn, praise before a fall, irony, a typo
(definately), a name no vocabulary knows, `<br />`, an HTML entity, "don't" with both kinds of apostrophe.
"""

from course_utils.data.reviews import Review
from course_utils.text.preprocessing import clean

RAW: tuple[tuple[str, int], ...] = (
    (
        (
            "I expected nothing and got a small miracle. The plot is as thin as paper, but the lighthouse keeper and his "
            "parrot are not bad at all. I laughed, I cried, I missed my bus."
        ),
        1,
    ),
    (
        "Two hours of people staring at rain. The actors try hard, the music tries harder, and nothing happens. Don't bother.",
        0,
    ),
    (
        (
            "For an hour I was bored, annoyed and looking at my watch, until the last ten minutes saved it. What an ending! "
            "I would sit through the first hour again just to see that goat open the safe."
        ),
        1,
    ),
    (
        (
            "A wonderful cast, gorgeous costumes, a clever first act... and then somebody lost the script. The ending is an "
            "insult to everyone who stayed awake."
        ),
        0,
    ),
    (
        (
            "This is definately the best film about competitive gardening I have ever seen.<br /><br />The tulip heist alone "
            "is worth the ticket. 10/10, bring popcorn &amp; a handkerchief."
        ),
        1,
    ),
    (
        (
            "Odalinda Prumm plays the countess as if she were reading a bus timetable. The castle is made of cardboard, and "
            "so is the love story. Not good, not even funny."
        ),
        0,
    ),
    (
        (
            "My daughter is six and she didn't move for ninety minutes, which has never happened before. I didn't move either. "
            "A warm, silly, beautiful film about a snail who wants to be a postman."
        ),
        1,
    ),
    (
        "The trailer has all four jokes. The film has the same four jokes, told slowly. If you can't sleep, this may help.",
        0,
    ),
    (
        (
            "Nobody explodes, nobody kisses, and I was never bored for a second. It isn't perfect, but it never pretends to be, "
            "and the old captain's silence says more than any speech."
        ),
        1,
    ),
    (
        (
            "I wanted to like it, I honestly did. The director clearly loves trains, but he doesn’t love people, and after the "
            "third tunnel I didn’t either. A waste of a good whistle."
        ),
        0,
    ),
)
"""(text as a web page would give it, label)."""

EXAMPLES: tuple[Review, ...] = tuple(Review(clean(text), label, number) for number, (text, label) in enumerate(RAW))
"""The same, cleaned: what `load_reviews` would make of them. `EXAMPLES[2]` is the late turn."""
