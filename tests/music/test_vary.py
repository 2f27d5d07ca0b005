"""Variations and blends: what is locked holds whatever the weights are, and both ends of the dial are as promised."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from muse.bundle import Bundle, available
from muse.errors import BundleError, InputError, UsageError, WishError
from muse.music.blend import _evenly, slerp
from muse.music.cells import cells_of, free_slots, gridded, parts
from muse.music.chain import draw_rhythm
from muse.music.dials import DIALS, attributes, read_dials
from muse.music.line import melody_line, tune_of
from muse.music.locks import phrase_ends
from muse.music.piece import Note, Piece, Track
from muse.music.plain import restored
from muse.music.reconstruct import TorchVae, restore
from muse.music.redraw import WINDOW
from muse.music.theory import Chord, Key, Meter
from muse.music.vae import MelodyVae, VaeSettings
from muse.music.vary import blend, contour, likeness, vary

METERS = ["4/4", "3/4", "6/8", "2/4", "3/8", "2/2", "12/8", "9/8", "5/4", "7/8", "3/2", "2/1", "5/8", "7/4"]


@pytest.fixture(scope="module")
def random_bundle() -> Bundle:
    """Weights nobody trained: every guarantee must hold all the same."""
    torch.manual_seed(1)
    settings = VaeSettings.load("tiny")
    weights = {name: value.numpy() for name, value in MelodyVae(settings).state_dict().items()}
    weights["dials"] = np.random.default_rng(0).standard_normal((5, 64)).astype(np.float32) / 8
    card = {
        "schema": 1, "kind": "variation", "name": "random", "settings": settings.as_dict(), "metrics": {},
        "data": [{"name": "none", "licence": "CC0", "attribution": "nobody"}],
    }  # fmt: skip
    return Bundle(weights, card)


def tune(meter: str = "4/4", bars: int = 6, pickup: int = 0, seed: int = 0, key: Key | None = None) -> Piece:
    chance, key = np.random.default_rng(seed), key or Key(2, "minor")
    scale = [pitch for pitch in range(57, 80) if pitch % 12 in key.scale]
    length, tick, notes, place = pickup + bars * Meter.parse(meter).bar, 0, [], len(scale) // 2
    while tick < length:
        duration = min(int(chance.choice([3, 6, 6, 12, 12, 24])), length - tick)
        place = int(np.clip(place + chance.integers(-3, 4), 0, len(scale) - 1))
        if chance.random() > 0.1:
            notes.append(Note(tick, scale[place], duration, int(chance.integers(50, 100))))
        tick += duration
    return Piece("Tune", key, Meter.parse(meter), 96.0, bars, (Track("Melody", 73, tuple(notes)),), pickup)


def bar(piece: Piece, note: Note) -> int:
    return (note.tick - piece.pickup) // piece.meter.bar + 1


def sounds_in(piece: Piece, note: Note, number: int) -> bool:
    start = piece.bar_start(number - 1)
    return note.tick < start + piece.meter.bar and note.end > start


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("lock", [(), ("rhythm",), ("contour",), ("rhythm", "contour"), ("cadence", "bars=2,4")])
def test_locks_hold_exactly_in_every_meter(random_bundle: Bundle, meter: str, lock: tuple[str, ...]) -> None:
    piece = tune(meter, seed=METERS.index(meter), pickup=6 if meter in ("4/4", "3/4", "9/8") else 0)
    old = piece.melody.notes
    for made in vary(piece, random_bundle, 0.7, lock, 2, seed=3):
        line = made.melody.notes
        assert made.report.valid is True and len(made.report.promises) == 2 + len(lock)
        assert line != old
        if "rhythm" in lock:
            assert [(n.tick, n.duration, n.velocity) for n in line] == [(n.tick, n.duration, n.velocity) for n in old]
        if "contour" in lock:
            assert contour(line) == contour(old)
        if "cadence" in lock:
            assert [note for note in line if bar(piece, note) == bar(piece, old[-1])] == [
                note for note in old if bar(piece, note) == bar(piece, old[-1])
            ]
            assert {old[at] for at in phrase_ends(old, piece.meter.pulse)} <= set(line)
            for locked in (2, 4):
                inside = [[note for note in each if sounds_in(piece, note, locked)] for each in (old, line)]
                assert inside[0] == inside[1]
        assert all(note.pitch % 12 in piece.key.scale for note in line)
        assert min(n.pitch for n in old) - 2 <= min(n.pitch for n in line)
        assert max(n.pitch for n in line) <= max(n.pitch for n in old) + 2
        assert line[-1].pitch == old[-1].pitch
        assert line[0].tick >= 0 and line[-1].end <= piece.length
        assert all(a.end <= b.tick for a, b in pairwise(line))
        assert made.bars == piece.bars and made.meter == piece.meter and made.key == piece.key


def test_contour_holds_over_the_edges_of_windows_with_ties(random_bundle: Bundle) -> None:
    piece = tune("4/4", bars=40)
    edge = 16 * 48
    notes = [note for note in piece.melody.notes if note.end <= edge - 12 or note.tick >= edge + 12]
    notes = sorted([*notes, Note(edge - 12, 69, 24)])
    piece = replace(piece, tracks=(replace(piece.melody, notes=tuple(notes)),))
    for seed in range(4):
        line = vary(piece, random_bundle, 1.0, ("contour",), 1, seed)[0].melody.notes
        assert contour(line) == contour(notes)


def test_nothing_changes_at_zero(random_bundle: Bundle) -> None:
    piece = tune()
    made = vary(piece, random_bundle, 0.0, (), 3, 1)
    assert [work.tracks for work in made] == [piece.tracks] * 3
    assert "similarity 1.00" in made[0].report.findings[0]


def test_same_seed_same_notes_and_each_of_many_its_own(random_bundle: Bundle) -> None:
    piece = tune()
    one, again = (vary(piece, random_bundle, 0.5, (), 4, 11) for _ in range(2))
    assert [work.tracks for work in one] == [work.tracks for work in again]
    assert len({work.tracks for work in one}) == 4
    assert [work.recipe.index for work in one] == [0, 1, 2, 3]
    assert one[0].recipe.bundles == {"random": random_bundle.sha256} and "nobody" in one[0].recipe.credits[0]
    assert vary(piece, random_bundle, 0.5, (), 1, 12)[0].tracks != one[0].tracks


def test_equal_bars_stay_equal(random_bundle: Bundle) -> None:
    bar = [Note(0, 62, 12), Note(12, 65, 12), Note(24, 69, 24)]
    notes = tuple(replace(note, tick=note.tick + 48 * index) for index in range(8) for note in bar)
    piece = replace(tune(), bars=8, tracks=(Track("Melody", 0, notes),))
    line = vary(piece, random_bundle, 0.6, ("rhythm",), 1, 2)[0].melody.notes
    inner = [[note.pitch for note in line[3 * bar : 3 * bar + 3]] for bar in range(1, 7)]
    assert len({tuple(pitches) for pitches in inner}) <= 4


def test_what_is_off_the_grid_or_sung_keeps_its_rhythm(random_bundle: Bundle) -> None:
    piece = tune()
    triplets = tuple(Note(4 * i, 62 + (0, 3, 7)[i % 3], 4) for i in range(36))
    for notes, word in ((triplets, "sixteenths"), (tuple(replace(n, lyric="a") for n in piece.melody.notes), "words")):
        source = replace(piece, bars=3, tracks=(Track("Melody", 0, notes),))
        made = vary(source, random_bundle, 0.8, (), 1, 4)[0]
        assert [(n.tick, n.duration, n.lyric) for n in made.melody.notes] == [
            (n.tick, n.duration, n.lyric) for n in notes
        ]
        assert any(word in finding for finding in made.report.findings)


def test_other_tracks_stay_and_are_not_crossed(random_bundle: Bundle) -> None:
    piece = tune()
    low = Track("Alto", 0, tuple(Note(12 * i, 57, 12) for i in range(24)))
    source = replace(piece, tracks=(*piece.tracks, low), chords=(Chord(0, 2, "m"),))
    for made in vary(source, random_bundle, 1.0, (), 3, 5):
        assert made.tracks[1] == low and made.chords == source.chords
        assert all(note.pitch > 57 or note.pitch == 57 for note in made.melody.notes)


def test_wrong_wishes_are_said_plainly(random_bundle: Bundle) -> None:
    piece = tune()
    for arguments in ({"amount": 1.5}, {"amount": float("nan")}, {"amount": 0.3, "count": 0}):
        with pytest.raises(UsageError):
            vary(piece, random_bundle, **arguments)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="rhythm"):
        vary(piece, random_bundle, 0.3, ("rythm",))
    with pytest.raises(InputError):
        vary(replace(piece, tracks=()), random_bundle, 0.3)
    with pytest.raises(WishError, match="3/4"):
        blend(piece, tune("3/4"), random_bundle, 5)
    with pytest.raises(UsageError):
        blend(piece, piece, random_bundle, 1)
    with pytest.raises(BundleError):
        restored(Bundle(random_bundle.weights, {**random_bundle.card, "kind": "poem"}))
    with pytest.raises(BundleError):
        restored(Bundle({"x": np.zeros(3, np.float32)}, random_bundle.card))


@pytest.mark.parametrize("bars", [(6, 6), (4, 9), (17, 3)])
def test_a_blend_begins_and_ends_with_its_ends(random_bundle: Bundle, bars: tuple[int, int]) -> None:
    a, b = tune(bars=bars[0]), tune(bars=bars[1], seed=9, pickup=12, key=Key(9, "major"))
    path = blend(a, b, random_bundle, 5, 1)
    assert path[0].tracks == a.tracks and path[-1].tracks == b.tracks and len(path) == 5
    assert [piece.recipe.index for piece in path] == list(range(5))
    for piece in path[1:-1]:
        assert piece.report.valid is True
        assert all(note.pitch % 12 in piece.key.scale for note in piece.melody.notes)
        assert piece.melody.notes[0].tick >= 0 and piece.chords
    assert [piece.tracks for piece in path] == [piece.tracks for piece in blend(a, b, random_bundle, 5, 1)]


def test_slerp_meets_its_ends_and_keeps_length() -> None:
    chance = np.random.default_rng(0)
    a, b = (chance.standard_normal((3, 64)).astype(np.float32) for _ in range(2))
    assert np.allclose(slerp(a, b, 0), a, atol=1e-5) and np.allclose(slerp(a, b, 1), b, atol=1e-5)
    assert np.allclose(slerp(a, a, 0.3), a, atol=1e-4)
    middle = np.linalg.norm(slerp(a, b, 0.5), axis=1)
    assert np.allclose(middle, (np.linalg.norm(a, axis=1) + np.linalg.norm(b, axis=1)) / 2, rtol=1e-4)


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("pickup", [0, 6])
def test_cells_cover_the_piece_once(meter: str, pickup: int) -> None:
    shape, bars, _ = parts(Meter.parse(meter))
    assert sum(steps for steps, _ in shape) * 3 == bars * Meter.parse(meter).bar
    piece = tune(meter, pickup=pickup)
    grid = gridded(piece.melody.notes, cells_of(piece.meter, pickup, piece.length), WINDOW)
    free = free_slots(grid)
    ticks = sorted(c.tick + 3 * s for r, c in enumerate(grid.cells) for s in range(16) if free[r, s])
    assert ticks[: piece.length // 3] == list(range(0, piece.length // 3 * 3, 3))
    assert int((grid.kind == 0).sum()) >= len(piece.melody.notes)


def test_the_tune_of_a_chordal_track_is_its_top() -> None:
    notes = (Note(0, 60, 24), Note(0, 64, 24), Note(12, 67, 12), Note(0, 48, 48, voice=1))
    line, beside = melody_line(Track("Piano", 0, notes))
    assert [(n.tick, n.pitch, n.duration) for n in line] == [(0, 64, 12), (12, 67, 12)]
    assert len(beside) == 2


def test_likeness_goes_from_nothing_to_one() -> None:
    line = [Note(0, 60, 12), Note(12, 62, 12)]
    assert likeness(line, line).overall == 1
    assert likeness(line, [Note(0, 72, 12), Note(12, 74, 12)]).pitch == 0
    assert likeness(line, []).overall == 0


@pytest.mark.skipif("melody-vae" not in available(), reason="the bundle melody-vae is not in this checkout")
def test_more_amount_is_less_alike_with_the_shipped_weights() -> None:
    bundle, piece = Bundle.load("melody-vae"), tune(bars=8, seed=2)
    alike = []
    for amount in (0.05, 0.3, 0.7, 1.0):
        made = vary(piece, bundle, amount, (), 4, 6)
        alike.append(float(np.mean([likeness(piece.melody.notes, work.melody.notes).overall for work in made])))
    assert alike[0] > 0.75 and alike[-1] < 0.6 and alike == sorted(alike, reverse=True)


def band() -> Piece:
    """A tune under its own name between other tracks, in a piano's right hand."""
    piece = tune(bars=6, seed=5)
    left = [Note(24 * i, 45 + 5 * (i % 2), 24, 60) for i in range(12)]
    hands = Track("Vocals", 0, tuple(sorted((*piece.melody.notes, *left))))
    drums = Track("Drums", 0, tuple(Note(12 * i, 38, 3) for i in range(24)), drums=True)
    return replace(piece, tracks=(Track("Bass", 33, tuple(left)), drums, hands), chords=(Chord(0, 2, "m"),))


