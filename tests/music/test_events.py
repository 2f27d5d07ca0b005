"""The codec: decode(encode(x)) == x for every draft it accepts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import CorpusError
from muse.music import vocabulary as words
from muse.music.corpus import jsb_draft
from muse.music.events import LINES, PARTS, USUAL, Draft, Encoded, decode, encode, moved, shift
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
            voice.append((now, duration, pitch, USUAL))
            now += duration
        voices.append(tuple(voice))
    chords: list[Chord] = []
    if task == "lead":
        for tick in sorted(draw(st.sets(st.integers(0, length - 1), max_size=5))):
            chord = Chord(tick, draw(st.integers(0, 11)), draw(st.sampled_from(list(QUALITIES))))
            if not chords or (chord.root, chord.quality) != (chords[-1].root, chords[-1].quality):
                chords.append(chord)
    header = tuple(
        sorted(draw(st.dictionaries(st.sampled_from(["tempo", "density", "energy"]), st.sampled_from("01234"))))
    )
    said = tuple((slot, "3") for slot in words.HEADER if slot in header)
    draft = Draft(task, key, meter, tuple(voices), length, pickup, tuple(chords), said)
    every = [(bar, part) for bar in range(0 if pickup else 1, draft.bars + 1) for part in PARTS[task]]
    given = frozenset(cell for cell in every if draw(st.booleans())) if draw(st.booleans()) else frozenset()
    return replace(draft, given=given if len(given) < len(every) else frozenset())


@settings(max_examples=1000, deadline=None)
@given(drafts())
def test_decode_inverts_encode(draft: Draft) -> None:
    code = encode(draft)
    assert decode(code.tokens) == draft
    assert len(code.tokens) == len(code.rows) == len(code.columns)
    assert draft.given or (np.diff(code.rows) >= 0).all()
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
    code = encode(draft)
    legal = allowed(code, draft.task, draft.meter, given=draft.given)
    assert legal[np.arange(len(code.tokens)), code.tokens].all()
    assert legal[-1].sum() < words.SIZE / 2


def test_what_changes_nothing_is_not_allowed() -> None:
    four = tuple(((0, 48, pitch, USUAL),) for pitch in (72, 67, 64, 48))
    code = encode(Draft("satb", Key(0), Meter(4, 4), four, 48))
    at = Encoded(*(np.append(part[:-1], extra) for part, extra in (
        (code.tokens, [words.at(12), words.held("soprano", 72), words.held("alto", 67), words.held("tenor", 64), 1]),
        (code.rows, [1] * 5), (code.columns, [4] * 5))))  # fmt: skip
    legal = allowed(at, "satb", Meter(4, 4))
    assert not legal[-1, words.held("bass", 48)] and legal[-1, words.note("bass", 48)]
    assert legal[-2, words.held("tenor", 64)]


@settings(max_examples=100, deadline=None)
@given(drafts(), st.integers(-6, 5))
def test_moved_pieces_read_back_the_same(draft: Draft, steps: int) -> None:
    found = moved(encode(draft), steps)
    assert found is None or decode(found.tokens) == draft


def test_the_grammar_of_frames() -> None:
    draw = np.random.default_rng(1)
    frames = [[int(pitch) for pitch in draw.choice([60, 62, 64, -1], 4)] for _ in range(50)]
    code = encode(jsb_draft(frames))
    tokens = unsaid(code.tokens)
    legal = allowed(Encoded(tokens, code.rows, code.columns), "satb", Meter(4, 4), frames=True)
    assert legal[np.arange(len(tokens)), tokens].all()
