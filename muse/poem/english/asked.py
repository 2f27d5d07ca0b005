"""What the wishes of a user ask of each line of an English poem; what cannot be met is explained before any writing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from muse.errors import UsageError, WishError, did_you_mean
from muse.poem.english.blocked import wounds
from muse.poem.english.book import Book
from muse.poem.english.form import FORMS, Form, form_of, with_lines
from muse.poem.english.given import Line, kept_rhymes, locks_of, rhyme_of
from muse.poem.english.lock import Asked
from muse.poem.english.prefix import KEYS, Fields, era_of
from muse.poem.english.sound import heard
from muse.poem.english.text import parts, words_of
from muse.poem.english.vocabulary import ERAS
from muse.poem.melody import form_to
from muse.poem.prefix import mood_signs
from muse.poem.wishes import Wishes
from muse.seed import stream
from muse.tables.english import listing, section
from muse.terms import Mood, Theme

NAMED_ERAS = {"augustan": "1700", "18th century": "1700", "georgian": "1700", "romantic": "1800", "regency": "1800",
              "victorian": "1850", "19th century": "1850", "edwardian": "1900", "modern": "1900",
              "20th century": "1900"}  # fmt: skip
_ENDINGS = ("", "s", "es", "'s", "ed", "d", "ing")


@dataclass(frozen=True)
class Plan:
    """All that the writer has to know.

    Attributes:
        fields: of the prefix. keys: (words, line from 0 or None for any) that the poem holds.
        text: given lines as the user wrote them, by number from 0.
        notes: what was chosen for the user, or understood in a way that may surprise.
    """

    form: Form
    title: str
    fields: Fields
    asked: Asked
    keys: tuple[tuple[str, int | None], ...] = ()
    text: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def plain(form: Form) -> Plan:
    """The plan of a poem of which nothing is asked but its form."""
    return Plan(form, "", Fields(form.label, form.scheme, form.foot, form.length), Asked())


def planned(wishes: Wishes, book: Book, seed: int) -> Plan:
    """The plan of some wishes; a form that was left open is the first of a shuffled list that can meet the others.

    Raises:
        WishError: wishes that cannot be met; it names place and wish, and what to change.
        UsageError: an unknown form, era or author.
    """
    if wishes.melody:
        if wishes.length:
            raise WishError(f"a melody and a length of {wishes.length} cannot both be kept",
                            "the melody says how many lines there are", "leave one of the two out")  # fmt: skip
        return planned_in(wishes, form_to(wishes.melody, wishes.form), book)
    if wishes.form is not None:
        return planned_in(wishes, form_of(wishes.form), book)
    names = list(FORMS)
    refused: WishError | None = None
    for name in (names[at] for at in stream(seed, "form").permutation(len(names))):
        try:
            plan = planned_in(wishes, FORMS[name], book)
        except WishError as error:
            refused = refused or error
            continue
        return replace(plan, notes=(f"the form was left open: {name}", *plan.notes))
    assert refused is not None
    raise refused


def wishes_of(theme: Theme, mood: Mood, title: str = "") -> Fields:
    """What a theme and a mood ask of a poem in any form: its words as keywords, the themes they point to, the mood.

    >>> from muse.tables.lexicon import interpret
    >>> reading = interpret("winter sea")
    >>> wishes_of(reading.theme, reading.mood).themes
    ('winter', 'sea')
    """
    words = [word for phrase in theme.en for word in phrase.split()]
    keys = tuple(dict.fromkeys(word for word in words if word not in listing("small")))
    pointed = {word: name for name, line in section("themes") for word in line.split()}
    themes = tuple(dict.fromkeys(pointed[word] for word in words if word in pointed))
    return Fields("", mood=mood_signs(mood), themes=themes[:2], keys=keys[:KEYS], title=title)


def title_of(wishes: Wishes) -> str:
    """The title asked for; else the theme, where it is English; else its English words."""
    if wishes.title is not None:
        return wishes.title
    text = wishes.theme.text.strip()
    if text.isascii() and text:
        return text[:1].upper() + text[1:80]
    return " ".join(wishes.theme.en[:2]).title() or text[:40]


def planned_in(wishes: Wishes, form: Form, book: Book) -> Plan:
    """The plan of some wishes in one form, whichever they name.

    Raises:
        WishError, UsageError: as `planned`.
    """
    _refuse_foreign(wishes)
    notes: list[str] = []
    letters = _letters(wishes.acrostic)
    form = _sized(wishes, form, letters)
    heads, tails = (letters, "") if wishes.acrostic_at == "head" else ("", letters)
    lines = locks_of(wishes, form, book, heads, tails)
    notes += [note for line in lines.values() for note in line.notes]
    blocked = _blocked(wishes, book, lines)
    rimes = kept_rhymes(form, book, lines)
    if wishes.rhyme:
        rimes += (rhyme_of(wishes.rhyme, form, book, rimes),)
    keys = _keys(wishes, form)
    title = title_of(wishes)
    if wishes.title is None and title:
        notes.append(f"the title was left open: {title}")
    if not wishes.strict:
        notes.append("words with several readings were read as the form asks")
    words = tuple(dict.fromkeys(word for text, _ in keys for word in words_of(parts(text) or ())))
    own = wishes_of(wishes.theme, wishes.mood, " ".join(words_of(parts(title) or ())[:7]))
    fields = replace(
        plain(form).fields, era=_era(wishes.era), author=_author(wishes.author, book), mood=own.mood, themes=own.themes,
        keys=tuple(dict.fromkeys(words + own.keys))[:KEYS], title=own.title,
    )  # fmt: skip
    asked = Asked(blocked, heads, tails, {at: line.held for at, line in lines.items()}, rimes)
    return Plan(form, title, fields, asked, keys, {at: line.text for at, line in lines.items() if line.text},
                tuple(notes))  # fmt: skip


def _refuse_foreign(wishes: Wishes) -> None:
    for name, value in (("tune", wishes.tune), ("reply_to", wishes.reply_to), ("rhyme_book", wishes.rhyme_book)):
        if value:
            raise WishError(f"{name.replace('_', ' ')}: {value!r} asks for Chinese verse", "this poem is in English",
                            "leave it out, or ask for a Chinese form")  # fmt: skip
    if wishes.acrostic and wishes.acrostic_at not in ("head", "tail"):
        raise WishError("acrostic: no diagonal one in English", "its letters do not stand in columns",
                        'give acrostic_at="head" or "tail"')  # fmt: skip


def _letters(acrostic: str) -> str:
    kept = re.sub(r"[\s.,;:!?'’\-]", "", acrostic).lower()
    wrong = [letter for letter in kept if not ("a" <= letter <= "z")]
    if wrong:
        raise WishError(f"acrostic: no line can begin or end with {wrong[0]!r}", "lines are spelt with a to z",
                        "change the acrostic")  # fmt: skip
    return kept


def _sized(wishes: Wishes, form: Form, letters: str) -> Form:
    """The form with as many lines as length and acrostic ask."""
    if wishes.length:
        number = re.fullmatch(r"\s*(\d{1,3})\s*(lines?)?\s*", wishes.length)
        if not number:
            raise WishError(f"length: {wishes.length!r} is no number of lines", "", "give a number, such as 12")
        form = with_lines(form, int(number[1]))
    elif letters:
        try:
            form = with_lines(form, len(letters))
        except WishError as error:
            able = "give one letter a line, or another form: free and blank take any number"
            raise WishError(f"acrostic: {letters!r} has {len(letters)} letters", error.why, able) from error
    if letters and len(letters) != len(form.lines):
        raise WishError(f"acrostic: {letters!r} has {len(letters)} letters, the poem {len(form.lines)} lines", "",
                        "give one letter a line")  # fmt: skip
    return form


def _blocked(wishes: Wishes, book: Book, lines: Mapping[int, Line]) -> tuple[int, ...]:
    """The tokens that are never written: those that wound, and what is forbidden with its common endings."""
    forbidden = {word + ending for text in wishes.forbid for word in words_of(parts(text) or ()) for ending in _ENDINGS}
    given = {f"line {at + 1}": set(words_of(parts(line.text) or ())) for at, line in lines.items()}
    given["the keywords"] = {word for text in wishes.keywords for word in words_of(parts(_of_line(text)[0]) or ())}
    for place, words in given.items():
        if both := sorted(words & forbidden):
            raise WishError(f"{place}: {both[0]!r} is given and forbidden", "", "leave out one of the two")
    texts = [text.lower() for text in book.vocabulary.tokens]
    return tuple(at for at in book.vocabulary.words if texts[at] in forbidden or wounds(texts[at]))


def _of_line(text: str) -> tuple[str, int | None]:
    """A keyword and the line, from 0, that was named with it.

    >>> _of_line("2:moon"), _of_line("silver sea")
    (('moon', 1), ('silver sea', None))
    """
    named = re.fullmatch(r"\s*(\d{1,3})\s*[:：]\s*(.+)", text)
    return (named[2].strip(), int(named[1]) - 1) if named else (text.strip(), None)


def _keys(wishes: Wishes, form: Form) -> tuple[tuple[str, int | None], ...]:
    found = tuple(map(_of_line, wishes.keywords))
    for text, line in found:
        words = words_of(parts(text) or ())
        if not words or not all(map(heard, words)):
            raise WishError(f"keywords: {text!r} cannot be said", "a keyword is made of English words", "spell it out")
        if line is not None and not 0 <= line < len(form.lines):
            raise WishError(f"keywords: there is no line {line + 1} for {text!r}", f"{form.name} has {len(form.lines)}",
                            "name another line")  # fmt: skip
    return found


def _era(era: str) -> str:
    key = era.strip().lower().rstrip("s")
    if not key or key in ERAS:
        return key
    if key in NAMED_ERAS:
        return NAMED_ERAS[key]
    if re.fullmatch(r"1[6-9]\d\d|20\d\d", key):
        return era_of(int(key))
    raise UsageError(f"unknown era {era!r}", "eras are " + ", ".join((*ERAS, *NAMED_ERAS)),
                     did_you_mean(key, (*ERAS, *NAMED_ERAS)))  # fmt: skip


def _author(author: str, book: Book) -> str:
    """The author's name as the vocabulary has it; a last name is enough."""
    if not author.strip():
        return ""
    known = {name.lower(): name for name in book.vocabulary.authors}
    key = " ".join(author.lower().split())
    if key in known:
        return known[key]
    last = [low for low in known if key == low.split()[-1]]
    if len(last) == 1:
        return known[last[0]]
    near = get_close_matches(key, [*known, *(name.split()[-1] for name in known)], n=1, cutoff=0.6)
    hint = next((known[name] for name in last or known if near and near[0] in (name, name.split()[-1])), "")
    some = "John Keats, Percy Bysshe Shelley, Emily Dickinson, Christina Georgina Rossetti, Robert Burns"
    raise UsageError(f"unknown author {author!r}", "muse knows the manner of those of whom it read much",
                     f'did you mean "{hint}"?' if hint else f"choose one such as {some}")  # fmt: skip
