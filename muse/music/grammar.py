"""Which token may follow in a well-formed piece: what the codec can write, and nothing else.

A draft has one spelling, so probability that a model gives to anything else is lost. Figures are taken with that share
handed back: each token's probability among those the grammar allows, which sums to one over all pieces.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from muse.music import vocabulary as words
from muse.music.events import PARTS, Cell, Encoded
from muse.music.theory import Meter

_BLOCKS = sorted((start, name) for name, start in words.BASE.items())
_STARTS = [start for start, _ in _BLOCKS]


def block(token: int) -> str:
    """The name of the block that a token is in: "bar", "at", "alto" …; "" for pad, end, write and blank."""
    place = int(np.searchsorted(_STARTS, token, side="right")) - 1
    return _BLOCKS[place][1] if place >= 0 else ""


def allowed(
    code: Encoded, task: str, meter: Meter, *, given: frozenset[Cell] = frozenset(), frames: bool = False
) -> npt.NDArray[np.bool_]:
    """(T, V) bool: what may stand at each place of a piece, given what is before it; a header slot may hold any value.

    Args:
        given: as in the draft. What is given is nothing to be guessed, so anything may stand there.
        frames: the piece is of 16th-note frames that do not tell held and repeated notes apart: moments stand on
            16ths, a struck note differs from the one before it in its voice, bars are not counted, and no bar is cut.
    """
    tokens = code.tokens
    found = np.zeros((len(tokens), words.SIZE), bool)
    for index, slot in enumerate(words.HEADER):
        found[index, words.BASE[slot] : words.BASE[slot] + len(words.HEADER[slot]) + 1] = True
    begin = words.SLOTS
    held: dict[tuple[int, str], int] = {}
    if given:
        begin = int(np.flatnonzero(tokens == words.WRITE)[0]) + 1
        found[words.SLOTS : begin] = True
        held = _ends(code, task, begin)
    base = words.ROW_WRITTEN if given else 0
    step = 3 if frames else 1
    bars = slice(words.BASE["bar"], words.BASE["bar"] + (1 if frames else words.MOST_BARS + 1))
    said: dict[str, int] = {}
    waiting: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    tick, opens, changed = -1, False, False
    for index in range(begin, len(tokens)):
        mask, token = found[index], int(tokens[index])
        name, number = block(token), int(code.rows[index]) - base
        if waiting:
            _speak(mask, waiting, said, opens=opens, changed=changed, frames=frames)
            mask[words.END] = not frames and block(int(tokens[index - 1])) == "at"
        else:
            moment = tick + step - tick % step if tick >= 0 else 0
            mask[words.BASE["at"] + moment : words.BASE["at"] + meter.bar : step] = index > begin
            mask[bars] = mask[words.END] = tick >= 0 or index == begin
        if name == "bar":
            parts = tuple(part for part in PARTS[task] if (number, part) not in given)
            said |= {part: held[number - 1, part] for part in parts if (number - 1, part) in held}
            tick, opens = (0, True) if number else (-1, False)
            waiting, changed = (parts if number else ()), opens
        elif name == "at":
            opens = number == 0 and tick < 0
            tick, waiting, changed = token - words.BASE["at"], parts, opens
        elif waiting and token != words.END:
            part = "chords" if name == "chord" else name
            waiting = waiting[waiting.index(part) + 1 :]
            struck = _struck(token, part)
            changed |= struck != said.get(part) if part == "chords" or token == words.rest(part) else token == struck
            said[part] = struck
    return found


def _ends(code: Encoded, task: str, end: int) -> dict[tuple[int, str], int]:
    """(bar, part) → what the part last says in what is given."""
    held: dict[tuple[int, str], int] = {}
    for index in range(words.SLOTS, end):
        name = block(int(code.tokens[index]))
        part = "chords" if name == "chord" else name
        if part in PARTS[task]:
            held[int(code.rows[index]), part] = _struck(int(code.tokens[index]), part)
    return held


def _struck(token: int, part: str) -> int:
    """The token with which what now sounds was struck."""
    if part == "chords":
        return token
    low, high = words.WINDOWS[part]
    return token if token <= words.note(part, high) else token - (high - low + 1)


def _speak(
    mask: npt.NDArray[np.bool_],
    waiting: tuple[str, ...],
    said: dict[str, int],
    *,
    opens: bool,
    changed: bool,
    frames: bool,
) -> None:
    """Allow what the next part may say.

    Args:
        waiting: the parts that have not spoken in this slice.
        opens: the slice opens a bar, where a chord is said in any case.
        changed: something in the slice is new already; if not, the last part must be.
    """
    part = waiting[0]
    if part == "chords":
        mask[words.NO_CHORD : words.NO_CHORD + len(words.CHORDS) + 1] = True
        if not opens:
            mask[[words.NO_CHORD, said.get(part, words.NO_CHORD)]] = False
            if waiting[1:]:
                _speak(mask, waiting[1:], said, opens=opens, changed=changed, frames=frames)
        return
    low, high = words.WINDOWS[part]
    before, free = said.get(part, words.rest(part)), changed or len(waiting) > 1
    mask[words.note(part, low) : words.note(part, high) + 1] = True
    if before == words.rest(part):
        mask[before] = free
    else:
        mask[words.rest(part)] = True
        mask[before + high - low + 1] = free
        mask[before] = not frames
