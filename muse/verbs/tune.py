"""Tunes: a piece of music on a theme and what else was asked, or written to what was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, did_you_mean
from muse.files import read_capped, sha256
from muse.terms import Report
from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, finish, plain_request, seed_of
from muse.verbs.library import LARGEST, load_kind

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.music.composer import PieceRequest
    from muse.music.mood import Plan
    from muse.music.piece import Piece
    from muse.poem.poem import Poem
    from muse.terms import Promise
    from muse.verbs.tune_wishes import Wished

SOUNDS = ("opus", "wav")
SCORES = ("svg", "pdf")
NOT_ASKED = ("seed", "device", "bundle")


def compose(
    theme: str = "",
    *,
    bars: int | None = None,
    key: str | None = None,
    meter: str | None = None,
    tempo: float | None = None,
    ensemble: str | None = None,
    instruments: str | None = None,
    chords: str | None = None,
    form: str | None = None,
    ending: str | None = None,
    density: str | int | Sequence[int] | None = None,
    polyphony: int | None = None,
    range: str | Mapping[str, str] | None = None,
    leap: int | None = None,
    rules: str = "strict",
    melody: Piece | str | Path | Mapping[str, Any] | None = None,
    continue_: Piece | str | Path | Mapping[str, Any] | None = None,
    fill: str | Mapping[str, Any] | tuple[Any, str] | None = None,
    lyrics: Poem | str | Path | Mapping[str, Any] | None = None,
    lang: str | None = None,
    melisma: float = 0.0,
    tones: str = "weight",
    mood: MoodWish = None,
    candidates: int | None = None,
    sound: str = "opus",
    soundfont: str | Path | None = None,
    humanise: float = 0.0,
    stems: bool = False,
    score: str | None = None,
    title: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Piece:
    """A piece of music; what is not asked for follows from the mood of the theme.

    >>> compose("autumn river", bars=16, key="D minor", seed=7).bars  # doctest: +SKIP
    16

    Args:
        bars: full bars, of the whole piece; by default 16, or as many as chords, form or what is given take.
        key: "D minor", "E dorian", "Bb", "G 徵"; meter: "3/4"; tempo: quarter notes a minute.
        ensemble: "melody", "lead" (a tune with chords), "satb" (four voices), "piano" or "band".
        instruments: by the names of General MIDI, the tune's first: "flute, guitar, bass, drums".
        chords: symbols or Roman numerals, a chord a bar, or bars between |: "Am F C G", "ii7 V7 | I"; see
            `muse.music.chords.progression`.
        form: "AABA", "verse-chorus", "strophic" …; see `muse.music.forms`.
        ending: "authentic", "half", "plagal" or "open".
        density: fewest and most notes of the tune in a bar: "3-6".
        polyphony: most notes that sound at once, drums apart.
        range: the lowest and highest note of the tune ("C4-A5"), or of voices ("soprano=C4-A5, bass=E2-C4").
        leap: the widest leap of a voice, in semitones.
        rules: "strict" keeps the rules of four voices; "free" leaves them to the model.
        melody: a tune to be accompanied or harmonised, note for note.
        continue_: a piece to go on from; `bars` are then those of the whole, by default twice as many.
        fill: bars of a piece to be written anew: "tune.mid:bars 5-8", "hymn.mid:bars 3-4 alto", or (piece, "bars 5-8").
        lyrics: a poem to be sung, or verse, its lines parted by /; lang: "zh" or "en".
        melisma: share of the long syllables that are sung on several notes, 0 to 1.
        tones: "weight", "hard" or "free": how the tune follows the tones of Chinese.
        sound: "opus" or "wav"; soundfont: a General MIDI soundfont of yours.
        humanise: how freely the sound is timed, 0 to 1; stems: a sound file a track; score: "svg" or "pdf", engraved.

    Raises:
        UsageError, WishError: a wish that cannot be, or wishes that contradict each other; they name the field.
        InputError: what is given cannot be read.
        BundleError, MissingExtraError.
    """
    asked = dict(locals())
    _check(sound, score, humanise)
    seed = seed_of(seed)
    from muse.verbs.tune_wishes import read

    apart = ("seed", "device", "bundle", "sound", "soundfont", "humanise", "stems", "score")
    wished = read(seed=seed, **{name: value for name, value in asked.items() if name not in apart})
    target = place.settle(device, language=True)
    weights = load_kind(bundle or "composer", "music")
    made, relaxed = _written(wished, weights, target)
    request = plain_request(compose, asked, NOT_ASKED) | dict(wished.carried)
    request["range"] = dict(range) if isinstance(range, Mapping) else range
    inputs = wished.hashes
    if soundfont is not None:
        request["soundfont"] = Path(soundfont).name
        inputs[Path(soundfont).name] = sha256(read_capped(soundfont, LARGEST))
    made = replace(
        made, sound_format=sound, soundfont=str(soundfont) if soundfont is not None else None, humanise=humanise,
        stems=stems, score=score,
    )  # fmt: skip
    used = [weights] if wished.written else []
    notes = wished.reading.notes if theme else ()
    made = finish(made, "compose", seed, request, used, target, notes, inputs=inputs, language=True)
    return made.with_report(_report(made, relaxed) + made.report)


def _check(sound: str, score: str | None, humanise: float) -> None:
    """Raises UsageError or MissingExtraError where the files that were asked for cannot be."""
    if sound not in SOUNDS:
        raise UsageError(f"unknown sound format {sound!r}", "", did_you_mean(sound, SOUNDS))
    wishes.part("humanise", humanise)
    if score is not None:
        from muse.music import engrave

        if score not in SCORES:
            raise UsageError(f"unknown score format {score!r}", "", did_you_mean(score, SCORES))
        engrave.ready()


def _written(wished: Wished, bundle: Bundle, device: str) -> tuple[Piece, tuple[Promise, ...]]:
    """(the piece, what gave way): composed where something is left to write, and arranged."""
    from muse.music import composer
    from muse.music.arrange import accompanied, arrange
    from muse.music.given import restored
    from muse.music.model import writer

    request = wished.request
    relaxed: tuple[Promise, ...] = ()
    if wished.written:
        plan, draft, relaxed = composer.drafted(writer(bundle, device), request)
    else:
        assert request.given is not None
        plan, draft = _plan(request), request.given
    plan = _driven(plan, request)
    reasons = tuple(wished.told.get(line, line) for line in plan.reasons)
    form = wished.form.reasons if wished.form is not None else ()
    plan = replace(plan, reasons=(*reasons, *([wished.told[""]] if "" in wished.told else []), *form))
    if wished.tune is not None:
        whole = replace(
            wished.tune, title=request.title, tempo=plan.tempo, chords=draft.chords, plan=plan.reasons, key=draft.key
        )
        if wished.band.players:
            lead = replace(whole.tracks[0], program=wished.band.players[0].program)
            whole = replace(whole, tracks=(lead,))
        piece = accompanied(whole, plan, wished.band, request.seed)
    else:
        piece = arrange(draft, plan, request.title, wished.band, request.seed, request.holds)
    if wished.source is not None:
        piece = restored(piece, wished.source)
    if wished.setting is not None:
        from muse.verbs import song

        piece = song.underlaid(piece, wished.setting)
    return replace(piece, sections=wished.form.marks if wished.form is not None else ()), relaxed


def _plan(request: PieceRequest) -> Plan:
    """The plan of a piece whose tune and chords are given."""
    from muse.music import mood as moods

    assert request.given is not None
    asked = {"key": request.given.key, "meter": request.given.meter, "tempo": request.tempo}
    return moods.plan(request.mood, request.seed, asked, "lead")


def _driven(plan: Plan, request: PieceRequest) -> Plan:
    """The plan; with a density that was asked for, the accompaniment moves as the tune does."""
    if request.density is None:
        return plan
    from muse.music.theory import BEAT

    quarter = request.density[1] * BEAT / plan.meter.bar
    return replace(plan, drive=0 if quarter <= 0.75 else 1 if quarter <= 1.5 else 2)


def _report(piece: Piece, relaxed: Sequence[Promise]) -> Report:
    """The promises of a piece, read from its MIDI by the referee, and what gave way in the writing."""
    from muse.music import referee
    from muse.verbs.asked import promises

    found = referee.check(piece.midi(), promises(piece.recipe))
    return Report((*found.promises, *relaxed), found.findings)
