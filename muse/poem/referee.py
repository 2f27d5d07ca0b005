"""The judge of Chinese regulated verse, written apart from the generator: it shares no rule, table or code with it.

A rule can hold under every reading of every character, under some, or under none; `judge` says which:

- valid: True. However the characters with two tones or two rhyme groups are read, the poem is regular.
- "depends". At least one way of reading makes it regular.
- False. No reading does; the findings name the places.

Rules for 五绝 七绝 五律 七律 with a level rhyme (those of the corpora's `regular` mark, and 孤平):

1. In a line, places 2, 4 (and 6) alternate. An odd line may end 平平仄平仄 instead of 平平平仄仄.
2. Place 2 is opposed inside a couplet (对), and equal between the couplets (粘).
3. Even lines end level, odd lines after the first end oblique.
4. No line ends in three level tones (三平尾); in a line of the kind 平平仄仄平 no level tone stands alone (孤平).
5. Even lines rhyme in one group. A first line that ends level rhymes with them, at least in a neighbouring group.

Every assignment of readings is tried, line by line: at most 2^7 a line, so the verdict is exact.
Source: 王力《诗词格律》 for the rules; the rhyme tables beside muse/tables for the readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

from muse.errors import UsageError, did_you_mean
from muse.terms import Kept, Promise, Report

FORMS = {"五绝": (4, 5), "七绝": (4, 7), "五律": (8, 5), "七律": (8, 7)}
BOOKS = ("pingshui", "cilin")
_NEIGHBOURS = ("东冬", "江阳", "支微齐", "鱼虞", "佳灰", "真文元", "元寒删先", "萧肴豪", "歌麻", "庚青蒸", "覃盐咸")
_BLOCKS = (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)
_MARKS = dict.fromkeys(map(ord, ",.;:!?()-、。·「」『』“”‘’《》〈〉—…\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09"), " ")


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A place that breaks a rule; line and place count from 1.

    Attributes:
        rule: "tone", "tail", "lone level" or "rhyme".
    """

    line: int
    place: int
    character: str
    wanted: str
    found: str
    rule: str

    def __str__(self) -> str:
        at = f"line {self.line}, place {self.place}" if self.place else f"line {self.line}"
        return f"{at}: {self.character} is {self.found}, wanted {self.wanted} ({self.rule})"


@dataclass(frozen=True, slots=True)
class _Reading:
    level: bool
    group: str


@cache
def _table(book: str) -> dict[str, tuple[_Reading, ...]]:
    """Character → its readings in a rhyme book."""
    found: dict[str, tuple[_Reading, ...]] = {}
    path = Path(__file__).parent.parent / "tables" / f"{book}.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            group, tone, characters = line.split()
            reading = _Reading(tone == "平", group)
            for character in characters:
                known = found.get(character, ())
                if reading not in known:
                    found[character] = (*known, reading)
    return found


def split(text: str) -> list[str]:
    """The lines of a poem written as one text: cut at line breaks and at marks.

    >>> split("白日依山尽,黄河入海流。")
    ['白日依山尽', '黄河入海流']
    """
    return text.translate(_MARKS).split()


def recognise(lines: Sequence[str]) -> str:
    """The form whose lines have this shape, or "".

    >>> recognise(["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"])
    '五绝'
    """
    shape = {(len(lines), len(line)) for line in lines}
    return next((form for form, size in FORMS.items() if shape == {size}), "")


def judge(lines: Sequence[str] | str, form: str | None = None, rhyme_book: str = "pingshui") -> Report:
    """What holds of a poem: its form, its tones and its rhyme.

    Args:
        lines: the lines, with or without marks, or the whole text.
        form: the form that was asked; None takes the one the poem has.
        rhyme_book: "pingshui" (平水韵) or "cilin" (词林正韵).

    Raises:
        UsageError: a form or rhyme book that the judge does not know.

    >>> judge("白日依山尽,黄河入海流。欲穷千里目,更上一层楼。").valid
    True
    """
    if form is not None and form not in FORMS:
        raise UsageError(f"no form named {form!r}", "the referee judges regulated verse", did_you_mean(form, FORMS))
    if rhyme_book not in BOOKS:
        raise UsageError(f"no rhyme book named {rhyme_book!r}", "", did_you_mean(rhyme_book, BOOKS))
    parts = split(lines) if isinstance(lines, str) else [part for line in lines for part in split(line)]
    found = recognise(parts)
    asked = form or found
    clean = bool(parts) and all(_is_han(character) for line in parts for character in line)
    fits = bool(asked) and found == asked and clean
    shape = found or f"{len(parts)} lines of {'/'.join(str(len(line)) for line in parts[:12])} characters"
    promise = Promise(
        "form", asked or "one of " + " ".join(FORMS), shape if clean else "not all Chinese characters", fits
    )
    return Report((promise,)) + (_Case(parts, rhyme_book).report() if fits else Report())


def _is_han(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _BLOCKS)


def verdict(report: Report) -> str:
    """ "valid", "depends" or "invalid"."""
    valid = report.valid
    return "depends" if valid == "depends" else "valid" if valid else "invalid"


