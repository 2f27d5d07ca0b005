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

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from muse.errors import InputError, UsageError, did_you_mean
from muse.poem.english.hearing import COUNTED, IAMBIC, LOOSE, TRIPLE, broken, chime, scan, spoken, words
from muse.tables.english import pronunciations
from muse.terms import Kept, Promise, Report

MOST_LINES, LONGEST = 400, 2000


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
_NO_RHYME = {"sonnet": 0.45, "petrarchan": 0.45}
"""The score that a form needs to be recognised, where it is not 0.5: fourteen lines tell much already."""


def judge(poem: Sequence[str] | str, form: str | None = None) -> Report:
    """What holds of an English poem: its shape, its meter and its rhyme, with each place that does not plainly hold.

    Args:
        poem: the lines, or the whole text.
        form: the form that was asked; None takes the one that fits best.

    Raises:
        UsageError: a form that the judge does not know.
        InputError: no line of verse in it, or too many.

    >>> judge(["An old silent pond", "A frog jumps into the pond", "Splash! Silence again"], "haiku").valid
    True
    """
    lines = [line for line in (poem.splitlines() if isinstance(poem, str) else poem) if line.strip()]
    if form is not None and form not in RULES:
        raise UsageError(f"no English form named {form!r}", "", did_you_mean(form, RULES))
    if len(lines) > MOST_LINES or any(len(line) > LONGEST for line in lines):
        raise InputError("the poem is too long to judge", f"{MOST_LINES} lines of {LONGEST} characters are the limit")
    lines = [line for line in lines if words(line)]
    if not lines:
        raise InputError("no poem", "there is no line of English verse in it", "give the lines of a poem")
    name = form or recognise(lines)
    rule = RULES[name]
    size = len(rule.scheme)
    fits = len(lines) == size if rule.whole else len(lines) % size == 0
    shape = Promise("form", name, f"{name}, {len(lines)} lines" if fits else f"{len(lines)} lines", fits)
    if not fits:
        asked = str(size) if rule.whole else f"a multiple of {size}"
        return Report((shape,), (f"form: {name} has {asked} lines, this poem {len(lines)}",))
    return Report((shape,)) + _meter(lines, rule) + _rhyme(lines, rule) + _guesses(lines)


def looks_english(text: str) -> bool:
    """Whether most words of a text are known to the English dictionary, or follow from it by rule.

    >>> looks_english("Shall I compare thee to a summer's day?"), looks_english("Über allen Gipfeln ist Ruh")
    (True, False)
    """
    found = [word for word in words(text[: 10 * LONGEST]) if not word.isdigit()][:400]
    letters = sum(character.isalpha() for character in text[: 10 * LONGEST])
    if not found or sum(map(len, found)) < 0.7 * letters:
        return False
    known = sum(bool(pronunciations(word)) and len(word) < 20 for word in found)
    return known >= 0.7 * len(found)


def recognise(lines: Sequence[str]) -> str:
    """The form whose rules hold best, "free" where none does for half of the lines."""
    lines = [line for line in lines if words(line)]
    best, found = 0.0, "free"
    for name, rule in RULES.items():
        size = len(rule.scheme)
        if not lines or rule.kind == LOOSE or (len(lines) != size if rule.whole else len(lines) % size):
            continue
        scores = [_worth(scan(line, rule.kind, rule.sizes[at % len(rule.sizes)])) for at, line in enumerate(lines)]
        pairs = [_worth(chime(words(lines[a])[-1], words(lines[b])[-1])) for a, b in _pairs(lines, rule)]
        meter = sum(scores) / len(scores)
        score = (meter + sum(pairs) / len(pairs)) / 2 if pairs else 0.75 * meter
        if score > best and score >= _NO_RHYME.get(name, 0.5) and (not pairs or sum(pairs) * 2 > len(pairs)):
            best, found = score, name
    return found


def _worth(kept: Kept) -> float:
    return 1.0 if kept is True else 0.9 if kept == "depends" else 0.0


def _pairs(lines: Sequence[str], rule: Rule) -> list[tuple[int, int]]:
    """Numbers of the lines that must rhyme: each with every one before it that has its letter."""
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

    def shown(at: int) -> str:
        why = "depends on the reading" if kept[at] == "depends" else broken(lines[at], rule.kind, sizes[at])
        return f"meter, line {at + 1}: {why}"

    return _told("meter", asked, kept, "lines", shown)


def _rhyme(lines: Sequence[str], rule: Rule) -> Report:
    pairs = _pairs(lines, rule)
    if not pairs:
        return Report()
    ends = [words(line)[-1] for line in lines]
    kept = [chime(ends[a], ends[b]) for a, b in pairs]

    def shown(at: int) -> str:
        a, b = pairs[at]
        same = "is the same word" if ends[a] == ends[b] else "does not rhyme"
        return f"rhyme, lines {a + 1} and {b + 1}: {ends[a]}, {ends[b]}: " + (
            "depends on the reading" if kept[at] == "depends" else same
        )

    return _told("rhyme", rule.scheme.replace("-", "x"), kept, "pairs", shown)


def _told(name: str, asked: str, kept: Sequence[Kept], unit: str, shown: Callable[[int], str]) -> Report:
    """One promise for many places, and a finding for each that does not plainly hold."""
    whole: Kept = False if False in kept else "depends" if "depends" in kept else True
    found = f"{sum(one is True for one in kept)} of {len(kept)} {unit}"
    return Report(
        (Promise(name, asked, found, whole),), tuple(shown(at) for at, one in enumerate(kept) if one is not True)
    )


def _guesses(lines: Sequence[str]) -> Report:
    """The words of which only their letters tell how they are said."""
    found = dict.fromkeys(word for line in lines for word in words(line))
    told = [(word, said[0]) for word in found if (said := spoken(word)) and not said[0].sure]
    return Report(findings=tuple(f"guess: {word} is said {' '.join(said.phones)}" for word, said in told[:20]))
