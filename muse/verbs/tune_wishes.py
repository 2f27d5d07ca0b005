"""What is asked of a piece, read and checked: from a user's words to a request and a band."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, WishError, did_you_mean
from muse.files import canonical_json, sha256
from muse.music import chords as chord_names
from muse.music import given as takes
from muse.music import mood as moods
from muse.music.arrange import Band
from muse.music.composer import PieceRequest
from muse.music.forms import FORMS, Form, formed, laid_out
from muse.music.harmony import likeliest_key
from muse.music.notes import Note
from muse.music.theory import SCALES, Chord, Key, Meter
from muse.verbs import wishes
from muse.verbs.make import piece_of

if TYPE_CHECKING:
    from muse.music.piece import Piece
    from muse.music.sing import Setting
    from muse.tables.lexicon import Reading

Source = Any
"""A Piece, the path of a file or folder, or a piece.json value."""
ENDINGS = ("authentic", "half", "plagal", "open")
RULES = ("strict", "free")
MOST_BARS = 256
USUAL_BARS = 16


@dataclass(frozen=True)
class Wished:
    """All that was asked of a piece.

    Attributes:
        tune: a piece whose tune stays note for note.
        source: a piece of which some bars and voices stay.
        form: the plan of the form that was asked for.
        told: lines of the plan that say why, by the line that they stand in for.
        carried: what was given, as plain values for the recipe, by the name of its option.
    """

    request: PieceRequest
    band: Band
    reading: Reading
    tune: Piece | None = None
    source: Piece | None = None
    form: Form | None = None
    setting: Setting | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, Any] = field(default_factory=dict)

    @property
    def written(self) -> bool:
        """Whether the composer has anything to write: not where a tune has its chords."""
        return not (self.request.given is not None and not self.request.write)

    @property
    def hashes(self) -> dict[str, str]:
        """sha256 of what was given, each as a piece.json or poem.json value."""
        return {name: sha256(canonical_json(value)) for name, value in self.carried.items()}


def read(
    theme: str, seed: int, *, bars: int | None, key: str | None, meter: str | None, tempo: float | None,
    ensemble: str | None, instruments: str | None, chords: str | None, form: str | None, ending: str | None,
    density: str | int | Sequence[int] | None, polyphony: int | None, range: str | Mapping[str, str] | None, rules: str,
    leap: int | None, melody: Source, continue_: Source, fill: Source, lyrics: Any, lang: str | None, melisma: float,
    tones: str, mood: Any, candidates: int | None, title: str | None,
) -> Wished:  # fmt: skip
    """The request of all wishes.

    Raises:
        UsageError, WishError: one that cannot be, or two that contradict each other; the field is named.
        InputError: a file cannot be read.
    """
    given = [name for name, value in (("melody", melody), ("continue", continue_), ("fill", fill)) if value is not None]
    given += ["lyrics"] if lyrics is not None else []
    if len(given) > 1:
        raise WishError(f"{given[0]} and {given[1]} cannot both be given", "each says where the tune comes from",
                        "leave one of them out")  # fmt: skip
    band = Band.asked(ensemble, instruments or "", polyphony)
    for option, value, choices in (("ending", ending, ENDINGS), ("rules", rules, RULES)):
        if value and value not in choices:
            raise UsageError(f"{option}: unknown {option} {value!r}", "", did_you_mean(str(value), choices))
    if bars is not None:
        wishes.whole("bars", bars, 1, MOST_BARS)
    if ending is not None and key is not None:
        missing = {"authentic": {7}, "half": {7, 2}}.get(ending, set()) - set(SCALES[Key.parse(key).mode])
        if missing:
            raise WishError(f"ending: {ending} cannot be had in {Key.parse(key)}", "the mode has no whole dominant",
                            "ask for plagal or open, or for another mode")  # fmt: skip
    words = None
    if lyrics is not None:
        from muse.verbs import song

        words = song.read(lyrics, lang)
        if band.task == "satb":
            raise WishError("lyrics: four voices cannot sing them yet", "the tune alone is set to words",
                            "ask for --ensemble lead, melody or band")  # fmt: skip
    reading = wishes.read_theme(theme or (words.theme if words else "muse"), mood)
    name = wishes.clean(title, "title", 80) if title is not None else None
    request = PieceRequest(
        theme=reading.theme, mood=reading.mood, ensemble=band.task, key=key, meter=meter, tempo=tempo,
        bars=bars or USUAL_BARS, ranges=wishes.read_ranges(range, band.task), seed=seed, candidates=candidates,
        strict=rules == "strict", density=_bounds(density), leap=leap,
        title=name or (reading.theme.text if theme else words.title if words else "Untitled"), band=band,
        ending=ending or "authentic",  # type: ignore[arg-type]
    )  # fmt: skip
    if request.ranges is None and band.task != "satb" and (not given or words is not None):
        plan = moods.plan(request.mood, seed, {}, band.task)
        request = replace(request, ranges={"melody": band.compass(plan)})
    if words is not None:
        if form or chords:
            raise WishError(f"{'form' if form else 'chords'}: the poem gives the form", "lyrics were given",
                            "leave one of the two out")  # fmt: skip
        sung, setting = song.fitted(request, words, melisma=melisma, tones=tones, bars=bars, meter=meter)
        return Wished(sung, band, reading, setting=setting, carried={"lyrics": words.plain()})
    if given:
        source = melody if melody is not None else continue_ if continue_ is not None else fill
        if form:
            raise WishError("form: the piece that was given has its own", f"{given[0]} was given", "leave --form out")
        asked = ensemble is not None or bool(instruments)
        return _taken(given[0], source, Wished(request, band, reading), bars, chords, title, asked=asked)
    return _planned(Wished(request, band, reading), bars, chords, form, ending)


def _planned(wished: Wished, bars: int | None, chords: str | None, form: str | None, ending: str | None) -> Wished:
    """With its chords and form, on as many bars as they take."""
    request = wished.request
    if not (chords or form):
        return wished
    key, meter, told = _key_and_meter(request, chords)
    count = bars or _bars_for(chords, form)
    progression = chord_names.progression(chords, key, meter, count) if chords else ()
    plan = formed(form, count, meter, request.seed, progression) if form else None
    if progression and not ending and progression[-1].root != key.tonic:
        request = replace(request, ending="open")
    if progression and request.ensemble == "melody":
        told = {**told, "": "the tune keeps to the chords; --ensemble lead plays them"}
    request = replace(request, key=str(key), meter=str(meter), bars=count, chords=progression)
    if plan is not None:
        request = replace(request, echoes=plan.echoes, holds=plan.holds)
    return replace(wished, request=request, form=plan, told=told)


def _taken(
    option: str, value: Source, wished: Wished, bars: int | None, chords: str | None, title: str | None, *, asked: bool
) -> Wished:
    """With what was given: a tune to accompany or harmonise, a piece to continue, or one to fill.

    Args:
        asked: the ensemble was asked for; else it is that of the piece.
    """
    places: tuple[tuple[int, int], tuple[str, ...]] | None = None
    if option == "fill":
        value, span, voices = _filling(value)
        places = (span, voices)
    piece = piece_of(value)
    request, band = wished.request, wished.band
    if option == "melody":
        piece = takes.tune_alone(piece)
        if band.ensemble == "melody":
            raise WishError("ensemble: nothing is to be written to a melody alone", "melody was given",
                            "ask for --ensemble lead, satb, piano or band")  # fmt: skip
    elif not asked:
        band = replace(band, ensemble=takes.task_of(piece))
    task = band.task
    piece = takes.taken(piece, task)
    meter = piece.meter
    if request.meter is not None and Meter.parse(request.meter) != meter:
        raise WishError(f"meter: the piece that was given is in {meter}", f"{request.meter} was asked for",
                        "leave --meter out")  # fmt: skip
    if request.key is not None:
        piece = replace(piece, key=Key.parse(request.key))
    count = bars or (min(MOST_BARS, 2 * piece.bars) if option == "continue" else piece.bars)
    if (option == "continue" and count <= piece.bars) or (option != "continue" and count != piece.bars):
        more = "more than " if option == "continue" else ""
        raise WishError(f"bars: {count} bars for a piece of {piece.bars}", f"{option} was given; bars counts them all",
                        f"ask for {more}{piece.bars}, or leave --bars out")  # fmt: skip
    progression = chord_names.progression(chords, piece.key, meter, count, piece.pickup) if chords else ()
    draft = takes.draft_of(piece, task, count)
    if progression and task == "lead":
        draft = replace(draft, chords=progression)
    elif option == "continue" and task == "lead":
        draft = takes.with_chords(draft)
    parts = {"melody": ("alto", "tenor", "bass") if task == "satb" else () if draft.chords else ("chords",)}
    if option == "fill":
        assert places is not None
        write = takes.filled_cells(draft, *places)
    elif option == "continue":
        write = takes.cells(draft, piece.bars + 1, count)
        write = frozenset(cell for cell in write if not progression or cell[1] != "chords")
    else:
        write = takes.cells(draft, 1, count, parts["melody"]) if parts["melody"] else frozenset()
    request = replace(
        request, ensemble=task, key=str(piece.key), meter=str(meter), tempo=request.tempo or piece.tempo, bars=count,
        given=draft, write=write, chords=progression if task != "lead" else (), band=band, pickup=piece.pickup,
        title=request.title if title is not None or request.theme.text != "muse" else piece.title,
    )  # fmt: skip
    carried: dict[str, Any] = {"continue_" if option == "continue" else option: piece.as_dict()}
    if places is not None:
        carried = {option: {"piece": piece.as_dict(), "bars": list(places[0]), "voices": list(places[1])}}
    tune = piece if option == "melody" and task == "lead" else None
    heads = [f"{piece.key}: ", f"{meter}: ", f"{piece.tempo:g} BPM: "]
    told = {f"{head}as wished": f"{head}as given" for head in heads}
    return replace(wished, request=request, band=band, tune=tune, source=piece, told=told, carried=carried)


def _filling(value: Source) -> tuple[Source, tuple[int, int], tuple[str, ...]]:
    """(the piece, bars, voices) of a wish to fill: a text, a recipe's value, or (piece, "bars 5-8 alto")."""
    if isinstance(value, str | Path):
        return takes.filling(str(value))
    if isinstance(value, Mapping):
        try:
            first, last = (int(bar) for bar in value["bars"])
            return value["piece"], (first, last), tuple(str(name) for name in value.get("voices") or ())
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError("fill: the value has no piece and bars", str(error), takes.HOW) from error
    if isinstance(value, Sequence) and len(value) == 2:
        return value[0], *takes.filling(f"piece:{value[1]}")[1:]
    raise UsageError(f"fill: cannot read a {type(value).__name__}", "", takes.HOW)


