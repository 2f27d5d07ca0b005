"""The words in the files: lyric events of the MIDI and lyrics of the MusicXML, read back by other people's readers."""

from __future__ import annotations

import io

import mido
import pytest
from sung import walk

from muse.music.sing import setting, underlaid
from muse.poem.poem import Poem

POEMS = {
    "zh": "空山不见人，但闻人语响。\n返景入深林，复照青苔上。",
    "en": "The curfew tolls the knell of parting day\nThe lowing herd wind slowly over the lea",
}


@pytest.mark.parametrize("language", POEMS)
@pytest.mark.parametrize("melisma", [0.0, 0.6])
def test_mido_reads_every_syllable(language: str, melisma: float) -> None:
    lyrics = Poem.from_text(POEMS[language]).lyrics()
    made = setting(lyrics, melisma=melisma, seed=1)
    piece = underlaid(walk(made, 1), made)
    file = mido.MidiFile(file=io.BytesIO(piece.midi()), charset="utf-8")
    found, begins, now = [], set(), 0
    for message in file.tracks[1]:
        now += message.time
        if message.type == "lyrics":
            found.append((now, message.text))
        if message.type == "note_on" and message.velocity:
            begins.add(now)
    assert [text for _, text in found if text != "_"] == [one.text for one in lyrics.syllables]
    assert all(tick in begins for tick, _ in found)


@pytest.mark.parametrize("language", POEMS)
def test_music21_reads_every_syllable(language: str) -> None:
    lyrics = Poem.from_text(POEMS[language]).lyrics()
    made = setting(lyrics, melisma=0.6, seed=1)
    score = underlaid(walk(made, 1), made).to_music21()
    found = [one for note in score.recurse().notes for one in note.lyrics if one.text]
    assert [one.text for one in found] == [one.text.rstrip("-") for one in lyrics.syllables]
    goes_on = [one.text.endswith("-") for one in lyrics.syllables]
    assert [one.syllabic in ("begin", "middle") for one in found] == goes_on
    assert all(one.syllabic in ("end", "middle") for one, before in zip(found[1:], goes_on, strict=False) if before)
