"""What a user gives of a poem: locked lines, checked for meter and rhyme, words that rhyme, and keywords in places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from muse.errors import WishError
from muse.poem.english.book import Book
from muse.poem.english.ends import Rimes
from muse.poem.english.form import Form
from muse.poem.english.lock import LONGEST_LINE, Asked, Gap, Given, Held, Item, given
from muse.poem.english.sound import Reading, heard
from muse.poem.english.text import CAPITAL, capitalised, parts, words_of
from muse.poem.wishes import FREE, Wishes
from muse.tables.english import pronunciations

_ONE = "change one of the two"
_FREE = re.compile(f"[{FREE}]+(?:\\s*[{FREE}]+)*|\\.\\.\\.\\.+")


@dataclass(frozen=True)
class Line:
    """A line of which text is given.

    Attributes:
        text: as the user wrote it, where the whole line is given; else "".
        end: its last word, "" where that is free.
        notes: what is to be told of it.
    """

    held: Held
    text: str
    end: str
    notes: tuple[str, ...] = ()


def locks_of(wishes: Wishes, form: Form, book: Book, heads: str, tails: str) -> dict[int, Line]:
    """The given lines by number from 0.

    Raises:
        WishError: a line that is none, is given twice, breaks the meter, or does not fit the acrostic.
    """
    texts: dict[int, tuple[str, str]] = {}
    for at, lock in enumerate(wishes.lock):
        named = re.fullmatch(r"\s*(\d{1,3})\s*[:：]\s*(.+)", lock)
        line, text = (int(named[1]) - 1, named[2]) if named else (at, lock)
        if not text.strip() or not _FREE.sub("", text).strip():
            continue
        if not 0 <= line < len(form.lines):
            raise WishError(f"lock: there is no line {line + 1}", f"{form.name} has {len(form.lines)} lines",
                            "lock fewer lines, or choose another form")  # fmt: skip
        if line in texts:
            raise WishError(f"lock: line {line + 1} is given twice", "", "give it once")
        texts[line] = text.strip(), f"lock, line {line + 1}"
    if wishes.first_line:
        if 0 in texts and texts[0][0] != wishes.first_line.strip():
            raise WishError("first line: line 1 is locked too", f"as {texts[0][0]!r}", "leave out one of the two")
        texts[0] = wishes.first_line.strip(), "first line"
    found = {}
    for at, (text, where) in sorted(texts.items()):
        found[at] = _line(text, where, form, at, book)
        _check_letters(found[at], where, heads[at : at + 1], tails[at : at + 1])
    return found


def _line(text: str, where: str, form: Form, at: int, book: Book) -> Line:
    segments = _FREE.split(text)
    items: list[Item] = []
    notes: list[str] = []
    words: list[str] = []
    for number, segment in enumerate(segments):
        if number:
            items.insert(0, Gap("some"))
        found = parts(segment)
        if found is None or (len(segments) == 1 and not words_of(found)):
            raise WishError(f"{where}: {segment.strip()!r} is no line of verse", "it holds more than words and marks",
                            "write numbers and signs as words")  # fmt: skip
        if not found:
            continue
        if number and segment.lstrip()[:1].isupper() and found[0] != "^":
            found = ["^", *found]
        words = words_of(found)
        if mute := next((word for word in words if not heard(word)), ""):
            raise WishError(f"{where}: {mute!r} cannot be said", "no rule of spelling tells its sound",
                            "change the word")  # fmt: skip
        notes += [f"{where}: how {word!r} is said was guessed" for word in words if not pronunciations(word)]
        items = [*given(found, book, number == 0), *items]
    held = Held(items, form.lines[at], book)
    if not held.start:
        raise WishError(f"{where}: {text!r} breaks the meter of {form.name}", _why(text, segments, form, at),
                        "change the words, or the form: free verse takes any line")  # fmt: skip
    spelt = [word for word in words_of(parts(text) or ()) if len(book.vocabulary.spell(word, False, True)) > 1]
    notes += [f"{where}: {word!r} is no word of the vocabulary, it is kept by its letters" for word in spelt]
    return Line(held, text if len(segments) == 1 else "", "" if held.open_end else words[-1], tuple(notes))


def _why(text: str, segments: Sequence[str], form: Form, at: int) -> str:
    """What breaks: the count of syllables, else the place that the judge finds."""
    lengths = sorted({len(step) for step in form.lines[at].steps})
    wanted = " or ".join(map(str, lengths))
    each = [sorted({len(reading.stress) for reading in heard(word)}) for word in words_of(parts(text) or ())]
    least, most = sum(one[0] for one in each), sum(one[-1] for one in each)
    if len(segments) > 1:
        return f"its words do not fit in {wanted} syllables so" if least < lengths[-1] else f"it has {least} syllables"
    if not any(least <= length <= most for length in lengths):
        said = str(least) if least == most else f"{least} to {most}"
        return f"it has {said} syllables, line {at + 1} of this form {wanted}"
    from muse.poem.english.hearing import broken
    from muse.poem.english.referee import RULES

    rule = RULES[form.name]
    return broken(text, rule.kind, rule.sizes[at % len(rule.sizes)])


def _check_letters(line: Line, where: str, head: str, tail: str) -> None:
    first = next(iter(re.findall("[a-z]", line.text.lower())), "") if not line.held.open_head else head
    if head and not line.held.open_head:
        token = line.held.items[-1]
        assert isinstance(token, Given)
        spelt = line.held.book.vocabulary.tokens[token.token]
        first = first or spelt.strip("'^").lower()[:1]
        if first != head:
            raise WishError(f"{where}: it begins with {first!r}", f"the acrostic asks for {head!r}", _ONE)
    if tail and line.end and line.end.strip("'")[-1] != tail:
        raise WishError(f"{where}: it ends with {line.end!r}", f"the acrostic asks for {tail!r}", _ONE)


def kept_rhymes(form: Form, book: Book, lines: Mapping[int, Line]) -> Rimes:
    """The rhymes that given line ends have begun, by letter.

    Raises:
        WishError: two given lines should rhyme and do not, or no word rhymes with one.
    """
    ends: dict[str, list[int]] = {}
    for at, line in lines.items():
        if line.end and form.lines[at].rhyme:
            ends.setdefault(form.lines[at].rhyme, []).append(at)
    found = []
    for letter, given_at in ends.items():
        shared = _rimes(lines[given_at[0]].end, book, form.lines[given_at[0]].steps)
        for at in given_at[1:]:
            other = _rimes(lines[at].end, book, form.lines[at].steps)
            pair = f"lines {given_at[0] + 1} and {at + 1}: {lines[given_at[0]].end!r} and {lines[at].end!r}"
            if lines[at].end in {lines[before].end for before in given_at if before < at}:
                raise WishError(f"{pair} are the same word", f"{form.name} asks for a rhyme", "change one of them")
            shared = {rime: used | other[rime] for rime, used in shared.items() if rime in other}
            if not shared:
                raise WishError(f"{pair} do not rhyme", f"{form.name} asks that they do", f"{_ONE}, or the form")
        if not shared:
            raise WishError(f"line {given_at[0] + 1}: {lines[given_at[0]].end!r} cannot end it",
                            "its stress falls elsewhere", "change the last word")  # fmt: skip
        rime = max(shared, key=lambda one: len(book.rhymes.get(one, ())))
        found.append((letter, rime, frozenset(shared[rime])))
    return tuple(found)


def rhyme_of(word: str, form: Form, book: Book, begun: Rimes) -> tuple[str, str, frozenset[str]]:
    """The first rhyme of the form that is not begun, with the rime of a word.

    Raises:
        WishError: the form has no rhyme left, or the word none.
    """
    taken = {letter for letter, _, _ in begun}
    lines = {line.rhyme: line for line in reversed(form.lines) if line.rhyme and line.rhyme not in taken}
    if not lines:
        raise WishError(f"rhyme: no line of {form.name} is left to rhyme with {word!r}", "", "choose a form with rhyme")
    letter = next(line.rhyme for line in form.lines if line.rhyme in lines)
    spelt = words_of(parts(word) or ())
    rimes = _rimes(spelt[-1], book, lines[letter].steps) if spelt else {}
    known = [rime for rime in rimes if book.rhymes.get(rime)]
    if not known:
        raise WishError(f"rhyme: nothing rhymes with {word!r}", "the vocabulary has no such word", "give another word")
    return letter, max(known, key=lambda one: len(book.rhymes[one])), frozenset()


def _rimes(word: str, book: Book, steps: Sequence[str]) -> dict[str, set[str]]:
    """The rimes of a word that can end a line, each with its onset; small words may rhyme where they are given."""

    def ends(reading: Reading) -> bool:
        return any(len(step) - 1 - step.rfind("S") == reading.weak for step in steps if "S" in step)

    return {reading.rime: {reading.onset} for reading in heard(word) if reading.weak >= 0 and ends(reading)}


def placed(text: str, form: Form, asked: Asked, book: Book, lines: Sequence[int], random: np.random.Generator) -> Asked:
    """What is asked, with a line for a keyword and a place in it, drawn from those where it fits.

    Args:
        lines: numbers from 0 of those that may have it.

    Raises:
        WishError: it fits nowhere.
    """
    ids, words = book.vocabulary.ids, parts(text) or []
    name = text[:1].isupper() or (words[0] not in ids and capitalised(words[0]) in ids)
    body = given([CAPITAL, *words] if name else words, book, False)
    for at in random.permutation(np.array([line for line in lines if line not in asked.held], int)).tolist():
        plan = form.lines[at]
        longest = max(map(len, plan.steps)) if plan.steps else LONGEST_LINE - 4
        first, last = asked.heads[at : at + 1], asked.tails[at : at + 1]
        before = Gap("some" if first and first != words[0][0] else "any")
        for size in random.permutation(longest).tolist():
            if size or not (plan.rhyme or (last and last != words[-1][-1])):
                held = Held([*([Gap(size)] if size else []), *body, before], plan, book)
                if held.start:
                    return replace(asked, held={**asked.held, at: held})
    raise WishError(f"keywords: {text!r} fits in no line of {form.name} that is free",
                    "its stresses do not follow the meter, or each line has a wish already",
                    "change the word, free a line, or choose another form")  # fmt: skip
