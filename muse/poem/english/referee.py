"""The judge of English verse, written apart from the generator: it shares the dictionary with it, but no rule, no code.

A rule can hold however the words with several readings are said, for some readings, or for none; `judge` says which:
True, "depends" or False, as for Chinese verse. A word that only letters tell of (a guess) makes the best "depends".

Rules:

1. Meter. Going through a line, the beat falls where the form has it. Off the beat no syllable with the primary stress
   of a word of two or more; on the beat no article, and no unstressed syllable next to its word's primary stress. An
   iambic line may open with a trochee, any metered line may end with one syllable more.
2. Rhyme. From the last primary stress on, both words sound alike; before it they differ. A last syllable that only the
   meter lifts (memory, sea) makes "depends".
3. Haiku: five, seven and five syllables. Free verse: nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from muse.errors import UsageError, did_you_mean
from muse.tables.english import guessed
from muse.terms import Kept, Promise, Report

_WORD = re.compile(r"'?[a-z]+(?:'[a-z]+)*'?")
_ARTICLES = ("a", "an", "the")
IAMBIC, TRIPLE, COUNTED, LOOSE = "iambic", "triple", "counted", "free"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a form asks.

    Attributes:
        scheme: letters of a stanza, "-" for no rhyme; it is repeated with new letters.
        kind: IAMBIC, TRIPLE, COUNTED or LOOSE.
        sizes: beats (or syllables, where COUNTED) of its lines, taken in turn.
        whole: the poem is one such stanza.
    """

    scheme: str
    kind: str
    sizes: tuple[int, ...]
    whole: bool = False


