"""Which token may follow in a well-formed piece: what the codec can write, and nothing else.

A draft has one spelling, so probability that a model gives to anything else is lost. Figures are taken with that share
handed back: each token's probability among those the grammar allows, which sums to one over all pieces.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from muse.music import vocabulary as words
from muse.music.events import LINES
from muse.music.theory import Meter

_BLOCKS = sorted((start, name) for name, start in words.BASE.items())
_STARTS = [start for start, _ in _BLOCKS]


def block(token: int) -> str:
    """The name of the block that a token is in: "bar", "at", "alto" …; "" for pad and end."""
    place = int(np.searchsorted(_STARTS, token, side="right")) - 1
    return _BLOCKS[place][1] if place >= 0 else ""


def allowed(
    tokens: Sequence[int] | npt.NDArray[np.int32], task: str, meter: Meter, *, frames: bool = False
) -> npt.NDArray[np.bool_]:
    """(T, V) bool: what may stand at each place of a piece, given what is before it; a header slot may hold any value.

    Args:
        frames: the piece is of 16th-note frames that do not tell held and repeated notes apart: moments stand on
            16ths, a note differs from the one before it in its voice, bars are not counted, and no bar is cut.
    """
    lines = LINES[task]
    found = np.zeros((len(tokens), words.SIZE), bool)
    slots = list(words.HEADER)
    for index, slot in enumerate(slots):
        found[index, words.BASE[slot] : words.BASE[slot] + len(words.HEADER[slot]) + 1] = True
    held: dict[str, int] = {}
    tick, stage, fresh = -1, 0, False
    step = 3 if frames else 1
    for index in range(len(slots), len(tokens)):
        mask = found[index]
        bars = slice(words.BASE["bar"], words.BASE["bar"] + (1 if frames else words.MOST_BARS + 1))
        if index == len(slots):
            mask[bars] = True
        else:
            if tick >= 0:
                _speak(mask, lines, stage, held, task, frames)
            if not fresh:
                first = tick + step - tick % step if tick >= 0 else 0
                mask[words.BASE["at"] + first : words.BASE["at"] + meter.bar : step] = True
                mask[bars] = True
            mask[words.END] = not fresh or not frames
        token = int(tokens[index])
        name = block(token)
        if name == "bar":
            tick, stage, fresh = -1, 0, False
        elif name == "at":
            tick, stage, fresh = token - words.BASE["at"], 0, True
        elif name in lines:
            held[name], stage, fresh = token, lines.index(name) + 1, False
        elif name in ("chord", "velocity"):
            fresh = False
    return found


def _speak(
    mask: npt.NDArray[np.bool_], lines: Sequence[str], stage: int, held: dict[str, int], task: str, frames: bool
) -> None:
    """Allow the voices that may still speak in this moment."""
    for line in lines[stage:]:
        start = words.BASE[line]
        low, high = words.WINDOWS[line]
        mask[start : start + high - low + 2] = True
        before = held.get(line, start)
        if before == start or frames:
            mask[before] = False
    if not frames:
        mask[words.BASE["velocity"] : words.BASE["velocity"] + words.VELOCITIES] = True
        if task == "lead" and stage == 0:
            mask[words.BASE["chord"] : words.BASE["chord"] + len(words.CHORDS)] = True