def test_the_tune_is_found_in_any_track_and_put_back(random_bundle: Bundle) -> None:
    piece = band()
    assert tune_of(piece).track == tune_of(piece, "vocals").track == tune_of(piece, "3").track == 2
    made = vary(piece, random_bundle, 0.8, (), 1, 3)[0]
    assert made.tracks[:2] == piece.tracks[:2] and made.chords == piece.chords
    left = {note for note in piece.tracks[2].notes if note.pitch <= 50}
    assert left <= set(made.tracks[2].notes) and made.tracks[2] != piece.tracks[2]
    bass = vary(piece, random_bundle, 0.8, (), 1, 3, track="Bass")[0]
    assert bass.tracks[1:] == piece.tracks[1:] and bass.tracks[0] != piece.tracks[0]
    for name, error in (("Vocls", UsageError), ("4", UsageError), ("drums", InputError)):
        with pytest.raises(error):
            vary(piece, random_bundle, 0.8, track=name)


def test_notes_that_ring_on_keep_their_length_where_the_rhythm_is_locked(random_bundle: Bundle) -> None:
    notes = tuple(Note(12 * i, 60 + 2 * (i % 3), 20) for i in range(16))
    piece = replace(tune(bars=4), tracks=(Track("Harp", 46, notes),))
    for lock in ("rhythm", "bars=1-3"):
        line = vary(piece, random_bundle, 1.0, (lock,), 1, 1)[0].melody.notes
        assert [note.duration for note in line[:11]] == [20] * 11


