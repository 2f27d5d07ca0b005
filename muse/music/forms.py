"""Forms: which bars of a piece are which section, what returns, and how much of it is varied on its return."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from muse.errors import UsageError, WishError, did_you_mean
from muse.music.scheme import Echo
from muse.music.theory import Chord, Meter
from muse.seed import stream

FORMS = {
    "verse-chorus": "VCVC", "strophic": "", "rondo": "ABACA", "binary": "AABB", "ternary": "ABA", "period": "AA'",
    "bar form": "AAB", "song": "AABA", "through": "",
}  # fmt: skip
"""Forms that have a name, and their sections; strophic and through follow from the number of bars."""
NAMES = {"V": "Verse", "C": "Chorus", "B": "Bridge"}
LONG_SONG = 40
"""From so many bars a song of verses and choruses has a bridge."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        name: as it is printed: "A", "A'", "Chorus".
        letter: that of its tune.
        begin: its first bar, from 1.
    """

    name: str
    letter: str
    begin: int
    bars: int

    @property
    def end(self) -> int:
        """Its last bar."""
        return self.begin + self.bars - 1


@dataclass(frozen=True, slots=True)
class Form:
    """The plan of a form.

    Attributes:
        echoes: bar → the earlier bar that it repeats.
        holds: bars where a phrase ends.
        reasons: one line a section.
    """

    sections: tuple[Section, ...]
    echoes: dict[int, Echo]
    holds: frozenset[int]
    reasons: tuple[str, ...]

    @property
    def marks(self) -> tuple[tuple[int, str], ...]:
        """(full bar from 0, name) of each section."""
        return tuple((section.begin - 1, section.name) for section in self.sections)


def formed(form: str, bars: int, meter: Meter, seed: int, chords: Sequence[Chord] = (), pickup: int = 0) -> Form:
    """The plan of a form over so many bars.

    A section that returns repeats its first appearance bar by bar; its last bar may end otherwise. After a contrast, or
    with a mark ('), its second half is varied: the old rhythm with new notes. Where chords are given and differ, the
    rhythm alone returns. The last bar of the piece is free for its ending.

    Args:
        form: letters ("AABA", "AA'BA'"), or a name of FORMS.

    Raises:
        UsageError: no such form.
        WishError: too few bars.
    """
    sections = laid_out(form, bars)
    draw = stream(seed, "form")
    first: dict[str, Section] = {}
    echoes: dict[int, Echo] = {}
    reasons = []
    for number, section in enumerate(sections):
        varied: list[int] = []
        source = first.get(section.letter)
        if source is None:
            first[section.letter] = section
            if section.bars >= 4 and draw.random() < 0.6:
                echoes[section.begin + 2] = Echo(section.begin, "rhythm")
            told = "new"
        else:
            half = (section.bars + 1) // 2
            song = section.name in NAMES.values()
            contrast = sections[number - 1].letter != section.letter and not song and form != "strophic"
            for step in range(min(section.bars, source.bars)):
                bar, free = section.begin + step, False
                if section.name.endswith("'"):
                    free = step >= half
                elif contrast and step == half and section.bars >= 4:
                    free = bool(draw.random() < 0.7)
                ends = step == source.bars - 1 and section.name != "Chorus" and section.bars > 1
                if ends:
                    varied.append(bar)
                    continue
                if free or not _alike(chords, source.begin + step, bar, meter, pickup):
                    varied.append(bar)
                echoes[bar] = Echo(source.begin + step, "rhythm" if bar in varied else "whole")
            told = f"as {_bars(source.begin, source.end)}" + (f", but {_listed(varied)}" if varied else "")
        reasons.append(f"{section.name}, {_bars(section.begin, section.end)}: {told}")
    echoes.pop(bars, None)
    return Form(sections, echoes, frozenset(phrase_ends(sections)), tuple(reasons))


def laid_out(form: str, bars: int) -> tuple[Section, ...]:
    """The sections of a form: equally long, the last one with the bars that are left over.

    Raises:
        UsageError, WishError: as `formed`.
    """
    name = form.strip().lower().replace("–", "-").replace(" ", "-" if form.lower().startswith("verse") else " ")
    pattern = FORMS.get(name)
    song = name == "verse-chorus"
    if song and bars >= LONG_SONG:
        pattern = "VCVCBC"
    elif pattern == "":
        size = next((size for size in (8, 4) if bars >= 2 * size), max(1, bars // 2))
        pattern = "A" * max(2, bars // size) if name == "strophic" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: -(-bars // size)]
        if name == "through" and bars > 26 * size:
            size = -(-bars // 26)
            pattern = pattern[: -(-bars // size)]
    elif pattern is None:
        pattern = form.strip().replace("’", "'")
        if not re.fullmatch(r"([A-Z]'*){1,26}", pattern):
            near = did_you_mean(form, [*FORMS, "AABA", "ABAB"])
            raise UsageError(f"form: unknown form {form!r}", "", near if near.startswith("did") else
                             f"write letters such as AABA, or one of {', '.join(FORMS)}")  # fmt: skip
    letters = re.findall(r"[A-Z]'*", pattern)
    size = bars // len(letters)
    if size < 1:
        raise WishError(f"form: {form} does not fit into {bars} bars", f"it has {len(letters)} sections",
                        f"ask for {4 * len(letters)} bars, or {len(letters)} at least")  # fmt: skip
    sections = []
    for number, letter in enumerate(letters):
        long = size + (bars - size * len(letters) if number == len(letters) - 1 else 0)
        sections.append(Section(NAMES[letter] if song else letter, letter[0], number * size + 1, long))
    return tuple(sections)


def phrase_ends(sections: Sequence[Section]) -> list[int]:
    """The last bar of each phrase: of four bars, the last one of a section with what is left over."""
    found = []
    for section in sections:
        begin = section.begin
        while section.end - begin + 1 > 6:
            begin += 4
            found.append(begin - 1)
        found.append(section.end)
    return found


def _alike(chords: Sequence[Chord], one: int, other: int, meter: Meter, pickup: int) -> bool:
    """Whether two bars have the same chords."""
    found = []
    for bar in (one, other):
        start = pickup + (bar - 1) * meter.bar
        inside = {chord.tick - start: chord for chord in chords if start <= chord.tick < start + meter.bar}
        held = [chord for chord in chords if chord.tick <= start]
        row = {0: held[-1], **inside} if held else inside
        found.append([(tick, chord.root, chord.quality, chord.bass) for tick, chord in sorted(row.items())])
    return found[0] == found[1]


def _bars(first: int, last: int) -> str:
    return f"bar {first}" if first == last else f"bars {first} to {last}"


def _listed(bars: Sequence[int]) -> str:
    """ "bars 6 and 8" varied."""
    names = [str(bar) for bar in bars]
    many = "bars " + ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else f"bar {names[0]}"
    return f"{many} varied"
