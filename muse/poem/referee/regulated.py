"""Regulated verse: 五绝 七绝 五律 七律 and 排律 (ten lines or more), with a level rhyme.

1. In a line, places 2, 4 (and 6) alternate.
2. Place 2 is opposed inside a couplet (对), and equal between the couplets (粘).
3. Even lines end level, odd lines after the first end oblique.
4. No line ends in three level tones (三平尾); in a line of the kind 平平仄仄平 no level tone stands alone (孤平).
5. Even lines rhyme in one group. A first line that ends level rhymes with them, under 平水韵 at least in a neighbouring
   group.

What saves a deviation (拗救) is accepted, and told:

- 平平仄平仄 in an odd line, for 平平平仄仄 (本句自救);
- 仄平平仄平 for 平平仄仄平: the third place keeps the level tone from standing alone (孤平拗救);
- an oblique fourth place (of five) in an odd line of the kind 仄仄平平仄, where the third place of the next line is
  level: 仄仄平仄仄,平平平仄平 (对句相救). Seven characters: two places later.

Every assignment of readings is tried, couplet by couplet, so the verdict is exact.
Source: 王力《诗词格律》.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from muse.poem.referee.books import Book, Reading
from muse.poem.referee.findings import Break, Judged, named, say, told, unknown
from muse.terms import Kept, Promise

FORMS = {"五绝": (4, 5), "七绝": (4, 7), "五律": (8, 5), "七律": (8, 7), "五排": (10, 5), "七排": (10, 7)}
_PROMISES = (
    ("tones", "tone", "places 2/4/6 alternate, couplets opposed and joined, line ends"),
    ("tail", "tail", "no three level tones at a line's end"),
    ("lone level", "lone level", "no 孤平"),
)
_SAVED = {
    "exchange": "平平仄平仄, saved in the line (本句自救)",
    "lone": "place {0} keeps place {1} from standing alone (孤平拗救)",
    "answer": "place {0} is oblique, saved by place {1} of line {2} (对句相救)",
}


def form_of(lines: Sequence[str]) -> str:
    """The form whose lines have this shape, or ""."""
    count, widths = len(lines), {len(line) for line in lines}
    long = count >= 10 and count % 2 == 0
    return next((form for form, (least, width) in FORMS.items()
                 if widths == {width} and (count == least or (long and least == 10))), "")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fault:
    """A place of a couplet, from 0, whose tone is not what a rule wants."""

    line: int
    place: int
    wanted: bool
    rule: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a couplet breaks, and what saved it, under one assignment of readings."""

    faults: tuple[_Fault, ...]
    saved: tuple[tuple[str, int], ...] = ()


def judge(lines: Sequence[str], book: Book) -> Judged:
    """What holds of the tones and the rhyme of lines that have the shape of a regulated form."""
    opening, kept, places, notes = _tones(lines, [book.tones(line) for line in lines])
    rhyme, group, rhymes = _rhyme(lines, book)
    pattern = f"{'平' if opening else '仄'}起"
    promises = [
        Promise(name, asked, say(kept[rule], pattern if rule == "tone" else ""), kept[rule])
        for name, rule, asked in _PROMISES
    ]
    promises.append(Promise("rhyme", f"even lines in one level group of {book.name}", say(rhyme, group), rhyme))
    ends = [line[-1] for line in lines[1::2]]
    notes += unknown(lines, book)
    notes += [f"the rhyme word {word} comes back" for word in dict.fromkeys(ends) if ends.count(word) > 1]
    return Judged(
        tuple(promises), tuple(sorted({*places, *rhymes})), tuple(notes),
        tuple(_pattern(number, len(line), opening) for number, line in enumerate(lines)),
        tuple(group if number % 2 else "" for number in range(len(lines))),
    )  # fmt: skip


def _pattern(number: int, width: int, opening: bool) -> str:
    """The tones that a line must have, before any saving."""
    second = opening == (number % 4 in (0, 3))
    signs = ["中" if place % 2 == 0 else "平" if second == (place % 4 == 1) else "仄" for place in range(width)]
    if number:
        signs[-1] = "平" if number % 2 else "仄"
    return "".join(signs)


