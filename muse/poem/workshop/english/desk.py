"""An English poem on the desk: its form, what of it stays, and the plan by which the rest is written anew.

A line that breaks the form and stays is taken as a line of free verse; one that should rhyme and does not, as a line
without rhyme. What is written keeps the form, and the rhymes of the poem.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from muse.bundle import Bundle
from muse.errors import InputError, UsageError, WishError
from muse.poem.english.asked import Plan, planned_in
from muse.poem.english.automaton import VerseConstraint
from muse.poem.english.book import Book
from muse.poem.english.ends import Rimes
from muse.poem.english.form import FORMS, OTHER_NAMES, Form, form_of, with_lines
from muse.poem.english.form import Line as Shape
from muse.poem.english.given import Line, kept_rhymes, locks_of
from muse.poem.english.lock import Given
from muse.poem.english.model import book_of
from muse.poem.english.text import parts, words_of
from muse.poem.english.vocabulary import BREAK, END, STANZA
from muse.poem.poem import PROSE, Poem
from muse.poem.wishes import Wishes
from muse.terms import Theme

GAP = "___"
_NO_THEME = Theme("")
_STRANGE = re.compile(r"[^A-Za-z'’,;:.!?\-–—\s]+")


@dataclass(frozen=True, eq=False)
class Desk:
    """A poem and its wishes, ready to be worked on.

    Attributes:
        form: with as many lines as the poem has.
        rimes: for each letter of the form the rime of the poem.
        faults: by lines from 0, what of the form they break.
    """

    poem: Poem
    wishes: Wishes
    bundle: Bundle
    book: Book
    form: Form
    rimes: Rimes
    faults: Mapping[int, str]

    @classmethod
    def of(cls, poem: Poem, wishes: Wishes, bundle: Bundle) -> Desk:
        """
        Raises:
            InputError: the poem is prose, or a line of it cannot be read as English.
            WishError: it has more lines, or fewer, than muse writes.
        """
        form = _form(poem)
        book = book_of(bundle, wishes.strict)
        every = range(len(poem.lines))
        loose, faults = _loosened(poem, form, book, every)
        rimes = kept_rhymes(loose, book, _held(poem, loose, book, every))
        asked = replace(wishes, form=form.name, tune=None, title=poem.title, rhyme="", length="", first_line="",
                        lock=())  # fmt: skip
        return cls(poem, asked, bundle, book, form, rimes, faults)

    def plan(self, kept: Collection[int], partly: Mapping[int, str] | None = None, *, rhymes: bool = True) -> Plan:
        """How the lines that are not kept are written anew.

        Args:
            kept: lines from 0.
            partly: of other lines what stays of them, with GAP for what is free.
            rhymes: lines that are written rhyme as they did, also where no other line of their rhyme is kept.

        Raises:
            UsageError, WishError: wishes that cannot be met.
        """
        if len(kept) == len(self.poem.lines):
            raise UsageError("nothing is left to write", "every line is kept", "keep less, or name other lines")
        form, faults = _loosened(self.poem, self.form, self.book, sorted(kept))
        ends = [line for line, text in (partly or {}).items() if not text.endswith(GAP) and line in self.faults]
        form = replace(form, lines=tuple(replace(shape, rhyme="") if line in ends else shape
                                         for line, shape in enumerate(form.lines)))  # fmt: skip
        lock = [f"{line + 1}:{spoken(self.poem.lines[line])}" for line in sorted(kept)]
        lock += [f"{line + 1}:{text}" for line, text in (partly or {}).items()]
        plan = planned_in(replace(self.wishes, lock=tuple(lock)), form, self.book)
        begun = {letter for letter, _, _ in plan.asked.rimes}
        letters = {line.rhyme for line in form.lines}
        more = tuple((letter, rime, frozenset[str]()) for letter, rime, _ in self.rimes
                     if rhymes and letter not in begun and letter in letters)  # fmt: skip
        plan = replace(
            plan, text={line: self.poem.lines[line] for line in kept},
            notes=(*plan.notes, *(f"line {line + 1} is kept and {fault}" for line, fault in sorted(faults.items()))),
        )  # fmt: skip
        rhymed = replace(plan, asked=replace(plan.asked, rimes=(*plan.asked.rimes, *more)))
        try:
            VerseConstraint(form, self.book, rhymed.asked)
        except WishError:
            return plan  # too few words are left in a rime of the poem
        return rhymed

    def tokens(self, line: int) -> tuple[int, ...]:
        """A line of the poem from its end to its beginning, and the mark after it."""
        held = _held(self.poem, replace(self.form, lines=(Shape(),) * len(self.form.lines)), self.book, [line])[line]
        own = [item.token for item in held.held.items if isinstance(item, Given)]
        after = line + 1
        return (*own, END if after == len(self.form.lines) else STANZA if after in self.form.breaks else BREAK)


def spoken(line: str) -> str:
    """A line without what is no word or mark of English verse.

    Raises:
        InputError: nothing is left.
    """
    found = " ".join(_STRANGE.sub(" ", line).split()) if parts(line) is None else line
    if not words_of(parts(found) or ()):
        raise InputError(f"{line!r} is no line of English verse", "it holds no English word", "spell it out")
    return found


def _form(poem: Poem) -> Form:
    from muse.poem.english.referee import recognise

    if poem.form == PROSE:
        raise InputError(f"{poem.title} is prose", "the workshop is for verse", "write it anew with muse poem")
    known = poem.form.lower() in {*FORMS, *OTHER_NAMES}
    form = form_of(poem.form if known else recognise(poem.lines))
    form = with_lines(form, len(poem.lines))
    return replace(form, breaks=poem.stanzas) if form.name in ("free", "blank") else form


def _held(poem: Poem, form: Form, book: Book, lines: Sequence[int]) -> dict[int, Line]:
    wishes = Wishes(theme=_NO_THEME, lock=tuple(f"{line + 1}:{spoken(poem.lines[line])}" for line in lines))
    return locks_of(wishes, form, book, "", "")


def _loosened(poem: Poem, form: Form, book: Book, lines: Sequence[int]) -> tuple[Form, dict[int, str]]:
    """The form with those of its lines made free that some lines of the poem break, and what they break."""
    faults: dict[int, str] = {}
    shapes = list(form.lines)
    fine: dict[int, Line] = {}
    for line in lines:
        try:
            held = _held(poem, replace(form, lines=tuple(shapes)), book, [line])[line]
        except WishError as error:
            faults[line] = f"breaks the meter ({error.why})" if error.why else "breaks the meter"
            shapes[line] = Shape()
            continue
        try:
            kept_rhymes(form, book, {**fine, line: held})
            fine[line] = held
        except WishError as error:
            faults[line] = f"does not rhyme ({error.what.rpartition(': ')[2]})"
            shapes[line] = replace(shapes[line], rhyme="")
    return replace(form, lines=tuple(shapes)), faults
