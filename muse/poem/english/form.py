"""The English forms: how many lines, how each steps, which rhyme.

A step is a template, a character a syllable: S strong, w weak, x either. A line has several templates: its plain one,
one with the first foot turned round (iambic), each with or without a weak syllable more at the end (feminine ending).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from muse.errors import UsageError, did_you_mean


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


def form_of(name: str) -> Form:
    """The form of a name.

    Raises:
        UsageError: there is none of that name.

    >>> form_of("limerick").scheme
    'AABBA'
    """
    key = name.strip().lower()
    if key in FORMS:
        return FORMS[key]
    raise UsageError(f"unknown form {name!r}", "muse writes " + ", ".join(FORMS), did_you_mean(key, FORMS))


def with_lines(form: Form, count: int) -> Form:
    """A form without rhyme and stanzas with another number of lines."""
    if form.breaks or any(line.rhyme for line in form.lines) or not 1 <= count <= 30:
        raise UsageError(f"{form.name} cannot have {count} lines", "only blank and free verse can, 1 to 30")
    return replace(form, lines=tuple(form.lines[0] for _ in range(count)))
