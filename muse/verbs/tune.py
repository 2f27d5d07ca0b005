"""Tunes: a piece of music on a theme and what else was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, did_you_mean
from muse.files import read_capped, sha256
from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, finish, plain_mood, seed_of
from muse.verbs.library import LARGEST, load_kind

if TYPE_CHECKING:
    from muse.music.piece import Piece

SOUNDS = ("opus", "wav")


def compose(
    theme: str = "",
    *,
    bars: int = 16,
    key: str | None = None,
    meter: str | None = None,
    tempo: float | None = None,
    ensemble: str = "lead",
    range: str | Mapping[str, str] | None = None,
    mood: MoodWish = None,
    candidates: int | None = None,
    sound: str = "opus",
    soundfont: str | Path | None = None,
    title: str | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Piece:
    """A piece of music; what is not asked for follows from the mood of the theme.

    >>> compose("autumn river", bars=16, key="D minor", seed=7).bars  # doctest: +SKIP
    16

    Args:
        bars: full bars.
        key: "D minor", "Bb major".
        meter: "3/4".
        tempo: quarter notes a minute.
        ensemble: "melody", "lead" (a tune with chords) or "satb" (four voices).
        range: the lowest and highest note of the tune ("C4-A5"), or of voices ("soprano=C4-A5, bass=E2-C4").
        sound: "opus" or "wav".

    Raises:
        UsageError, WishError, BundleError.
    """
    if sound not in SOUNDS:
        raise UsageError(f"unknown sound format {sound!r}", "", did_you_mean(sound, SOUNDS))
    wishes.whole("bars", bars, 1, 256)
    seed = seed_of(seed)
    reading = wishes.read_theme(theme or "muse", mood)
    name = wishes.clean(title, "title", 80) if title is not None else None
    target = place.settle(device, language=True)
    from muse.music.composer import PieceRequest
    from muse.music.composer import compose as compose_piece

    weights = load_kind(bundle or "composer", "music")
    request = PieceRequest(
        theme=reading.theme,
        mood=reading.mood,
        ensemble=ensemble,
        key=key,
        meter=meter,
        tempo=tempo,
        bars=bars,
        ranges=wishes.read_ranges(range, ensemble),
        seed=seed,
        candidates=candidates,
        title=name or (reading.theme.text if theme else "Untitled"),
    )
    made = compose_piece(request, weights, target)
    asked: dict[str, Any] = {
        "theme": theme,
        "bars": bars,
        "key": key,
        "meter": meter,
        "tempo": tempo,
        "ensemble": ensemble,
        "range": dict(range) if isinstance(range, Mapping) else range,
        "mood": plain_mood(mood),
        "candidates": candidates,
        "sound": sound,
        "title": title,
    }
    inputs: dict[str, str] = {}
    if soundfont is not None:
        asked["soundfont"] = Path(soundfont).name
        inputs[Path(soundfont).name] = sha256(read_capped(soundfont, LARGEST))
    made = replace(made, sound_format=sound, soundfont=str(soundfont) if soundfont is not None else None)
    notes = reading.notes if theme else ()
    return finish(made, "compose", seed, asked, [weights], target, notes, inputs=inputs, language=True)
