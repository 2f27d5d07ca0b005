"""From a mood to musical decisions, each with a reason that can be printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from muse.music.theory import Key, Meter, Mode
from muse.seed import stream
from muse.terms import Mood

_TONICS = {"major": (0, 7, 2, 5, 10, 9, 3), "minor": (9, 4, 2, 7, 11, 0, 5)}
_CALM = (("4/4", 5), ("3/4", 4), ("6/8", 2), ("2/2", 1))
_LIVELY = (("4/4", 5), ("2/4", 2), ("6/8", 3), ("3/4", 2))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a piece will be.

    Attributes:
        density, energy, valence, register: bins 0 to 4 of the model's header.
        drive: how much the accompaniment moves, 0 (held) to 2 (running).
        loudness: mean velocity.
        reasons: one line each.
    """

    key: Key
    meter: Meter
    tempo: float
    density: int
    energy: int
    valence: int
    register: int
    drive: int
    loudness: int
    programs: Mapping[str, int]
    style: str
    reasons: tuple[str, ...] = field(default=())


def plan(mood: Mood, seed: int, wishes: Mapping[str, Any] | None = None, ensemble: str = "lead") -> Plan:
    """A plan for a mood; `wishes` holds what the user fixed: "key" (Key), "meter" (Meter), "tempo" (BPM).

    >>> plan(Mood(valence=-0.8, energy=-0.6), seed=1).key.mode
    'minor'
    """
    wishes = wishes or {}
    draw = stream(seed, "mood")
    reasons = []
    mode = _mode(mood, float(draw.random()))
    tonic = int(_TONICS[mode][int(draw.integers(len(_TONICS[mode])))])
    key = wishes.get("key") or Key(tonic, mode)
    if "key" in wishes:
        reasons.append(f"{key}: as wished")
    else:
        reasons.append(
            f"{key}: valence {mood.valence:+.1f}" + (f", tension {mood.tension:+.1f}" if mood.tension else "")
        )
    choices = _LIVELY if mood.energy > 0.2 else _CALM
    odds = [weight / sum(w for _, w in choices) for _, weight in choices]
    chosen = choices[int(draw.choice(len(choices), p=odds))][0]
    meter = wishes.get("meter") or Meter.parse(chosen)
    reasons.append(f"{meter}: " + ("as wished" if "meter" in wishes else "lively" if mood.energy > 0.2 else "calm"))
    usual = 96 + 46 * mood.energy + 8 * mood.valence - 6 * mood.warmth + float(draw.uniform(-4, 4))
    tempo = float(wishes["tempo"]) if wishes.get("tempo") is not None else float(round(min(176.0, max(48.0, usual))))
    reasons.append(
        f"{tempo:g} BPM: " + ("as wished" if wishes.get("tempo") is not None else f"energy {mood.energy:+.1f}")
    )
    density = _bin(2.0 + 1.3 * mood.density + 0.7 * mood.energy)
    energy = _bin(2.0 + 1.2 * mood.energy + 0.6 * mood.tension)
    valence = _bin((3.2 if key.mode == "major" else 0.8) + 0.8 * mood.valence)
    register = _bin(2.0 + 0.9 * mood.valence + 0.6 * mood.energy - 0.4 * mood.warmth)
    reasons.append(f"density {density} of 4: density {mood.density:+.1f}, energy {mood.energy:+.1f}")
    reasons.append(f"register {register} of 4: valence {mood.valence:+.1f}")
    programs = _programs(mood, ensemble)
    style = _style(mood, ensemble, meter, float(draw.random()))
    drive = 0 if mood.energy < -0.25 else 1 if mood.energy < 0.4 else 2
    loudness = round(76 + 14 * mood.energy + 6 * mood.tension)
    return Plan(key, meter, tempo, density, energy, valence, register, drive, loudness, programs, style, tuple(reasons))


def _mode(mood: Mood, chance: float) -> Mode:
    sad = -mood.valence + 0.35 * mood.tension - 0.1 * mood.warmth
    if abs(sad) < 0.12:
        return "minor" if chance < 0.4 else "major"
    return "minor" if sad > 0 else "major"


def _bin(value: float) -> int:
    return min(4, max(0, round(value)))


def _programs(mood: Mood, ensemble: str) -> dict[str, int]:
    """General MIDI programs: warm moods bowed and sung, bright ones blown and plucked, calm ones piano."""
    if ensemble == "satb":
        program = 52 if mood.warmth >= 0 and mood.energy < 0.5 else 48 if mood.energy < 0.5 else 19
        return {"soprano": program, "alto": program, "tenor": program, "bass": program}
    if mood.energy > 0.35:
        return {"melody": 73 if mood.valence >= 0 else 40, "chords": 25 if mood.valence >= 0 else 0}
    if mood.valence < -0.2:
        return {
            "melody": 42 if mood.warmth > 0.3 else 68 if mood.tension > 0.2 else 40,
            "chords": 0 if mood.warmth < 0.3 else 48,
        }
    return {"melody": 71 if mood.warmth > 0.3 else 73, "chords": 0 if mood.energy < 0.1 else 24}


def _style(mood: Mood, ensemble: str, meter: Meter, chance: float) -> str:
    if ensemble == "satb":
        if str(meter) in ("2/2", "3/2"):
            return "mass" if chance < 0.5 else "hymn"
        return "jsb" if str(meter) == "4/4" and chance < 0.4 else "hymn"
    return "dance" if mood.energy > 0.25 or str(meter) in ("6/8", "9/8", "12/8") else "song"
