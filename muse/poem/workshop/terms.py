"""What the workshop hands out: alternatives, explanations, and how a poem differs from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any
from unicodedata import east_asian_width


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another text for a line or a word.

    Attributes:
        text: what stands in the place. line: the whole line with it.
        nats: mean log-probability of the line, in nats a character (a word or mark of English verse), given the rest.
        gain: how far that is above the line as it is.
        rhyme: the class in which the line rhymes, or "".
        tones: 平 and 仄 of the text, "/" between two readings; of English words their stresses.
        why: facts that speak for it.
    """

    text: str
    line: str
    nats: float
    gain: float
    rhyme: str
    tones: str
    why: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"nats": round(self.nats, 3), "gain": round(self.gain, 3), "why": list(self.why)}


@dataclass(frozen=True, slots=True)
class Place:
    """A character, or a word of English verse, where it stands.

    Attributes:
        line, place: from 1.
        sound: its tone, 平 or 仄, "平/仄" where it has both; the stress of an English word.
        wanted: what the form asks: 平, 仄 or 中; the beats that an English word carries, S strong and w weak.
        rhyme: the class in which the place must rhyme, or "".
        removed: how many of the vocabulary each rule took away.
        allowed: how many were left.
        fits: whether this one is among them.
        free: its probability to the model; masked: among those allowed, 0 where it is not.
        rank: its place among all by the model; rank_allowed: among those allowed, 0 where it is not.
    """

    line: int
    place: int
    text: str
    sound: str
    wanted: str
    rhyme: str
    removed: Mapping[str, int]
    allowed: int
    fits: bool
    free: float
    masked: float
    rank: int
    rank_allowed: int

    def as_dict(self) -> dict[str, Any]:
        value = asdict(self)
        return value | {"removed": dict(self.removed), "free": round(self.free, 6), "masked": round(self.masked, 6)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a poem could be written as it is: each place as the writer saw it.

    Attributes:
        book: by what it is judged.
        vocabulary: how many characters or words there are to choose from.
        places: in the order of reading.
    """

    title: str
    form: str
    tune: str
    book: str
    vocabulary: int
    places: tuple[Place, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values: form, tune, book, vocabulary, places, notes."""
        return {
            "title": self.title, "form": self.form, "tune": self.tune, "book": self.book,
            "vocabulary": self.vocabulary, "places": [place.as_dict() for place in self.places],
            "notes": list(self.notes),
        }  # fmt: skip

    def text(self) -> str:
        """A table, a row a place."""
        names = list(dict.fromkeys(name for place in self.places for name in place.removed))
        head = ["line", "", "sound", "form", "rhyme", *(f"−{name}" for name in names), "left", "p", "p left", "rank"]
        rows: list[list[str]] = [head]
        before = 0
        for place in self.places:
            rows += [[]] if before and place.line != before else []
            rows.append([
                f"{place.line}.{place.place}", place.text, place.sound, place.wanted, place.rhyme,
                *(_counted(place.removed.get(name, 0)) for name in names),
                f"{place.allowed:,}" + ("" if place.fits else " ✗"), _share(place.free),
                _share(place.masked) if place.fits else "", f"{place.rank_allowed or '–'} of {place.rank}",
            ])  # fmt: skip
            before = place.line
        heading = " · ".join(part for part in (self.title, self.form, self.tune, self.book) if part)
        legend = (
            f"{self.vocabulary:,} to choose from; −: taken away by each rule; p: probability before and after that; "
            "rank: among those left, of all"
        )
        return "\n".join([heading, legend, "", *_table(rows), *(f"note: {note}" for note in self.notes)])

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True)
class Change:
    """A line that differs from the one before it: parts of both, and whether each part is changed."""

    line: int
    old: str
    new: str
    old_parts: tuple[tuple[str, bool], ...]
    new_parts: tuple[tuple[str, bool], ...]


def difference(old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    """Each line that changed, counted from 1; of Latin lines whole words are compared.

    >>> [(change.line, change.new_parts) for change in difference(["白日", "黄河"], ["白日", "黄云"])]
    [(2, (('黄', False), ('云', True)))]
    """
    for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
        if one != other:
            a, b = _units(one), _units(other)
            left: list[tuple[str, bool]] = []
            right: list[tuple[str, bool]] = []
            for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
                left += [("".join(a[i:j]), tag != "equal")] if j > i else []
                right += [("".join(b[k:m]), tag != "equal")] if m > k else []
            yield Change(number, one, other, tuple(left), tuple(right))


def _units(line: str) -> list[str]:
    if not line.isascii():
        return list(line)
    words = line.split(" ")
    return [word + " " for word in words[:-1]] + words[-1:]


def _counted(number: int) -> str:
    return f"{number:,}" if number else "·"


def _share(probability: float) -> str:
    percent = 100 * probability
    return f"{percent:.0f}%" if percent >= 9.95 else f"{percent:.1f}%" if percent >= 0.095 else f"{percent:.1g}%"


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with columns of one width; an empty row is an empty line."""
    widths = [max(_wide(row[at]) for row in rows if row) for at in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell + " " * (width - _wide(cell)) if at < 5 else " " * (width - _wide(cell)) + cell
            for at, (cell, width) in enumerate(zip(row, widths, strict=False))
        )
        yield "  ".join(cells).rstrip()
