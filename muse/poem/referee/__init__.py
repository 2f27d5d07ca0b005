"""The judge of Chinese verse, written apart from the generator: it shares no rule, table reader or code with it.

A rule can hold under every reading of every character, under some, or under none; `judge` says which:

- valid: True. However the characters with several readings are read, the poem keeps the form.
- "depends". At least one way of reading makes it do so.
- False. No reading does; the findings name the places.

Forms: 五绝 七绝 五律 七律, 五排 七排 (排律) in `regulated`; 词 by its tune in `ci`; 对联 in `couplet`; 自度曲 (verse to
a melody of its own) and prose, of which nothing is asked. Rule books (`books`): pingshui 平水韵, cilin 词林正韵, xinyun
中华新韵; by default cilin for 词, pingshui for the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from muse.errors import UsageError, did_you_mean
from muse.poem.referee import ci, couplet, regulated, tunes
from muse.poem.referee.books import TITLES, Book, book, usual
from muse.poem.referee.findings import Break, Judged
from muse.poem.referee.parallel import parallelism
from muse.poem.referee.sheet import LONGEST, Sheet, is_han, read, recognise, script, split
from muse.terms import Promise, Report

__all__ = [
    "FORMS", "TITLES", "Break", "Place", "Scansion", "Sheet", "judge", "parallelism", "read", "recognise", "scansion",
    "split", "titled", "under", "verdict",
]  # fmt: skip

_FREE = ("自度曲", "prose")
FORMS = (*regulated.FORMS, "排律", "词", "对联", *_FREE)
_BOOK_OF = {"词": "cilin"}


@dataclass(frozen=True, slots=True)
class Place:
    """A character of a poem where it stands.

    Attributes:
        tones: True level, False oblique; both where it has readings of both kinds or none is known.
        wanted: the tone that the form asks for there, None where either will do.
        rhyme: the group in which the place must rhyme, or "".
        broken: the rule that it breaks, or "".
        sure: it breaks it under every reading.
    """

    character: str
    tones: frozenset[bool]
    wanted: bool | None
    rhyme: str = ""
    broken: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Scansion:
    """A poem place by place under one rule book."""

    form: str
    tune: str
    book: str
    lines: tuple[tuple[Place, ...], ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """A poem and what it is judged as; `form` "" is one that has none."""

    lines: tuple[str, ...]
    form: str
    tune: str
    book: Book
    stanzas: tuple[int, ...]
    shape: Promise

    def judged(self) -> Judged:
        if self.shape.kept is False or self.form in _FREE:
            return Judged((self.shape,))
        if self.form == "词":
            found = ci.judge(self.lines, self.book, self.tune, self.stanzas)
        elif self.form == "对联":
            found = couplet.judge(self.lines, self.book)
        else:
            found = regulated.judge(self.lines, self.book)
        notes = (*found.notes, *self._pairs(), *script(self.lines))
        return Judged((self.shape, *found.promises), found.breaks, notes, found.wanted, found.rhymes)

    def _pairs(self) -> list[str]:
        """How well the inner couplets of 律诗 are paired."""
        if self.form[-1] not in "律排":
            return []
        return [
            f"parallelism (对仗) of lines {at + 1} and {at + 2}: {parallelism(*self.lines[at : at + 2]):.2f}"
            for at in range(2, len(self.lines) - 2, 2)
        ]


def judge(
    lines: Sequence[str] | str,
    form: str | None = None,
    rhyme_book: str | Book = "",
    *,
    tune: str = "",
    stanzas: Sequence[int] = (),
) -> Report:
    """What holds of a poem: its form, its tones and its rhyme.

    Args:
        lines: the lines, with or without marks, or the whole text.
        form: the form that was asked, one of FORMS; None takes the one the poem has.
        rhyme_book: "pingshui", "cilin", "xinyun", or a book of one's own; "" takes that of the form.
        tune: of a 词; "" takes the one that the poem keeps best.
        stanzas: of a 词, the lines, from 0, that begin another stanza.

    Raises:
        UsageError: a form, tune or rhyme book that the judge does not know.

    >>> judge("白日依山尽,黄河入海流。欲穷千里目,更上一层楼。").valid
    True
    """
    return _case(lines, form, rhyme_book, tune, stanzas).judged().report()


def under(
    lines: Sequence[str], form: str | None = None, *, tune: str = "", stanzas: Sequence[int] = ()
) -> dict[str, Judged]:
    """What holds under each rule book, by its name, all of the form and the tune that its own book tells."""
    case = _case(lines, form, "", tune, stanzas)
    return {name: replace(case, book=book(name)).judged() for name in TITLES}


def titled(title: str, lines: Sequence[str]) -> str:
    """The tune of 词 that a title names, if the lines can be laid upon it, else "".

    >>> titled("如梦令", ["白日依山尽"])
    ''
    """
    tune = tunes.named_in(usual(title))
    return tune if tune and tunes.fitting([part for line in lines for part in split(line)], tune) else ""


def scansion(
    lines: Sequence[str] | str,
    form: str | None = None,
    rhyme_book: str | Book = "",
    *,
    tune: str = "",
    stanzas: Sequence[int] = (),
) -> Scansion:
    """The poem place by place: what each character is, what the form asks there, what it breaks. As `judge`."""
    case = _case(lines, form, rhyme_book, tune, stanzas)
    found = case.judged()
    broken = {(one.line - 1, one.place - 1): (one.rule, one.sure) for one in found.breaks}
    rows = []
    for number, line in enumerate(case.lines):
        wanted = found.wanted[number] if found.wanted else "中" * len(line)
        group = found.rhymes[number] if found.rhymes else ""
        rows.append(
            tuple(
                Place(character, _TONES[tone], _WANTED[wish], group if at == len(line) - 1 else "",
                      *broken.get((number, at), ("", False)))
                for at, (character, tone, wish) in enumerate(zip(line, case.book.tones(line), wanted, strict=True))
            )
        )  # fmt: skip
    return Scansion(case.form, case.tune, case.book.name, tuple(rows))


_TONES = {"平": frozenset({True}), "仄": frozenset({False}), "中": frozenset({True, False})}
_WANTED = {"平": True, "仄": False, "中": None}


def verdict(report: Report) -> str:
    """ "valid", "depends" or "invalid"."""
    valid = report.valid
    return "depends" if valid == "depends" else "valid" if valid else "invalid"


def _case(
    lines: Sequence[str] | str, form: str | None, rhyme_book: str | Book, tune: str, stanzas: Sequence[int]
) -> _Case:
    if form is not None and form not in FORMS:
        raise UsageError(f"no form named {form!r}", "the judge knows others", did_you_mean(form, FORMS))
    if tune and tune not in tunes.names():
        raise UsageError(f"no tune named {tune!r}", "the judge knows others", did_you_mean(tune, tunes.names()))
    parts = tuple(split(lines) if isinstance(lines, str) else [part for line in lines for part in split(line)])
    found = "词" if tune else recognise(parts)
    asked = _named(form or found, parts)
    chosen = rhyme_book if isinstance(rhyme_book, Book) else book(rhyme_book or _BOOK_OF.get(asked, "pingshui"))
    if asked == "词" and not tune:
        shape = ci.nearest(parts, chosen)
        tune = shape.tune if shape else ""
    return _Case(parts, asked, tune, chosen, tuple(stanzas), _shape(parts, asked, found, tune))


def _named(form: str, parts: Sequence[str]) -> str:
    """The form, 排律 by its width."""
    width = len(parts[0]) if parts else 0
    return {5: "五排", 7: "七排"}.get(width, "五排") if form == "排律" else form


def _shape(parts: Sequence[str], asked: str, found: str, tune: str) -> Promise:
    """Whether the poem has the shape of the form that was asked, or of any."""
    clean = bool(parts) and all(map(is_han, "".join(parts)))
    small = len(parts) <= LONGEST and max(map(len, parts), default=0) <= LONGEST
    widths = "/".join(str(len(line)) for line in parts[:12])
    if asked == "词":
        fits, name = bool(tune), f"词 {tune}".strip()
    elif asked == "对联":
        fits, name = couplet.halves(parts) is not None, asked
    elif asked in _FREE:
        fits, clean, name = bool(parts), True, asked
    else:
        fits, name = bool(asked) and regulated.form_of(parts) == asked, asked
    seen = name if fits else found or f"{len(parts)} lines of {widths} characters"
    wanted = name or "one of " + " ".join(FORMS)
    return Promise("form", wanted, seen if clean else "not all Chinese characters", fits and clean and small)
