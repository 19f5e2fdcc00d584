"""Optional downloads: pooch fetches, from a server on this machine; the archives are small ones in the official layout."""

import builtins
import errno
import hashlib
import io
import os
import tarfile
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest

from course_utils.data import downloads as module
from course_utils.data.downloads import GLOVE, REVIEWS, Download, official_glove, official_reviews
from course_utils.text.vocabulary import Vocabulary

CONTENT = bytes(range(256)) * 1_000


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/gone":
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/half" else CONTENT)
        return None

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """Serves CONTENT under every name but /gone, and breaks off in the middle of /half; `asked` lists what was wanted."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def download(url, content=CONTENT):
    return Download("data.bin", url, hashlib.sha256(content).hexdigest(), 1)


def test_a_file_is_downloaded_once(server, tmp_path):
    file = download(f"{server.address}/data")
    path = file.fetch(tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "data.bin"
    assert path.read_bytes() == CONTENT
    assert file.fetch(path.parent) == path
    assert server.asked == ["/data"]
    assert list(path.parent.iterdir()) == [path]


def test_it_lands_in_the_cache_of_the_user(server, tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    assert download(f"{server.address}/data").fetch() == tmp_path / "sequence-models-course" / "data.bin"


def test_another_file_is_refused_and_not_kept(server, tmp_path):
    file = download(f"{server.address}/data", b"other")
    got = hashlib.sha256(CONTENT).hexdigest()
    with pytest.raises(ValueError, match=rf"(?s)no longer the file.*expected sha256:{file.sha256} but got {got}"):
        file.fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert server.asked == ["/data"], "asking again would bring the same"


def test_a_damaged_file_in_the_cache_is_replaced(server, tmp_path):
    (tmp_path / "data.bin").write_bytes(CONTENT[:-1])
    assert download(f"{server.address}/data").fetch(tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(("path", "reason"), [("/gone", "404"), ("/half", "")])
def test_a_failing_server_leaves_nothing_behind(server, tmp_path, path, reason):
    with pytest.raises(OSError, match=rf"(?s)could not download {server.address}{path} .*{reason}.*as data\.bin"):
        download(server.address + path).fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_it_says_what_to_do(server, tmp_path):
    server.shutdown()
    server.server_close()  # nobody listens at its port any more
    with pytest.raises(OSError, match=r"(?s)\(1 MB\).*try again with a network, or bring the file.*as data\.bin"):
        download(f"{server.address}/data").fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(self, url, output_file, pooch, check_only=False):
        with open(output_file, "wb") as file:
            file.write(CONTENT[:1_000])
        assert len(list(tmp_path.iterdir())) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        download("http://127.0.0.1/data").fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, url, output_file, pooch, check_only=False):
        with open(output_file, "wb") as file:
            file.write(CONTENT[:1_000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    with pytest.raises(OSError, match=rf"\(1 MB\) to {tmp_path}: \[Errno 28\] No space left on device"):
        download("http://127.0.0.1/data").fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="users of POSIX")
def test_a_folder_that_may_not_be_written_to_is_named_before_anything_is_fetched(server, tmp_path, monkeypatch):
    tmp_path.chmod(0o555)
    monkeypatch.chdir(tmp_path)
    us = os.geteuid()
    try:
        if us == 0:
            os.seteuid(65534)  # nothing is forbidden to root
        with pytest.raises(OSError, match=r"could not download .*Permission denied|not have write permission"):
            download(f"{server.address}/data").fetch(".")
    finally:
        os.seteuid(us)
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []
    assert server.asked == []


def test_pooch_is_asked_for_where_it_is_missing(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pooch":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r'pooch; .*pip install "sequence-models-course\[download\]"'):
        REVIEWS.fetch(tmp_path)


@pytest.mark.parametrize("file", [REVIEWS, GLOVE], ids=lambda file: file.name)
def test_the_official_files_are_pinned_and_come_by_https(file):
    assert file.url.startswith("https://")
    assert file.url.endswith(f"/{file.name}")
    assert len(bytes.fromhex(file.sha256)) == 32


def place(tmp_path, monkeypatch, name, content):
    """Put an archive where the official one is looked for, and pass it off as that."""
    official = getattr(module, name)
    (tmp_path / official.name).write_bytes(content)
    monkeypatch.setattr(
        module, name, replace(official, sha256=hashlib.sha256(content).hexdigest(), url="http://127.0.0.1")
    )


def tar(members):
    """A .tar.gz of ordinary files (name, text), and of members of other kinds (TarInfo)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                name, text = member
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


