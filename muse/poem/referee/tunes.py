"""The tunes of 词: their shapes, read from muse/tables/tunes.txt, and how a poem is laid upon one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

_TABLE = Path(__file__).parents[2] / "tables" / "tunes.txt"
_PAIRS = _TABLE.with_name("tune_pairs.txt")
_LINE = re.compile(r"(/?)([平仄中]+)([a-z]?)([。，、])")


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a tune.

    Attributes:
        poems: how many poems of the corpora have it.
        lines: for each line its places: 平, 仄, or 中 for either.
        rhyme: for each line its rhyme letter, or "".
        stanzas: the lines, from 0, that begin another stanza.
    """

    tune: str
    poems: int
    lines: tuple[str, ...]
    rhyme: tuple[str, ...]
    stanzas: tuple[int, ...]

    @property
    def widths(self) -> str:
        return " ".join(str(len(line)) for line in self.lines)


@cache
def shapes() -> dict[int, tuple[Shape, ...]]:
    """All shapes by their number of characters."""
    found: dict[int, list[Shape]] = {}
    for row in _TABLE.read_text(encoding="utf-8").splitlines():
        if row and not row.startswith("#"):
            tune, poems, pattern = row.split(" ")
            parts = _LINE.findall(pattern)
            shape = Shape(
                tune, int(poems), tuple(part[1] for part in parts), tuple(part[2] for part in parts),
                tuple(number for number, part in enumerate(parts) if part[0]),
            )  # fmt: skip
            found.setdefault(sum(map(len, shape.lines)), []).append(shape)
    return {size: tuple(sorted(those, key=lambda shape: -shape.poems)) for size, those in found.items()}


@cache
def _pairs() -> dict[tuple[str, str], tuple[int, ...]]:
    rows = [row for row in _PAIRS.read_text(encoding="utf-8").splitlines() if not row.startswith("#")]
    parts = [(row.partition(" "), row.partition(": ")) for row in rows]
    return {
        (head[0], colon[0][len(head[0]) + 1 :]): tuple(int(number) - 1 for number in colon[2].split())
        for head, colon in parts
    }


def paired(shape: Shape) -> tuple[int, ...]:
    """The lines of a shape, from 0, that poets pair with the next one (对句).

    >>> paired(shapes_of("踏莎行")[0])[0]
    0
    """
    return _pairs().get((shape.tune, shape.widths), ())


@cache
def names() -> tuple[str, ...]:
    """The names of all tunes, the longest first.

    >>> len(names()) >= 300
    True
    """
    found = {shape.tune for those in shapes().values() for shape in those}
    return tuple(sorted(found, key=lambda tune: (-len(tune), tune)))


def named_in(title: str) -> str:
    """The tune that a title begins with, or ""; 《》 and spaces do not count.

    >>> named_in("《水调歌头·明月几时有》")
    '水调歌头'
    """
    bare = title.strip("《〈「[【 \u3000")
    return next((tune for tune in names() if bare.startswith(tune)), "")


def cut_alike(lines: Sequence[str], shape: Shape) -> bool:
    """Whether a poem is cut only where its shape is; it may run two lines of the shape into one."""
    return set(accumulate(map(len, lines))) <= set(accumulate(map(len, shape.lines)))


def shapes_of(tune: str) -> tuple[Shape, ...]:
    """The shapes of a tune, the commonest first."""
    return tuple(sorted((s for those in shapes().values() for s in those if s.tune == tune), key=lambda s: -s.poems))


def fitting(lines: Sequence[str], tune: str = "") -> tuple[Shape, ...]:
    """The shapes that a poem can be laid upon: as many characters, and a line that ends at each rhyme.

    Between the rhymes whoever set the marks may have cut elsewhere: see `cut_alike`.
    """
    size = sum(map(len, lines))
    cuts = set(accumulate(map(len, lines)))
    found = []
    for shape in shapes().get(size, ()):
        places = list(accumulate(map(len, shape.lines)))
        needed = {place for place, letter in zip(places, shape.rhyme, strict=True) if letter}
        if (not tune or shape.tune == tune) and needed <= cuts:
            found.append(shape)
    return tuple(found)
