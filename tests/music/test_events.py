"""The codec: decode(encode(x)) == x for every draft it accepts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import CorpusError
from muse.music import vocabulary as words
from muse.music.corpus import jsb_draft
from muse.music.events import LINES, Draft, decode, encode, shift
from muse.music.feed import unsaid
from muse.music.grammar import allowed
from muse.music.theory import QUALITIES, Chord, Key, Meter


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    task = draw(st.sampled_from(words.TASKS))
    key = Key(draw(st.integers(0, 11)), draw(st.sampled_from(["major", "minor"])))
    meter = Meter.parse(draw(st.sampled_from(words.METERS)))
    pickup = draw(st.sampled_from([0, 0, *range(1, meter.bar)]))
    length = pickup + draw(st.integers(1, 6 * meter.bar))
    voices = []
    for line in LINES[task]:
        low, high = words.WINDOWS[line]
        voice, now = [], 0
        for _ in range(draw(st.integers(0, 12))):
            now += draw(st.sampled_from([0, 0, 0, 1, 3, 6, 12, 50]))
            duration = draw(st.sampled_from([1, 3, 4, 6, 9, 12, 24, 48, 120]))
            if now + duration > length:
                break
            pitch = draw(st.integers(low, high)) - shift(key)
            voice.append((now, duration, pitch, draw(st.sampled_from([5, 5, 5, 0, 7]))))
            now += duration
        voices.append(tuple(voice))
    chords: list[Chord] = []
    if task == "lead":
        for tick in sorted(draw(st.sets(st.integers(0, length - 1), max_size=5))):
            chord = Chord(tick, draw(st.integers(0, 11)), draw(st.sampled_from(list(QUALITIES))))
            chords.append(chord)
    header = tuple(
        sorted(draw(st.dictionaries(st.sampled_from(["tempo", "density", "energy"]), st.sampled_from("01234"))))
    )
    said = tuple((slot, "3") for slot in words.HEADER if slot in header)
    return Draft(task, key, meter, tuple(voices), length, pickup, tuple(chords), said)


@settings(max_examples=1000, deadline=None)
@given(drafts())
def test_decode_inverts_encode(draft: Draft) -> None:
    code = encode(draft)
    assert decode(code.tokens) == draft
    assert len(code.tokens) == len(code.rows) == len(code.columns)
    assert (np.diff(code.rows) >= 0).all()
    assert (code.columns >= 0).all() and (code.columns < 24).all()


def test_all_keys_share_their_notes() -> None:
    def tune(tonic: int) -> np.ndarray:
        key = Key(tonic)
        voice = tuple((12 * i, 12, 60 - shift(key) + step, 5) for i, step in enumerate((0, 2, 4, 0)))
        return encode(Draft("melody", key, Meter(4, 4), (voice,), 48)).tokens[words.SLOTS :]

    assert all((tune(tonic) == tune(0)).all() for tonic in range(12))


def test_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(CorpusError, match="outside the vocabulary"):
        encode(Draft("melody", Key(0), Meter(4, 4), (((0, 12, 127, 5),),), 48))
    with pytest.raises(CorpusError, match="no end"):
        decode([words.header(slot, None) for slot in words.HEADER])


@settings(max_examples=100, deadline=None)
@given(drafts())
def test_the_grammar_allows_all_that_the_codec_writes(draft: Draft) -> None:
    tokens = encode(draft).tokens
    legal = allowed(tokens, draft.task, draft.meter)
    assert legal[np.arange(len(tokens)), tokens].all()
    assert legal[-1].sum() < words.SIZE / 2


def test_the_grammar_of_frames() -> None:
    draw = np.random.default_rng(1)
    frames = [[int(pitch) for pitch in draw.choice([60, 62, 64, -1], 4)] for _ in range(50)]
    tokens = unsaid(encode(jsb_draft(frames)).tokens)
    legal = allowed(tokens, "satb", Meter(4, 4), frames=True)
    assert legal[np.arange(len(tokens)), tokens].all()
