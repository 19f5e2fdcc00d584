"""Official files that the course does without: the test part of the reviews, and GloVe vectors of every length.

They are fetched on request, once, by pooch (the extra [download]): each is written beside its place, compared with the
sha256 noted here, and only then moved there, so a lost connection leaves nothing behind. Archives are read where they lie
and never unpacked.
"""

import io
import re
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_utils.data.glove import GloVe, arrange, spellings
from course_utils.data.reviews import Review
from course_utils.text.preprocessing import clean
from course_utils.text.vocabulary import Vocabulary
from course_utils.tree import Array

HALF = 12_500  # reviews of each label, in each of the two official parts


@dataclass(frozen=True)
class Download:
    """A file of the internet, known by its sha256. size: in MB, of 10⁶ bytes."""

    name: str
    url: str
    sha256: str
    size: int

    def fetch(self, folder: str | Path | None = None) -> Path:
        """Where the file lies in the folder, downloaded if it is not there yet, and verified in any case.

        Without a folder it is one in the cache of the user: `pooch.os_cache("sequence-models-course")`.

        Raises ImportError where pooch is not installed, OSError without a network, the file on its server or a place to
        write, and ValueError if what arrived is not the file that the course was made with; it is not kept.
        """
        try:
            import pooch
        except ImportError as error:
            raise ImportError(
                f"{self.name} is downloaded with pooch; "
                'install it with: python -m pip install "sequence-models-course[download]"'
            ) from error
        folder = pooch.os_cache("sequence-models-course") if folder is None else Path(folder)
        downloader = pooch.HTTPDownloader(progressbar=True, chunk_size=2**16)
        try:
            return Path(
                pooch.retrieve(self.url, f"sha256:{self.sha256}", fname=self.name, path=folder, downloader=downloader)
            )
        except OSError as error:  # the errors of requests are OSErrors, too
            raise OSError(
                f"could not download {self.url} ({self.size} MB) to {folder}: {error}. The course does without it; "
                f"to have it, try again with a network, or bring the file from elsewhere and put it there as {self.name}"
            ) from error
        except ValueError as error:
            raise ValueError(
                f"{self.url} is no longer the file that the course was made with, or was damaged on the way; "
                f"nothing of it was kept. {error}"
            ) from error


REVIEWS = Download(
    "aclImdb_v1.tar.gz",
    "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    84,
)
GLOVE = Download(
    "glove.6B.zip",
    "https://nlp.stanford.edu/data/glove.6B.zip",
    "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    862,
)


def official_reviews(part: str = "test", *, folder: str | Path | None = None) -> tuple[Review, ...]:
    """The 25,000 reviews of one part of the official split, on films of which the other part has none (Maas et al. 2011).

    Half of each label, those with label 0 first. Texts are cleaned as those of `load_reviews` are, but all are kept, so
    that an accuracy can be compared with published ones. `number` is the number of the file, plus 12,500 where the label
    is 1. The reviews of `load_reviews` are, as far as their openings show, the training part: test on "test".

    `folder` is where the archive lies or shall lie. Raises ValueError for a part other than "train" and "test", or an
    archive that does not hold what it should, and whatever `Download.fetch` raises (ImportError, OSError).
    """
    if part not in ("train", "test"):
        raise ValueError(f'official_reviews: wanted part "train" or "test", got {part!r}')
    # Only ordinary files with exactly such a name are looked at, and nothing is written: no name can lead elsewhere.
    wanted = re.compile(rf"aclImdb/{part}/(neg|pos)/(\d+)_\d+\.txt", re.ASCII)
    reviews: dict[int, Review] = {}
    with tarfile.open(REVIEWS.fetch(folder), "r|gz") as archive:
        for member in archive:
            match = wanted.fullmatch(member.name)
            content = archive.extractfile(member) if match and member.isreg() else None
            if match and content:
                label = int(match[1] == "pos")
                number = int(match[2]) + HALF * label
                reviews[number] = Review(clean(content.read().decode("utf-8")), label, number)
            if len(reviews) == 2 * HALF:
                break
    if sorted(reviews) != list(range(2 * HALF)):
        raise ValueError(
            f"{REVIEWS.name}: wanted {HALF:,} reviews of each label in {part}, numbered from 0, got {len(reviews):,} reviews"
        )
    return tuple(reviews[number] for number in range(2 * HALF))


def official_glove(
    vocabulary: Vocabulary,
    D: int = 50,
    *,
    rng: np.random.Generator | None = None,
    folder: str | Path | None = None,
) -> GloVe:
    """What `load_glove` gives, from the official archive, in which vectors also come with D = 100, 200 and 300 numbers.

    Takes some seconds: 400,000 lines of text are read, and the numbers of those whose word is wanted.

    Raises ValueError for another D, or an archive that does not hold what it should, and whatever `Download.fetch` raises
    (ImportError, OSError).
    """
    if D not in (50, 100, 200, 300):
        raise ValueError(f"official_glove: wanted D = 50, 100, 200 or 300, got {D}")
    wanted = spellings(vocabulary)
    known: dict[str, Array] = {}
    with zipfile.ZipFile(GLOVE.fetch(folder)) as archive, archive.open(f"glove.6B.{D}d.txt") as file:
        for line in io.TextIOWrapper(file, "utf-8"):
            word, _, numbers = line.partition(" ")
            if word in wanted:
                known[word] = np.array(numbers.split(), dtype=np.float32)
                if known[word].shape != (D,):
                    raise ValueError(f"{GLOVE.name}: wanted {D} numbers for {word!r}, got {known[word].size}")
    return arrange(vocabulary, known, rng=rng)
