"""What a piece was asked to be, from its recipe, in the words of the referee of music."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from muse.errors import InputError
from muse.work import Recipe

_SAME = ("key", "meter", "tempo", "bars", "ensemble", "instruments", "polyphony", "chords", "form", "ending", "rules",
         "leap")  # fmt: skip


def promises(recipe: Recipe) -> dict[str, Any]:
    """What `muse.music.referee.check` is to look for; what was not asked is None or absent.

    Raises:
        InputError: the recipe holds a piece or a poem that is none.
    """
    request = dict(recipe.request)
    found: dict[str, Any] = {name: request.get(name) for name in _SAME}
    found["range"] = _by_voice(request.get("range"))
    found["density"] = _bounds(request.get("density"))
    try:
        found |= _given(request)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError("the recipe is damaged", f"a piece in it cannot be read: {error}", "make it again") from error
    if request.get("lyrics") is not None:
        found |= _sung(request["lyrics"])
    return found


def _by_voice(wish: Any) -> Any:
    """{"soprano": "C4-A5", …} of "soprano=C4-A5, …"; other wishes as they are."""
    if isinstance(wish, str) and "=" in wish:
        return dict(re.findall(r"\s*([^=,\s]+)\s*=\s*([^,]+)", wish))
    return wish


def _bounds(wish: Any) -> list[int] | None:
    """[fewest, most] of "3-6", 4 or (3, 6)."""
    if wish is None:
        return None
    numbers = re.findall(r"\d+", wish) if isinstance(wish, str) else [wish] if isinstance(wish, int) else list(wish)
    return [int(numbers[0]), int(numbers[-1])] if numbers else None


def _given(request: Mapping[str, Any]) -> dict[str, Any]:
    """The notes that had to stay, and the bars that they fill."""
    if (fill := request.get("fill")) is not None:
        first, last = fill["bars"]
        voices = {str(name).lower() for name in fill.get("voices") or ()}
        piece = fill["piece"]
        stays = [
            (name, note) for name, note in _notes(piece)
            if not (first <= _bar(piece, note[0]) <= last and (not voices or name.lower() in voices))
        ]  # fmt: skip
        bars = {bar for bar in range(1, int(piece["bars"]) + 1) if not first <= bar <= last}
    elif (piece := request.get("continue_")) is not None:
        stays, bars = list(_notes(piece)), set(range(1, int(piece["bars"]) + 1))
    elif (piece := request.get("melody")) is not None:
        stays, bars = [("", note) for note in _tune(piece)], set(range(1, int(piece["bars"]) + 1))
    else:
        return {}
    unit = int(piece["ticks_per_quarter"])
    notes = [[name, f"{tick}/{unit}", f"{long}/{unit}", pitch] for name, (tick, long, pitch) in stays]
    return {"given": notes, "given_bars": sorted(bars)}


def _notes(piece: Mapping[str, Any]) -> list[tuple[str, tuple[int, int, int]]]:
    rows = [(str(track["name"]), note) for track in piece["tracks"] for note in track["notes"]]
    return [(name, (int(note[0]), int(note[1]), int(note[2]))) for name, note in rows]


def _tune(piece: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """The highest note at each time of the first track with pitched notes, cut where the next begins."""
    notes = next(track["notes"] for track in piece["tracks"] if track["notes"] and not track["drums"])
    ordered = sorted((int(n[0]), int(n[1]), int(n[2])) for n in notes)
    tops = [max(group, key=lambda n: n[2]) for _, group in groupby(ordered, key=lambda n: n[0])]
    ends = [note[0] for note in tops[1:]] + [tops[-1][0] + tops[-1][1]]
    return [(tick, min(long, end - tick), pitch) for (tick, long, pitch), end in zip(tops, ends, strict=True)]


def _bar(piece: Mapping[str, Any], tick: int) -> int:
    beats, unit = (int(part) for part in str(piece["meter"]).split("/"))
    bar = beats * 4 * int(piece["ticks_per_quarter"]) // unit
    return (tick - int(piece["pickup"])) // bar + 1


def _sung(poem: Any) -> dict[str, Any]:
    from muse.verbs import song

    syllables = song.read(poem).lyrics.syllables
    lines = [list(group) for _, group in groupby(syllables, key=lambda one: one.line)]
    accents = [[one.accent for one in line] for line in lines]
    chinese = any(accent in ("level", "oblique") for line in accents for accent in line)
    found: dict[str, Any] = {
        "lyrics": [one.text for one in syllables],
        "breath": [len(line) for line in lines],
    }
    if any(line[-1].rhyme for line in lines):
        found["rhymes"] = [[len(line), line[-1].rhyme] for line in lines]
    return found | ({"tones": accents} if chinese else {"stress": [one for line in accents for one in line]})
