"""Making one work: poem, compose, vary, blend, cover, restyle, morph.

Each verb cleans what the user gave, reads the theme, hands a request to the room, and writes the recipe: the
verb's own arguments, so that `remake` calls the same function again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from muse.errors import UsageError, did_you_mean
from muse.seed import fresh_seed
from muse.terms import Mood, Report
from muse.verbs import place, wishes
from muse.verbs.library import load_kind

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.music.piece import Piece
    from muse.poem.poem import Poem
    from muse.work import Recipe, Work

W = TypeVar("W", bound="Work")
MoodWish = str | Mood | Mapping[str, float] | None


def poem(
    theme: str,
    *,
    form: str | None = None,
    lang: str = "zh",
    title: str | None = None,
    mood: MoodWish = None,
    candidates: int = 16,
    pinyin: bool = False,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Poem:
    """A poem on a theme, valid for its form by the tonal pattern and the 平水韵 rhymes.

    >>> poem("秋江夜泊", form="七绝", seed=7).form  # doctest: +SKIP
    '七绝'

    Args:
        theme: a word or a line, Chinese or English; an English theme gives a Chinese poem.
        form: 五绝, 七绝, 五律 or 七律; by default the seed chooses.
        title: by default the theme.
        mood: "calm", "energy=-0.6" or a Mood; by default read from the theme.
        candidates: how many are written for the best one to be kept.

    Raises:
        UsageError, BundleError.
    """
    from muse.poem.write import PoemRequest, write

    if lang not in ("zh", "auto"):
        raise UsageError(f"no verse in {lang!r} yet", "Chinese verse alone can be written now", "leave --lang out")
    seed = _seed(seed)
    target = place.settle(device)
    reading = wishes.read_theme(theme, mood)
    weights = load_kind(bundle or "poem-zh", "poem")
    request = PoemRequest(
        theme=reading.theme,
        mood=reading.mood,
        form=form,
        title=wishes.clean(title, "title", 80) if title is not None else None,
        seed=seed,
        candidates=wishes.whole("candidates", candidates, 1, 256),
        pinyin=pinyin,
    )
    made = write(request, weights, 1)[0]
    notes = list(reading.notes)
    if reading.theme.language == "en":
        notes.append("an English theme: the poem is Chinese, English verse comes later")
    asked = {"theme": theme, "form": form, "lang": lang, "title": title, "mood": _mood(mood), "candidates": candidates,
             "pinyin": pinyin}  # fmt: skip
    return finish(made, "poem", seed, asked, [weights], target, notes)


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
        ensemble: "melody", "lead" (a tune with chords) or "satb" (four voices).
        range: the lowest and highest note of the tune ("C4-A5"), or of voices ("soprano=C4-A5, bass=E2-C4").
        tempo: quarter notes a minute.
        sound: "opus" or "wav".

    Raises:
        UsageError, WishError, BundleError.
    """
    from muse.music.composer import PieceRequest
    from muse.music.composer import compose as compose_piece

    seed = _seed(seed)
    target = place.settle(device)
    if sound not in ("opus", "wav"):
        raise UsageError(f"unknown sound format {sound!r}", "", did_you_mean(sound, ("opus", "wav")))
    reading = wishes.read_theme(theme or "muse", mood)
    weights = load_kind(bundle or "composer", "music")
    request = PieceRequest(
        theme=reading.theme, mood=reading.mood, ensemble=ensemble, key=key, meter=meter, tempo=tempo,
        bars=wishes.whole("bars", bars, 1, 256), seed=seed,
    )  # fmt: skip
    made = compose_piece(request, weights)
    asked = {"theme": theme, "bars": bars, "key": key, "meter": meter, "tempo": tempo, "ensemble": ensemble, "range": range,
             "mood": _mood(mood), "candidates": candidates, "sound": sound, "title": title}  # fmt: skip
    made = replace(made, sound_format=sound, soundfont=str(soundfont) if soundfont else None)
    return finish(made, "compose", seed, asked, [weights], target, reading.notes if theme else ())


def finish(
    work: W,
    verb: str,
    seed: int,
    request: Mapping[str, Any],
    bundles: Sequence[Bundle],
    device: str,
    notes: Sequence[str] = (),
    *,
    inputs: Mapping[str, str] | None = None,
    parts: Sequence[Recipe] = (),
    index: int = 0,
) -> W:
    """The work with its recipe, and with the notes among the findings of its report."""
    from muse import __version__
    from muse.work import Recipe

    recipe = Recipe(
        verb, seed, dict(request), {bundle.name: bundle.sha256 for bundle in bundles}, dict(inputs or {}),
        credits_of(bundles), tuple(parts), index, __version__, place.machine(device),
    )  # fmt: skip
    report = work.report + Report(findings=tuple(notes))
    return replace(work, recipe=recipe, report=report)  # type: ignore[type-var]


def credits_of(bundles: Sequence[Bundle]) -> tuple[str, ...]:
    """Whom the data behind some bundles asks to be named, each once."""
    named: dict[str, None] = {}
    for bundle in bundles:
        for source in bundle.card["data"]:
            named.setdefault(f"{source['attribution'] or source['name']} ({source['licence']})")
    return tuple(named)


def _seed(seed: int | None) -> int:
    return fresh_seed() if seed is None else wishes.whole("seed", seed, 0, 2**63 - 1)


def _mood(mood: MoodWish) -> str | dict[str, float] | None:
    """A mood as a plain value for a recipe."""
    return mood.as_dict() if isinstance(mood, Mood) else dict(mood) if isinstance(mood, Mapping) else mood