RULES = {
    "sonnet": Rule("ABABCDCDEFEFGG", IAMBIC, (5,), True),
    "petrarchan": Rule("ABBAABBACDECDE", IAMBIC, (5,), True),
    "limerick": Rule("AABBA", TRIPLE, (3, 3, 2, 2, 3), True),
    "haiku": Rule("---", COUNTED, (5, 7, 5), True),
    "ballad": Rule("-A-A", IAMBIC, (4, 3)),
    "quatrains": Rule("ABAB", IAMBIC, (4,)),
    "envelope": Rule("ABBA", IAMBIC, (4,)),
    "paired": Rule("AABB", IAMBIC, (4,)),
    "couplets": Rule("AA", IAMBIC, (5,)),
    "blank": Rule("-", IAMBIC, (5,)),
    "free": Rule("-", LOOSE, (0,)),
}
_BEATS = {2: "dimeter", 3: "trimeter", 4: "tetrameter", 5: "pentameter"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One way to say a word: vowels and consonants in ARPAbet, and whether it is more than a guess."""

    phones: tuple[str, ...]
    sure: bool

    @property
    def stresses(self) -> list[int]:
        return [int(phone[-1]) for phone in self.phones if phone[-1].isdigit()]

    @property
    def lifts(self) -> bool:
        """Whether the meter can lift the last syllable: it does not follow the primary stress."""
        return self.stresses[-1:] == [2] or (len(self.stresses) > 2 and self.stresses[-2:] == [0, 0])

    def sound(self, primary: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(what is before, what rhymes): from the last primary stress on, or from the last vowel."""
        heads = [at for at, phone in enumerate(self.phones) if phone[-1].isdigit()]
        stressed = [at for at in heads if self.phones[at][-1] == "1"]
        at = stressed[-1] if primary and stressed else heads[-1] if heads else 0
        begin = at
        while begin > 0 and not self.phones[begin - 1][-1].isdigit():
            begin -= 1
        return self.phones[begin:at], tuple(phone.rstrip("012") for phone in self.phones[at:])


def words(line: str) -> list[str]:
    """The words of a line in small letters; hyphens and dashes part them.

    >>> words("O'er the snow-white hill—'tis I!")
    ["o'er", 'the', 'snow', 'white', 'hill', "'tis", 'i']
    """
    return _WORD.findall(line.lower().replace("’", "'").replace("‘", "'"))


@cache
def spoken(word: str) -> tuple[Spoken, ...]:
    """Every way to say a word; that without its outer apostrophes where it is not known with them."""
    known = [said for form in dict.fromkeys((word, word.strip("'"))) if (said := guessed(form))]
    best = next((said for said in known if said[0].source != "guess"), known[0] if known else ())
    return tuple(Spoken(said.phones, said.source != "guess") for said in best)


def judge(poem: Sequence[str] | str, form: str | None = None) -> Report:
    """What holds of an English poem: its shape, its meter and its rhyme.

    Args:
        poem: the lines, or the whole text.
        form: the form that was asked; None takes the one that fits best.

    Raises:
        UsageError: a form that the judge does not know.

    >>> judge(["An old silent pond", "A frog jumps into the pond", "Splash! Silence again"], "haiku").valid
    True
    """
    lines = [line for line in (poem.splitlines() if isinstance(poem, str) else poem) if words(line)]
    if form is not None and form not in RULES:
        raise UsageError(f"no English form named {form!r}", "", did_you_mean(form, RULES))
    name = form or recognise(lines)
    rule = RULES[name]
    size = len(rule.scheme)
    fits = len(lines) == size if rule.whole else bool(lines) and len(lines) % size == 0
    shape = Promise("form", name, f"{name}, {len(lines)} lines" if fits else f"{len(lines)} lines", fits)
    if not fits:
        return Report((shape,))
    return Report((shape,)) + _meter(lines, rule) + _rhyme(lines, rule)


def recognise(lines: Sequence[str]) -> str:
    """The form whose rules hold best, "free" where none does for half of the lines."""
    best, found = 0.5, "free"
    for name, rule in RULES.items():
        size = len(rule.scheme)
        if not lines or rule.kind == LOOSE or (len(lines) != size if rule.whole else len(lines) % size):
            continue
        scores = [_worth(scan(line, rule.kind, rule.sizes[at % len(rule.sizes)])) for at, line in enumerate(lines)]
        pairs = [_worth(chime(words(lines[a])[-1], words(lines[b])[-1])) for a, b in _pairs(lines, rule)]
        score = sum(scores) / len(scores) * (sum(pairs) / len(pairs) if pairs else 0.8)
        if score > best:
            best, found = score, name
    return found


def scan(line: str, kind: str, size: int) -> Kept:
    """Whether a line has the meter: kind and beats (or syllables), see RULES."""
    if kind == LOOSE:
        return True
    said = [(word, spoken(word)) for word in words(line)]
    if not all(readings for _, readings in said):
        return False
    verdicts = {_walk(said, beats) for beats in _courses(kind, size)}
    return True if True in verdicts else "depends" if "depends" in verdicts else False


def chime(one: str, other: str) -> Kept:
    """Whether two words rhyme perfectly."""
    if one == other:
        return False
    pairs = list(product(spoken(one), spoken(other)))
    right = [_perfect(a.sound(True), b.sound(True)) for a, b in pairs]
    if pairs and all(right):
        return True if all(a.sure and b.sure for a, b in pairs) else "depends"
    lifted = any(
        _perfect(a.sound(not a.lifts), b.sound(not b.lifts)) or _perfect(a.sound(True), b.sound(not b.lifts))
        or _perfect(a.sound(not a.lifts), b.sound(True))
        for a, b in pairs
    )  # fmt: skip
    return "depends" if any(right) or lifted else False


def _perfect(one: tuple[tuple[str, ...], ...], other: tuple[tuple[str, ...], ...]) -> bool:
    return one[1] == other[1] and one[0] != other[0]


def _worth(kept: Kept) -> float:
    return 1.0 if kept is True else 0.9 if kept == "depends" else 0.0


def _courses(kind: str, size: int) -> Iterator[tuple[bool | None, ...]]:
    """Every way the beats of a line may fall: True on the beat, False off it, None either."""
    if kind == COUNTED:
        yield (None,) * size
        return
    off, on = (False,), (True,)
    if kind == IAMBIC:
        openings: list[tuple[bool, ...]] = [off + on, on + off]
        rest = (off + on) * (size - 1)
    else:
        openings = [off + on, off + off + on]
        rest = (off + off + on) * (size - 1)
    for opening in openings:
        yield opening + rest
        yield opening + rest + off


def _walk(said: Sequence[tuple[str, tuple[Spoken, ...]]], beats: tuple[bool | None, ...]) -> Kept:
    """Whether the words fill these beats: for every reading, for some, for none."""
    reached, always = {0}, True
    for word, readings in said:
        ways = [(at, reading, _carries(word, reading.stresses, beats[at : at + len(reading.stresses)]))
                for at in reached for reading in readings]  # fmt: skip
        always &= all(good and reading.sure for _, reading, good in ways)
        reached = {at + len(reading.stresses) for at, reading, good in ways if good}
        always &= len(reached) == 1
    if len(beats) not in reached:
        return False
    return True if always else "depends"


def _carries(word: str, stresses: Sequence[int], beats: Sequence[bool | None]) -> bool:
    if len(beats) < len(stresses):
        return False
    if len(stresses) == 1:
        return not (beats[0] and word in _ARTICLES)
    for at, (stress, beat) in enumerate(zip(stresses, beats, strict=True)):
        near = stresses[max(at - 1, 0) : at + 2]
        if (beat is False and stress == 1) or (beat is True and stress == 0 and 1 in near):
            return False
    return True


def _pairs(lines: Sequence[str], rule: Rule) -> list[tuple[int, int]]:
    """Numbers of the lines that must rhyme: each with the last one before it that has its letter."""
    size = len(rule.scheme)
    found = []
    for at in range(len(lines)):
        stanza, place = divmod(at, size)
        before = [earlier for earlier in range(place) if rule.scheme[earlier] == rule.scheme[place] != "-"]
        found += [(stanza * size + earlier, at) for earlier in before]
    return found


def _meter(lines: Sequence[str], rule: Rule) -> Report:
    if rule.kind == LOOSE:
        return Report()
    sizes = [rule.sizes[at % len(rule.sizes)] for at in range(len(lines))]
    kept = [scan(line, rule.kind, size) for line, size in zip(lines, sizes, strict=True)]
    if rule.kind == COUNTED:
        asked = "-".join(map(str, rule.sizes)) + " syllables"
    else:
        asked = f"{rule.kind} " + " and ".join(dict.fromkeys(_BEATS[size] for size in rule.sizes))
    return _told("meter", asked, kept, "lines", lambda at: f"line {at + 1}: {lines[at].strip()}")


def _rhyme(lines: Sequence[str], rule: Rule) -> Report:
    pairs = _pairs(lines, rule)
    if not pairs:
        return Report()
    ends = [words(line)[-1] for line in lines]
    kept = [chime(ends[a], ends[b]) for a, b in pairs]

    def shown(at: int) -> str:
        a, b = pairs[at]
        return f"lines {a + 1} and {b + 1}: {ends[a]}, {ends[b]}"

    return _told("rhyme", rule.scheme.replace("-", "x"), kept, "pairs", shown)


def _told(name: str, asked: str, kept: Sequence[Kept], unit: str, shown: Callable[[int], str]) -> Report:
    """One promise for many places, and a finding for each that does not plainly hold."""
    whole: Kept = False if False in kept else "depends" if "depends" in kept else True
    found = f"{sum(one is True for one in kept)} of {len(kept)} {unit}"
    words_of = {False: "broken", "depends": "depends on the reading"}
    findings = tuple(f"{name}, {shown(at)}: {words_of[one]}" for at, one in enumerate(kept) if one is not True)
    return Report((Promise(name, asked, found, whole),), findings)
