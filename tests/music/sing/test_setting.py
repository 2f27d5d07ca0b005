"""A poem set: every syllable once, whole bars, strophes, rhymes, tones, melismas, wishes that cannot be met."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sung import walk

from muse.errors import InputError, UsageError, WishError
from muse.music.sing import report, setting, underlaid
from muse.music.sing.lines import cadences, lines_of
from muse.music.sing.tones import FREE, agreement
from muse.music.theory import Meter
from muse.poem.poem import Poem
from muse.terms import Lyrics

QUIET = Poem.from_text("床前明月光，疑是地上霜。\n举头望明月，低头思故乡。").lyrics()
SPRING = Poem.from_text(
    "国破山河在，城春草木深。\n感时花溅泪，恨别鸟惊心。\n烽火连三月，家书抵万金。\n白头搔更短，浑欲不胜簪。"
).lyrics()
DEATH = Poem.from_text(
    "Because I could not stop for Death\nHe kindly stopped for me\nThe Carriage held but just Ourselves\n"
    "And Immortality\n\nWe slowly drove, He knew no haste\nAnd I had put away\nMy labor and my leisure too\n"
    "For His Civility"
).lyrics()


@pytest.mark.parametrize("lyrics", [QUIET, SPRING, DEATH])
@pytest.mark.parametrize("meter", [None, "4/4", "3/4", "6/8", "5/4", "2/2"])
def test_each_syllable_has_a_note_and_lines_fill_bars(lyrics: Lyrics, meter: str | None) -> None:
    made = setting(lyrics, meter=Meter.parse(meter) if meter else None, seed=3)
    assert [note.syllable for note in made.notes] == list(range(len(lyrics.syllables)))
    assert all(tick + long <= other for (tick, long), (other, _) in pairwise(made.rhythm))
    assert made.rhythm[0][0] == 0 or made.pickup == 0
    assert sum(made.rhythm[-1]) <= made.pickup + made.bars * made.meter.bar
    for phrase, after in pairwise(made.phrases):
        assert after.start - phrase.start == phrase.bars * made.meter.bar
    assert meter is None or str(made.meter) == meter
    assert any("as asked" in reason for reason in made.reasons) == (meter is not None)


@pytest.mark.parametrize("lyrics", [QUIET, SPRING, DEATH])
@pytest.mark.parametrize("melisma", [0.0, 0.5, 1.0])
def test_what_the_setting_asks_is_what_the_report_finds(lyrics: Lyrics, melisma: float) -> None:
    made = setting(lyrics, melisma=melisma, tones="hard", seed=5)
    found = underlaid(walk(made, 2), made)
    told = report(found, lyrics)
    assert told.valid is True and found.report.findings == told.findings
    assert [promise.name for promise in told.promises][:3] == ["lyrics", "breath", "rhyme cadences"]
    assert all(promise.kept is True for promise in told.promises)
    assert ("stressed" if lyrics is DEATH else "tone agreement: 100%") in told.findings[0]
    assert found.plan == made.reasons
    more = sum(note.lyric == "_" for note in found.melody.notes)
    assert more == sum(note.more for note in made.notes) and bool(more) == bool(melisma)


def test_strophes_are_sung_to_one_tune() -> None:
    made = setting(DEATH, seed=1)
    half = len(made.phrases) // 2
    tune = walk(made, 1).melody.notes
    by_tick = {note.tick: note.pitch for note in tune}
    shift = made.phrases[half].start - made.phrases[0].start
    first = [note for phrase in made.phrases[:half] for note in phrase.notes]
    same = [by_tick[note.tick] == by_tick.get(note.tick + shift, by_tick[note.tick]) for note in first]
    assert all(same)
    assert made.echoes and all(source < bar for bar, source in made.echoes.items())
    assert "lines 5-8 to the tune of lines 1-4" in made.reasons


def test_regulated_verse_comes_round_after_four_lines() -> None:
    lines = lines_of(SPRING)
    assert [line.model for line in lines] == [-1, -1, -1, -1, 0, 1, 2, 3]
    assert cadences(lines)[1::2] == (1, 1, 1, 1)


def test_a_longer_line_splits_the_notes_of_its_model() -> None:
    lyrics = Poem.from_text("The wind is low\nThe sea is wide\n\nThe wind has fallen low\nThe sea is wide").lyrics()
    made = setting(lyrics, meter=Meter(4, 4), seed=0)
    tune = walk(made, 4).melody.notes
    longer, model = made.phrases[2], made.phrases[0]
    if longer.bars == model.bars:
        sounding = {note.tick - model.start: note for note in model.notes}
        pitches = {note.tick: one.pitch for note, one in zip(made.notes, tune, strict=True)}
        for note in longer.notes[:-2]:
            before = [tick for tick in sounding if tick <= note.tick - longer.start]
            if before:
                assert pitches[note.tick] == pitches[sounding[max(before)].tick]


def test_hard_tones_are_kept_and_free_ones_are_not_asked() -> None:
    hard, free = (setting(SPRING, tones=tones, seed=2) for tones in ("hard", "weight"))
    assert set(free.steps) == {FREE} and set(hard.steps) > {FREE}
    assert len(hard.steps) == len(hard.rhythm) - 1
    shares = [
        float(underlaid(walk(free, seed), free).report.findings[0].split()[2].rstrip("%")) for seed in range(12)
    ]  # fmt: skip
    assert sum(shares) / len(shares) < 90


def test_agreement_counts_pairs_of_unlike_tone_only() -> None:
    up, down = ("level", 60, 60), ("oblique", 64, 64)
    assert agreement([[up, down], [up]]).share == 1
    assert agreement([[down, ("level", 67, 67)]]).contrary == 1
    assert agreement([[("level", 60, 66), down]]).contrary == 1, "the last note of a syllable leads on"
    assert agreement([[up, up]]).pairs == 0 and agreement([]).share == 1


def test_the_bars_that_were_asked_for() -> None:
    assert setting(QUIET, bars=16).bars == 16
    assert setting(DEATH, bars=32).bars == 32
    with pytest.raises(WishError, match="9 bars cannot hold these 8 lines"):
        setting(DEATH, bars=9)
    with pytest.raises(WishError, match="bars"):
        setting(QUIET, bars=1)


def test_wishes_that_are_none() -> None:
    with pytest.raises(UsageError, match="did you mean"):
        setting(QUIET, tones="hart")
    with pytest.raises(UsageError, match="share"):
        setting(QUIET, melisma=2)
    with pytest.raises(InputError, match="nothing to sing"):
        setting(Lyrics())


def test_a_seed_gives_one_rhythm_and_seeds_differ() -> None:
    every = {setting(DEATH, seed=seed).rhythm for seed in range(6)}
    assert setting(DEATH, seed=3).rhythm == setting(DEATH, seed=3).rhythm
    assert len(every) > 1


def test_words_that_are_missing_are_told() -> None:
    made = setting(QUIET)
    tune = walk(made)
    assert report(underlaid(tune, setting(SPRING)), SPRING).valid is False
