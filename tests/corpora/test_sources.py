"""Every SOURCE.toml, and what is found where."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from muse import sources
from muse.errors import CorpusError, UsageError
from muse.sources import UNKNOWN, Corpus
from muse.verbs import corpora

ALL = [sources.corpus(name) for name in sources.names()]


@pytest.mark.parametrize("corpus", ALL, ids=lambda corpus: corpus.name)
def test_what_each_corpus_says_of_itself(corpus: Corpus) -> None:
    assert corpus.folder.name == corpus.name
    assert corpus.title and corpus.licence and corpus.kinds and corpus.records and corpus.published
    assert corpus.shipped or corpus.why
    for record in corpus.records:
        assert record.sha256 == UNKNOWN or re.fullmatch("[0-9a-f]{64}", record.sha256)
    for published in corpus.published:
        assert published.note or published.url
        if published.url:
            assert "{path}" in published.url
            assert re.fullmatch("[0-9a-f]{12}|[0-9a-f]{40}", published.commit)
    paths = [(published.name, file.path) for published, file in corpus.files()]
    assert len(paths) == len(set(paths))
    for published, file in corpus.files():
        if file.sha256 == UNKNOWN:
            assert "unknown" in published.note or published.note.startswith("The wheel")
        else:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)


@pytest.mark.parametrize("corpus", [each for each in ALL if each.sample], ids=lambda corpus: corpus.name)
def test_the_sample_can_be_read(corpus: Corpus, tmp_path: Path) -> None:
    path = corpus.sample_path()
    if "poem" in corpus.kinds:
        from muse.poem.corpus import read as poems

        assert {poem.form for poem in poems(path)} == {"五绝", "七绝", "五律", "七律"}
    elif "music" in corpus.kinds:
        from muse.music.corpus import read as music

        named = path if corpus.shipped else next(path.iterdir())
        assert len(list(music(named, "train"))) >= 10
        assert len(list(music(named, "valid"))) >= 1
    else:
        from muse.art.corpus import read as pictures

        found = pictures(path, tmp_path)
        assert len(found.styles) == 9 and len(found) >= 45


def test_the_samples_of_verse_are_regular() -> None:
    from muse.poem.corpus import read as poems
    from muse.poem.referee import judge

    for poem in poems(sources.corpus("tang-song").sample_path()):
        assert judge(poem.lines, poem.form).valid is True


def test_the_catalogue() -> None:
    entries = {entry["name"]: entry for entry in corpora.catalogue()}
    assert set(entries) == set(sources.names())
    assert entries["jsb-chorales"]["buildable"] and entries["jsb-chorales"]["fetchable"] == 2
    assert entries["rhyme-tables"]["kinds"] == []
    assert not entries["pop909"]["shipped"]


def test_an_unknown_corpus() -> None:
    with pytest.raises(UsageError, match='did you mean "tang-song"'):
        sources.corpus("tang-sung")
    with pytest.raises(UsageError):
        corpora.check("nothing")
    with pytest.raises(CorpusError, match="no direct address"):
        corpora.fetch("deepspeare")


@pytest.mark.parametrize(
    "text",
    ["", "a = ", "\x00", 'name = "x"', 'name = 7\ntitle = "t"\nkinds = ["poem"]\nlicence = "l"\nshipped = true',
     'name = "x"\ntitle = "t"\nkinds = ["poem"]\nlicence = "l"\nshipped = true\nfoo = 1', "a = " + "[" * 5000],
)  # fmt: skip
def test_broken_files_are_named_errors(text: str, tmp_path: Path) -> None:
    path = tmp_path / "SOURCE.toml"
    path.write_text(text)
    with pytest.raises(CorpusError):
        sources.read(path)


def test_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUSE_DATA", str(tmp_path))
    with pytest.raises(CorpusError, match="MUSE_DATA"):
        sources.data_folder()
    (tmp_path / "poetry").mkdir()
    assert sources.data_folder() == tmp_path
    monkeypatch.delenv("MUSE_DATA")
    (tmp_path / "here" / "data" / "art").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    assert sources.data_folder() == tmp_path / "here" / "data"


@pytest.mark.skipif("MUSE_DATA" not in os.environ, reason="MUSE_DATA is not set")
def test_the_shared_data_is_what_the_files_say() -> None:
    found = corpora.check()
    assert found and all(each.state in ("whole", "unverified") for each in found if each.what == "records")