class _Case:
    """One poem under judgement."""

    def __init__(self, lines: Sequence[str], book: str) -> None:
        self.lines = lines
        self.width = len(lines[0])
        table = _table(book)
        self.unknown = sorted({character for line in lines for character in line if character not in table})
        either = (_Reading(True, ""), _Reading(False, ""))
        self.readings = [[table.get(character, either) for character in line] for line in lines]
        self.book = book

    def report(self) -> Report:
        opening, tones, places = self._tones()
        rhyme, group, rhymes = self._rhyme()
        pattern = f"{'平' if opening else '仄'}起"
        promises = [
            Promise(name, asked, _say(kept, pattern if name == "tones" else ""), kept)
            for name, asked, kept in (
                ("tones", "places 2/4/6 alternate, couplets opposed and joined, line ends", tones["tone"]),
                ("tail", "no three level tones at a line's end", tones["tail"]),
                ("lone level", "no 孤平", tones["lone level"]),
            )
        ]
        promises.append(Promise("rhyme", f"even lines in one level group of {self.book}", _say(rhyme, group), rhyme))
        findings = [str(place) for place in sorted({*places, *rhymes})]
        findings += [f"no reading of {character} is known: counted as either tone" for character in self.unknown]
        ends = [line[-1] for line in self.lines[1::2]]
        findings += [f"the rhyme word {word} comes back" for word in dict.fromkeys(ends) if ends.count(word) > 1]
        return Report(tuple(promises), tuple(findings))

    def _tones(self) -> tuple[bool, dict[str, Kept], list[Break]]:
        """Whether place 2 of line 1 is level, what holds of each rule, and the places that break one."""
        trials = [(opening, *self._skeleton(opening)) for opening in (True, False)]
        opening, kept, places, _ = min(trials, key=lambda trial: (trial[3], len(trial[2])))
        return opening, kept, places

    def _skeleton(self, opening: bool) -> tuple[dict[str, Kept], list[Break], int]:
        """The same where place 2 of line 1 is held to be level or oblique; third, how many places never fit."""
        kept: dict[str, Kept] = {"tone": True, "tail": True, "lone level": True}
        places: list[Break] = []
        worst = 0
        for number, line in enumerate(self.readings):
            second = opening == (number % 4 in (0, 3))
            tones = [sorted({reading.level for reading in readings}) for readings in line]
            outcomes = [self._line(number, assignment, second) for assignment in product(*tones)]
            fewest = min(outcomes, key=len)
            worst += len(fewest)
            for one in {one.rule for outcome in outcomes for one in outcome}:
                if kept[one] is True:
                    kept[one] = "depends"
            for broken in fewest:
                kept[broken.rule] = False
            places += fewest or [one for outcome in outcomes for one in outcome]
        return kept, list(dict.fromkeys(places)), worst

    def _line(self, number: int, level: Sequence[bool], second: bool) -> list[Break]:
        """What is broken in a line whose tones are read in one way."""
        line = self.lines[number]
        first, odd, width = number == 0, number % 2 == 0, self.width

        def broken(place: int, wanted: bool, rule: str) -> Break:
            return Break(number + 1, place + 1, line[place], _name(wanted), _name(not wanted), rule)

        wanted = {place: second == (place % 4 == 1) for place in range(1, width, 2)}
        if odd and tuple(level[-5:]) == (True, True, False, True, False) and not wanted[width - 2]:
            wanted[width - 2] = True  # 平平仄平仄
        if not (first and odd):
            wanted[width - 1] = not odd
        found = [broken(place, tone, "tone") for place, tone in wanted.items() if level[place] != tone]
        if all(level[-3:]):
            found.append(broken(width - 3, False, "tail"))
        five = level[-5:]
        if five[1] and not five[3] and five[4] and not five[0] and not five[2]:
            found.append(broken(width - 5, True, "lone level"))
        return found

    def _rhyme(self) -> tuple[Kept, str, list[Break]]:
        """What holds of the rhyme, the group, and the places."""
        ends = [self.readings[number][-1] for number in range(1, len(self.lines), 2)]
        groups = [{reading.group for reading in end if reading.level} for end in ends]
        known = {group for found in groups for group in found if group}
        opening = self.readings[0][-1]

        def support(group: str) -> tuple[int, bool]:
            """In how many ends the group stands, and whether the first line can go with it."""
            return sum(group in found or "" in found for found in groups), any(
                not one.level or _near(one.group, group) for one in opening
            )

        best = max(sorted(known), key=support, default="")
        every = bool(best) and all({(one.level, one.group) for one in end} == {(True, best)} for end in ends)
        some = bool(best) and all(best in found or "" in found for found in groups)
        places = [
            Break(2 * at + 2, self.width, self.lines[2 * at + 1][-1], best or "a rhyme", _groups(end), "rhyme")
            for at, end in enumerate(ends)
            if {(one.level, one.group) for one in end} != {(True, best)}
            and (not some or best not in groups[at] or len(end) > 1)
        ]
        fits = [not one.level or _near(one.group, best) for one in opening]
        if not all(fits):
            places.append(Break(1, self.width, self.lines[0][-1], f"oblique or {best}", _groups(opening), "rhyme"))
        if not some or not any(fits):
            return False, best if some else "", places
        return (True if every and all(fits) else "depends"), best, places


def _near(group: str, best: str) -> bool:
    """Whether a first line in `group` may open a poem in `best`."""
    if group in ("", best):
        return True
    return any(group[-1] in near and best[-1:] in near for near in _NEIGHBOURS)


def _name(level: bool) -> str:
    return "level" if level else "oblique"


def _groups(readings: Iterable[_Reading]) -> str:
    return " or ".join(f"{one.group or 'unknown'} ({_name(one.level)})" for one in readings)


def _say(kept: Kept, detail: str = "") -> str:
    found = "broken" if kept is False else f"holds under {'every reading' if kept is True else 'some readings'}"
    return f"{detail}: {found}" if detail else found