def _key_and_meter(request: PieceRequest, chords: str | None) -> tuple[Key, Meter, dict[str, str]]:
    """(key, meter, why): as asked; else the key that fits the chords, and what the mood says."""
    asked: dict[str, Any] = {}
    if request.key is not None:
        asked["key"] = Key.parse(request.key)
    if request.meter is not None:
        asked["meter"] = Meter.parse(request.meter)
    plan = moods.plan(request.mood, request.seed, asked, request.ensemble)
    told = {f"{line.partition(':')[0]}: as wished": line for line in plan.reasons if not line.endswith("as wished")}
    if request.key is not None or not chords:
        return plan.key, plan.meter, told
    names = [name for bar in chord_names.written_bars(chords) for name in bar]
    found = [chord_names.symbol(name) for name in names]
    if None in found:
        small = next((name.islower() for name in names if re.match("[iI](?![vViI])", name)), None)
        mode = plan.key.mode if small is None else "minor" if small else "major"
        key = Key(plan.key.tonic, mode)
        return key, plan.meter, {**told, f"{key}: as wished": f"{key}: the mode of the chords"}
    key = _fitting([chord for chord in found if chord is not None])
    return key, plan.meter, {**told, f"{key}: as wished": f"{key}: fits the chords"}


def _fitting(chords: Sequence[Chord]) -> Key:
    """The key that chords suggest: by their notes, the first and the last counting more."""
    notes = []
    for place, chord in enumerate(chords):
        weight = 24 if place in (0, len(chords) - 1) else 12
        notes += [Note(0, 60 + (chord.root + step) % 12, weight + 6 * (not step)) for step in chord_names.tones(chord)]
    return likeliest_key(notes)