def _tones(lines: Sequence[str], masks: Sequence[str]) -> tuple[bool, dict[str, Kept], list[Break], list[str]]:
    """Whether place 2 of line 1 is level, what holds of each rule, the places that break one, and what was saved."""
    trials = []
    for opening in (True, False):
        couplets = [
            _couplet(masks[at], masks[at + 1], opening == (at % 4 == 0), at == 0) for at in range(0, len(masks), 2)
        ]
        never = sum(len(outcomes[0].faults) for outcomes in couplets)
        ever = sum(len(outcome.faults) for outcomes in couplets for outcome in outcomes)
        trials.append((never, ever, not opening, couplets))
    *_, late, couplets = min(trials, key=lambda trial: trial[:3])
    kept: dict[str, Kept] = {"tone": True, "tail": True, "lone level": True}
    places: list[Break] = []
    notes: list[str] = []
    turned: list[bool] = []
    for number, outcomes in enumerate(couplets):
        fewest, row, width = outcomes[0], 2 * number, len(lines[0])
        for rule in {fault.rule for outcome in outcomes for fault in outcome.faults}:
            kept[rule] = False if kept[rule] is False or any(f.rule == rule for f in fewest.faults) else "depends"
        sure = bool(fewest.faults)
        for fault in fewest.faults or [fault for outcome in outcomes for fault in outcome.faults]:
            line, found = row + fault.line, named(not fault.wanted) + ("" if sure else " in one reading")
            character = lines[line][fault.place]
            places.append(Break(line + 1, fault.place + 1, character, named(fault.wanted), found, fault.rule, sure))
        for kind, line in fewest.saved:
            told_places = {"lone": (width - 2, width - 3), "answer": (width - 1, width - 2)}.get(kind, (0, 0))
            notes.append(f"line {row + line + 1}: {_SAVED[kind].format(*told_places, row + 2)}")
        for line in (0, 1):
            tones = [fault.place for fault in fewest.faults if fault.line == line and fault.rule == "tone"]
            turned.append(sum(place < width - 1 for place in tones) == width // 2)
    for number, (before, here) in enumerate(pairwise(turned), 2):
        if before != here:
            how = "does not join line {} (失粘)" if number % 2 else "is not opposed to line {} (失对)"
            notes.append(f"line {number} " + how.format(number - 1))
    return not late, kept, list(dict.fromkeys(places)), notes


@lru_cache(maxsize=1 << 16)
def _couplet(odd: str, even: str, second: bool, first: bool) -> tuple[_Outcome, ...]:
    """All that can come of two lines, fewest faults first; `second`: place 2 of the first of them is level."""
    found: dict[_Outcome, None] = {}
    width = len(odd)
    for one, needs in _line(odd, second, True, first):
        for other, helps in _line(even, not second, False, False):
            faults, saved = one.faults, one.saved
            if needs and helps:
                faults = tuple(fault for fault in faults if (fault.place, fault.rule) != (width - 2, "tone"))
                saved = (*saved, ("answer", 0))
            below = tuple(_Fault(1, fault.place, fault.wanted, fault.rule) for fault in other.faults)
            found[_Outcome(faults + below, saved + tuple((kind, 1) for kind, _ in other.saved))] = None
    return tuple(sorted(found, key=lambda outcome: len(outcome.faults)))


@lru_cache(maxsize=1 << 16)
def _line(mask: str, second: bool, odd: bool, first: bool) -> tuple[tuple[_Outcome, bool], ...]:
    """All that can come of one line, each with whether it needs (odd) or gives (even) help across the couplet."""
    choices = [{"平": (True,), "仄": (False,)}.get(tone, (True, False)) for tone in mask]
    return tuple(dict.fromkeys(_read(levels, second, odd, first) for levels in product(*choices)))


def _read(level: tuple[bool, ...], second: bool, odd: bool, first: bool) -> tuple[_Outcome, bool]:
    """What is broken in a line whose tones are read in one way."""
    width, five = len(level), level[-5:]
    wanted = {place: second == (place % 4 == 1) for place in range(1, width, 2)}
    saved: list[tuple[str, int]] = []
    if odd and five == (True, True, False, True, False) and not wanted[width - 2]:
        wanted[width - 2] = True
        saved.append(("exchange", 0))
    elif five == (False, True, True, False, True) and not wanted[width - 2]:
        saved.append(("lone", 0))
    if not (first and odd):
        wanted[width - 1] = not odd
    faults = [_Fault(0, place, tone, "tone") for place, tone in wanted.items() if level[place] != tone]
    if all(five[2:]):
        faults.append(_Fault(0, width - 3, False, "tail"))
    if five == (False, True, False, False, True):
        faults.append(_Fault(0, width - 5, True, "lone level"))
    needs = odd and wanted[width - 2] and not five[3] and not five[4]
    helps = not odd and not wanted[width - 2] and five[1:] == (True, True, False, True)
    return _Outcome(tuple(faults), tuple(saved)), needs or helps


def _rhyme(lines: Sequence[str], book: Book) -> tuple[Kept, str, list[Break]]:
    """What holds of the rhyme, the group, and the places."""
    either = (Reading(True, ""), Reading(False, ""))
    ends = [book.readings(line[-1]) or either for line in lines[1::2]]
    groups = [{reading.group for reading in end if reading.level} for end in ends]
    known = {group for found in groups for group in found if group}
    opening = book.readings(lines[0][-1]) or either

    def support(group: str) -> tuple[int, bool]:
        """In how many ends the group stands, and whether the first line can go with it."""
        return sum(group in found or "" in found for found in groups), any(
            not one.level or book.near(one.group, group) for one in opening
        )

    best = max(sorted(known), key=support, default="")
    every = bool(best) and all({(one.level, one.group) for one in end} == {(True, best)} for end in ends)
    some = bool(best) and all(best in found or "" in found for found in groups)
    width = len(lines[0])
    places = [
        Break(
            2 * at + 2,
            width,
            lines[2 * at + 1][-1],
            best or "a rhyme",
            told(end),
            "rhyme",
            not (best in groups[at] or "" in groups[at]),
        )
        for at, end in enumerate(ends)
        if {(one.level, one.group) for one in end} != {(True, best)}
        and (not some or best not in groups[at] or len(end) > 1)
    ]
    fits = [not one.level or book.near(one.group, best) for one in opening]
    if not all(fits):
        places.append(Break(1, width, lines[0][-1], f"oblique or {best}", told(opening), "rhyme", not any(fits)))
    if not some or not any(fits):
        return False, best if some else "", places
    return (True if every and all(fits) else "depends"), best, places
