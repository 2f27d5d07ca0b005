"""The English forms: how many lines, how each steps, which rhyme.

A step is a template, a character a syllable: S strong, w weak, x either. A line has several templates: its plain one,
one with the first foot turned round (iambic), each with or without a weak syllable more at the end (feminine ending).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from muse.errors import UsageError, WishError, did_you_mean


@dataclass(frozen=True, slots=True)
class Line:
    """What one line must be.

    Attributes:
        steps: its templates; () for any number of syllables.
        rhyme: the letter of its rhyme, "" for none.
    """

    steps: tuple[str, ...] = ()
    rhyme: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        name: as users ask for it.
        label, scheme, foot, length: what the model's prefix calls it.
        lines: each line's plan.
        breaks: numbers of lines before which a stanza begins.
    """

    name: str
    label: str
    scheme: str
    foot: str
    length: str
    lines: tuple[Line, ...]
    breaks: tuple[int, ...] = ()


def iambic(feet: int, *, feminine: bool = True) -> tuple[str, ...]:
    """
    >>> iambic(2)
    ('wSwS', 'SwwS', 'wSwSw', 'SwwSw')
    """
    plain = ("wS" * feet, "Sw" + "wS" * (feet - 1))
    return plain + tuple(step + "w" for step in plain) if feminine else plain


def triple(feet: int) -> tuple[str, ...]:
    """
    >>> triple(2)
    ('wSwwS', 'wwSwwS', 'wSwwSw', 'wwSwwSw')
    """
    plain = ("wS" + "wwS" * (feet - 1), "wwS" * feet)
    return plain + tuple(step + "w" for step in plain)


def _of(scheme: str, *feet: int, stanzas: int = 1) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """Iambic lines of a scheme, each stanza with letters of its own; "-" is a line without rhyme."""
    lines = []
    for stanza in range(stanzas):
        for at, letter in enumerate(scheme):
            lines.append(Line(iambic(feet[at % len(feet)]), "" if letter == "-" else f"{letter}{stanza or ''}"))
    size = len(scheme)
    return tuple(lines), tuple(size * stanza for stanza in range(1, stanzas))


def _limerick() -> tuple[Line, ...]:
    return tuple(Line(triple(3 if letter == "A" else 2), letter) for letter in "AABBA")


FORMS = {
    form.name: form
    for form in (
        Form("sonnet", "sonnet", "shakespearean", "iambic", "5", *_of("ABABCDCDEFEFGG", 5)),
        Form("petrarchan", "sonnet", "petrarchan", "iambic", "5", *_of("ABBAABBACDECDE", 5)),
        Form("ballad", "ballad", "ABCB", "iambic", "4-3", *_of("-A-A", 4, 3, stanzas=4)),
        Form("limerick", "limerick", "AABBA", "triple", "mixed", _limerick()),
        Form("couplets", "couplets", "AABB", "iambic", "5", *_of("AABBCCDD", 5)),
        Form("quatrains", "quatrains", "ABAB", "iambic", "4", *_of("ABAB", 4, stanzas=3)),
        Form("envelope", "quatrains", "ABBA", "iambic", "4", *_of("ABBA", 4, stanzas=3)),
        Form("paired", "quatrains", "AABB", "iambic", "4", *_of("AABB", 4, stanzas=3)),
        Form("haiku", "free", "none", "loose", "mixed", tuple(Line(("x" * size,)) for size in (5, 7, 5))),
        Form("blank", "blank", "none", "iambic", "5", tuple(Line(iambic(5)) for _ in range(12))),
        Form("free", "free", "none", "loose", "mixed", tuple(Line() for _ in range(10))),
    )
}


OTHER_NAMES = {
    "shakespearean": "sonnet", "shakespearean sonnet": "sonnet", "english sonnet": "sonnet",
    "petrarchan sonnet": "petrarchan", "italian sonnet": "petrarchan", "italian": "petrarchan",
    "heroic couplets": "couplets", "couplet": "couplets", "quatrain": "quatrains", "abab": "quatrains",
    "quatrains abab": "quatrains", "abba": "envelope", "quatrains abba": "envelope", "aabb": "paired",
    "quatrains aabb": "paired", "ballads": "ballad", "limericks": "limerick", "haikus": "haiku",
    "blank verse": "blank", "free verse": "free",
}  # fmt: skip
SHORTEST, LONGEST = 2, 28


def form_of(name: str) -> Form:
    """The form of a name.

    Raises:
        UsageError: there is none of that name.

    >>> form_of("limerick").scheme, form_of("Blank verse").name
    ('AABBA', 'blank')
    """
    key = " ".join(name.lower().replace("-", " ").replace("_", " ").split())
    key = OTHER_NAMES.get(key, key)
    if key in FORMS:
        return FORMS[key]
    raise UsageError(f"unknown form {name!r}", "", did_you_mean(key, (*FORMS, *OTHER_NAMES)))


def with_lines(form: Form, count: int) -> Form:
    """A form with another number of lines: any for blank and free verse, whole stanzas for those that repeat one.

    Raises:
        WishError: the form cannot have so many.

    >>> [line.rhyme for line in with_lines(FORMS["couplets"], 4).lines], with_lines(FORMS["ballad"], 8).breaks
    (['A', 'A', 'B', 'B'], (4,))
    """
    if count == len(form.lines):
        return form
    fixed = form.name in ("sonnet", "petrarchan", "limerick", "haiku")
    size = 1 if form.name in ("blank", "free") else 2 if form.name == "couplets" else 4
    if fixed or count % size or not SHORTEST <= count <= LONGEST:
        able = f"it always has {len(form.lines)}" if fixed else f"it can have {_lengths(size)}"
        raise WishError(f"length: {form.name} cannot have {count} lines", able, "change the length or the form")
    if size == 1:
        return replace(form, lines=form.lines[:1] * count)
    lines = tuple(_stanza(form.lines[at % size], form.name, at // size, at) for at in range(count))
    return replace(form, lines=lines, breaks=() if form.name == "couplets" else tuple(range(size, count, size)))


def _stanza(line: Line, form: str, stanza: int, at: int) -> Line:
    """A line of a form's first stanza in another one, with a rhyme of its own."""
    letter = chr(ord("A") + at // 2) if form == "couplets" else line.rhyme and f"{line.rhyme}{stanza or ''}"
    return replace(line, rhyme=letter)


def _lengths(size: int) -> str:
    if size == 1:
        return f"{SHORTEST} to {LONGEST}"
    first = range(size, LONGEST + 1, size)
    return f"{', '.join(map(str, first[:3]))} … {first[-1]}"