MEMBERS = [
    special("aclImdb/test", tarfile.DIRTYPE),
    ("aclImdb/test/labeledBow.feat", "9 0:9"),
    ("aclImdb/test/pos/1_10.txt", "Loved it.<br /><br />Twice &amp; more."),
    ("aclImdb/test/neg/0_2.txt", "Bad – very."),
    ("aclImdb/train/neg/0_3.txt", "Dull."),
    ("aclImdb/train/neg/1_1.txt", "Dull."),
    ("aclImdb/train/unsup/0_0.txt", "Who knows."),
    ("aclImdb/train/pos/0_8.txt", "Fine."),
    ("aclImdb/train/pos/1_9.txt", "Finer."),
    ("aclImdb/test/neg/1_4.txt", "Meh."),
    ("aclImdb/test/pos/0_7.txt", "Nice."),
]
HOSTILE = [
    ("../../escaped.txt", "out"),
    ("/tmp/aclImdb/test/pos/0_9.txt", "out"),
    ("aclImdb/test/pos/../../../../0_9.txt", "out"),
    ("x/aclImdb/test/pos/0_9.txt", "out"),
    ("aclImdb/test/pos/0_9.txt.py", "out"),
    special("aclImdb/test/neg/0_1.txt", tarfile.SYMTYPE, "/etc/hostname"),
    special("aclImdb/test/neg/1_1.txt", tarfile.LNKTYPE, "aclImdb/train/neg/0_3.txt"),
    special("aclImdb/test/pos/1_1.txt", tarfile.FIFOTYPE),
]


@pytest.mark.parametrize("members", [MEMBERS, HOSTILE + MEMBERS], ids=["as it is", "with names that lead elsewhere"])
def test_reviews_are_read_from_the_archive(tmp_path, monkeypatch, members):
    place(tmp_path, monkeypatch, "REVIEWS", tar(members))
    monkeypatch.setattr(module, "HALF", 2)
    before = sorted(tmp_path.parent.rglob("*"))
    reviews = official_reviews(folder=tmp_path)
    assert [review.text for review in reviews] == ["Bad – very.", "Meh.", "Nice.", "Loved it. Twice & more."]
    assert [review.label for review in reviews] == [0, 0, 1, 1]
    assert [review.number for review in reviews] == [0, 1, 2, 3]
    assert [review.text for review in official_reviews("train", folder=tmp_path)] == [
        "Dull.",
        "Dull.",
        "Fine.",
        "Finer.",
    ]
    assert sorted(tmp_path.parent.rglob("*")) == before, "nothing was unpacked"


def test_an_archive_that_lacks_a_review_is_refused(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "REVIEWS", tar(MEMBERS[:-1]))
    monkeypatch.setattr(module, "HALF", 2)
    with pytest.raises(ValueError, match=r"wanted 2 reviews of each label in test, .*got 3 reviews"):
        official_reviews(folder=tmp_path)


def test_there_are_two_parts(tmp_path):
    with pytest.raises(ValueError, match=r'"train" or "test", got \'valid\''):
        official_reviews("valid", folder=tmp_path)


def vectors_zip(**lines):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for D, text in lines.items():
            archive.writestr(f"glove.6B.{D[1:]}d.txt", text)
    return buffer.getvalue()


def line(word, values):
    return f"{word} {' '.join(f'{x:.5g}' for x in values)}\n"


@pytest.mark.parametrize("D", [50, 100])
def test_vectors_are_read_from_the_archive(tmp_path, monkeypatch, rng, D):
    E = {n: rng.normal(size=(5, n)) for n in (50, 100)}
    words = ["the", "n't", "do", "café", "\x85"]
    place(
        tmp_path,
        monkeypatch,
        "GLOVE",
        vectors_zip(**{f"D{n}": "".join(map(line, words, rows)) for n, rows in E.items()}),
    )
    vocabulary = Vocabulary.build([["the", "the", "the", "don't", "don't", "\x85", "café", "zxqv"]])
    vectors, found = official_glove(vocabulary, D, folder=tmp_path)
    rows = dict(zip(vocabulary.words, vectors, strict=True))
    for token in ("the", "café", "\x85"):
        np.testing.assert_allclose(rows[token], E[D][words.index(token)], rtol=1e-4)
    np.testing.assert_allclose(rows["don't"], (E[D][1] + E[D][2]) / 2, rtol=1e-3)
    assert not vectors[~found].any()
    assert [token for token in vocabulary.words if not rows[token].any()] == ["<pad>", "<unk>", "zxqv"]
    assert vectors.dtype == np.float32
    drawn = official_glove(vocabulary, D, rng=rng, folder=tmp_path).vectors
    assert drawn[~found][1:].all()


def test_a_line_with_too_few_numbers_is_refused(tmp_path, monkeypatch):
    place(tmp_path, monkeypatch, "GLOVE", vectors_zip(D50=line("film", range(49))))
    with pytest.raises(ValueError, match="wanted 50 numbers for 'film', got 49"):
        official_glove(Vocabulary.build([["film"]]), folder=tmp_path)


def test_there_are_four_lengths(tmp_path):
    with pytest.raises(ValueError, match="50, 100, 200 or 300, got 64"):
        official_glove(Vocabulary.build([["film"]]), 64, folder=tmp_path)