def _bars_for(chords: str | None, form: str | None) -> int:
    """How many bars a progression and a form take."""
    written = len(chord_names.written_bars(chords)) if chords else 0
    if not form:
        return written * max(1, round(USUAL_BARS / written))
    song = form.strip().lower().startswith("verse")
    sections = 4 if song else 2 if form.lower() in FORMS and not FORMS[form.lower()] else len(laid_out(form, MOST_BARS))
    usual = 32 if song else max(USUAL_BARS, 4 * sections)
    if not written:
        return usual
    return min(MOST_BARS, written * sections * max(1, round(usual / (written * sections))))


def _bounds(density: str | int | Sequence[int] | None) -> tuple[int, int] | None:
    """Fewest and most notes of the tune in a bar, of "3-6", 4 or (3, 6)."""
    if density is None or density == "":
        return None
    how = 'give the notes of a bar, such as 4 or "3-6"'
    if isinstance(density, str | int):
        match = re.fullmatch(r"\s*(\d{1,3})\s*(?:[-–]\s*(\d{1,3}))?\s*", str(density))
        asked = [match[1], match[2] or match[1]] if match else []
    else:
        asked = [str(bound) for bound in density]
    if len(asked) != 2 or not all(bound.isdecimal() for bound in asked):
        raise UsageError(f"density: cannot read {density!r}", "", how)
    low, high = asked
    if not 0 <= int(low) <= int(high) or not int(high):
        raise WishError(
            f"density: {low} to {high} notes a bar cannot be", "the fewest come first, and there is one", how
        )
    return int(low), int(high)
