"""A poem sung and a melody given words: what goes in, what comes out, and the same again from the recipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muse.errors import InputError, WishError
from muse.music.composer import PieceRequest
from muse.poem.poem import Poem
from muse.terms import Mood
from muse.verbs import song, tune, verse
from muse.verbs.check import check, check_file
from muse.verbs.remake import remake

VERSE = "白日依山尽，黄河入海流。/欲穷千里目，更上一层楼。"
HYMN = "The wind is low upon the hill/The sea is wide and grey"


def test_words_are_read_from_anywhere(tmp_path: Path) -> None:
    poem = Poem.from_text(VERSE.replace("/", "\n"))
    (tmp_path / "a.json").write_text(json.dumps(poem.as_dict()))
    (tmp_path / "b.txt").write_text(VERSE.replace("/", "\n"))
    sources = [VERSE, VERSE.replace("/", "\n"), poem, poem.as_dict(), str(tmp_path / "a.json"), tmp_path / "b.txt"]
    found = {song.read(source).lyrics for source in sources}  # type: ignore[arg-type]
    assert len(found) == 1
    assert song.read(song.read(VERSE).plain()).lyrics in found
    assert song.read(HYMN).poem.language == "en"
    assert song.read("mi sol la", lang="en").lyrics.syllables


@pytest.mark.parametrize("source", ["", "???", "missing.json", "Белеет парус одинокий"])
def test_what_cannot_be_sung_is_said(source: str) -> None:
    with pytest.raises(InputError):
        song.read(source)


def test_a_request_is_fitted() -> None:
    request, made = song.fitted(PieceRequest(mood=Mood(valence=-0.5), seed=3), song.read(VERSE))
    assert request.rhythm == made.rhythm and request.bars == made.bars and request.meter == str(made.meter)
    assert str(request.key).endswith("羽") and request.worth is not None
    bright, _ = song.fitted(PieceRequest(mood=Mood(valence=0.5), key="D minor"), song.read(VERSE), tones="hard")
    assert bright.key == "D minor" and bright.worth is None and any(len(ways) < 3 for ways in bright.steps)
    english, _ = song.fitted(PieceRequest(), song.read(HYMN), meter="3/4", bars=8)
    assert english.key is None and english.meter == "3/4" and english.bars == 8
    with pytest.raises(WishError, match="bars cannot hold"):
        song.fitted(PieceRequest(), song.read(VERSE), bars=7)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("words", [VERSE, HYMN])
def test_a_poem_is_sung_and_sung_again(words: str) -> None:
    made = tune.compose(lyrics=words, tones="hard", melisma=0.3, ensemble="melody", candidates=1, seed=4)
    sung = [note.lyric for note in made.melody.notes if note.lyric != "_"]
    assert sung == [one.text for one in song.read(words).lyrics.syllables]
    told = {promise.name: promise.kept for promise in made.report.promises}
    assert told["lyrics"] is True and told["breath"] is True
    assert told["tones" if words is VERSE else "stress"] is True
    assert check_file("piece.mid", made.midi(), made.recipe).valid is not False
    assert remake(made.recipe).files()["piece.mid"] == made.midi()


@pytest.mark.usefixtures("small")
def test_a_melody_is_given_words(tmp_path: Path) -> None:
    made = tune.compose(lyrics=HYMN, ensemble="melody", candidates=1, seed=4)
    (tmp_path / "tune.mid").write_bytes(made.midi())
    poem = verse.poem("autumn sea", melody=tmp_path / "tune.mid", candidates=2, seed=1)
    told = {promise.name: promise for promise in poem.report.promises}
    assert told["melody"].kept is True and told["melody"].asked == "8, 6 syllables"
    assert any(one.startswith("strong notes") for one in poem.report.findings)
    assert {one.name for one in check(poem).promises} >= {"melody", "form"}
    assert poem.recipe.request["melody"][0]["steps"][0] == 0