def test_only_the_bars_that_were_named_change(random_bundle: Bundle) -> None:
    piece = tune(bars=6)
    old = piece.melody.notes
    line = vary(piece, random_bundle, 1.0, (), 1, 2, bars="3-4")[0].melody.notes
    assert [n for n in line if bar(piece, n) not in (3, 4)] == [n for n in old if bar(piece, n) not in (3, 4)]
    assert line != old


def test_a_bar_off_the_grid_keeps_its_rhythm_and_the_others_do_not(random_bundle: Bundle) -> None:
    piece = tune(bars=6)
    triplets = [Note(48 + 4 * i, 62 + (0, 3, 7)[i % 3], 4) for i in range(12)]
    kept = [note for note in piece.melody.notes if note.end <= 48 or note.tick >= 96]
    source = replace(piece, tracks=(Track("Melody", 0, tuple(sorted((*kept, *triplets)))),))
    lines = [made.melody.notes for made in vary(source, random_bundle, 1.0, (), 3, 4)]
    times = [[(n.tick, n.duration) for n in line] for line in lines]
    assert all({(n.tick, n.duration) for n in triplets} <= set(each) for each in times)
    assert any(each != [(n.tick, n.duration) for n in source.melody.notes] for each in times)


@pytest.mark.parametrize("dial", DIALS)
def test_a_dial_moves_what_it_measures_whatever_the_weights(random_bundle: Bundle, dial: str) -> None:
    piece = tune(bars=8, seed=3)
    heard = []
    for value in (-1.0, 0.0, 1.0):
        made = vary(piece, random_bundle, 0.3, (), 4, 5, dials={dial: value})
        heard.append(np.mean([attributes(each.melody.notes, piece.meter)[dial] for each in made]))
        assert all(work.report.valid is True for work in made) and dial in {p.name for p in made[0].report.promises}
    assert (heard[0] < heard[2] and heard[0] <= heard[1] <= heard[2]) or dial in ("range", "leaps")


def test_density_is_as_many_notes_as_the_dial_says(random_bundle: Bundle) -> None:
    notes = tuple(Note(12 * i, 60 + i % 5, 12) for i in range(32))
    piece = replace(tune(bars=8), tracks=(Track("Melody", 0, notes),))
    counts = [
        len(vary(piece, random_bundle, 0.2, (), 1, 1, dials={"density": d})[0].melody.notes) for d in (-1, -0.5, 0.5, 1)
    ]
    assert counts == sorted(counts) and abs(counts[0] - 18) <= 2 and abs(counts[-1] - 64) <= 4


def test_attributes_of_known_rhythms() -> None:
    meter = Meter(4, 4)
    even = attributes([Note(12 * i, 60 + 2 * (i % 2), 12) for i in range(8)], meter)
    assert even == {"density": 4, "range": 2, "syncopation": 0, "leaps": 0, "brightness": 61}
    late = attributes([Note(tick, 60 + 7 * (i % 2), 6) for i, tick in enumerate((0, 6, 18, 30, 42, 48))], meter)
    assert late["syncopation"] > 0.5 and late["leaps"] == 1


def test_wishes_that_contradict_are_said_plainly(random_bundle: Bundle) -> None:
    piece = tune(bars=6)
    for lock, dials in (("rhythm", {"density": 0.5}), ("contour", {"density": 0.5}), ("rhythm", {"syncopation": 1.0})):
        with pytest.raises(WishError, match="cannot be turned"):
            vary(piece, random_bundle, 0.3, (lock,), dials=dials)
    with pytest.raises(WishError, match="every bar"):
        vary(piece, random_bundle, 0.3, ("bars=1-6",))
    for lock, bars, dials in (
        (("bars=7",), None, {}), (("bars=x",), None, {}), (("bars",), None, {}), (("rhythm=1",), None, {}),
        ((), "4-2", {}), ((), None, {"densty": 1}), ((), None, {"density": 2}), ((), None, ["density"]),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            vary(piece, random_bundle, 0.3, lock, bars=bars, dials=dials)  # type: ignore[arg-type]
    old = Bundle({name: array for name, array in random_bundle.weights.items() if name != "dials"}, random_bundle.card)
    with pytest.raises(BundleError, match="dials"):
        vary(piece, old, 0.3, dials={"leaps": 1})


def test_dials_are_read_from_text() -> None:
    assert read_dials(["density=+0.5", "leaps = −.3"]) == {"density": 0.5, "leaps": -0.3}


def test_numpy_and_torch_agree(random_bundle: Bundle) -> None:
    plain, other = restored(random_bundle), TorchVae(restore(random_bundle), "cpu")
    chance = np.random.default_rng(0)
    kind, pitch = chance.integers(0, 3, (2, 3, 16)), chance.integers(0, 62, (2, 3, 16))
    z = chance.standard_normal((2, 3, 64))
    features, tune_features = plain.rhythm_features(z, 1), plain.pitch_features(z, kind, 2)
    for one, two in (
        (plain.encode(kind, pitch, 0), other.encode(kind, pitch, 0)),
        (features, other.rhythm_features(z, 1)),
        (tune_features, other.pitch_features(z, kind, 2)),
        (plain.kind_logits(features, pitch.reshape(2, 48, 1) % 5 + np.zeros((2, 48, 2), np.int64)),
         other.kind_logits(features, pitch.reshape(2, 48, 1) % 5 + np.zeros((2, 48, 2), np.int64))),
        (plain.pitch_logits(tune_features, np.arange(62)), other.pitch_logits(tune_features, np.arange(62))),
    ):  # fmt: skip
        assert one.shape == two.shape and np.allclose(one, two, atol=1e-4)


def test_varying_needs_no_torch() -> None:
    code = "import sys, muse.music.vary, muse.music.blend; assert not {'torch', 'music21'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_paths_are_even() -> None:
    assert _evenly([0.1, 0.2, 0.3, 0.4, 0.5], [0.0, 0.0, 0.3, 0.6, 0.9], 2) == [0.3, 0.4]


@pytest.mark.parametrize("struck", [None, 0, 5])
def test_drawn_rhythms_are_as_likely_as_they_should_be(struck: int | None) -> None:
    chance = np.random.default_rng(1)
    moves = chance.standard_normal((1, 5, 3, 3, 3))
    many = np.repeat(moves, 4000, axis=0)
    given = np.full(4000, 2), np.full(4000, 2)
    found = draw_rhythm(many, chance.random((4000, 5)), struck, given)
    assert found is not None
    if struck is not None:
        assert ((found == 0).sum(axis=1) == struck).all()
        return
    weights = {}
    for path in product(range(3), repeat=5):
        last, before, total = 2, 2, 0.0
        for at, kind in enumerate(path):
            total += moves[0, at, last, before, kind]
            last, before = kind, last
        weights[path] = np.exp(total)
    best = max(weights, key=lambda path: weights[path])
    share = (found == np.array(best)).all(axis=1).mean()
    assert abs(share - weights[best] / sum(weights.values())) < 0.02
