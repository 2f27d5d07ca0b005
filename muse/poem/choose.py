"""Which scores can be what was wished: of the form that was named, or of those that seed and wishes allow."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from muse.errors import UsageError, WishError, did_you_mean
from muse.poem.form import FORMS
from muse.poem.given import clauses, widths
from muse.poem.melody import scores as to_melody
from muse.poem.score import LONG_FORMS, LONGEST, Score, couplet, regulated, reply, song
from muse.poem.vocabulary import COUPLET, LENGTHS, SONG
from muse.poem.wishes import Wishes
from muse.seed import stream
from muse.tables.books import sounds
from muse.tables.simplified import simplify
from muse.tables.tunes import Shape, shapes, tunes

LONG = "排律"
DEFAULT_LONG = 12
COUPLETS = range(2, 17)
TRIES = 60
"""Shapes that are tried where any tune will do."""
LATIN = {"ci": SONG, "duilian": COUPLET, "pailü": LONG, "pailv": LONG, "wupai": "五排", "qipai": "七排",
         "五言排律": "五排", "七言排律": "七排", "五言绝句": "五绝", "七言绝句": "七绝", "五言律诗": "五律",
         "七言律诗": "七律", "楹联": COUPLET, "宋词": SONG,
         **{form.latin: form.name for form in FORMS.values()}}  # fmt: skip
NAMES = (*FORMS, *LONG_FORMS, LONG, SONG, COUPLET)


def book_of(wishes: Wishes, form: str) -> str:
    """The rhyme book that judges: the one wished for, else 词林正韵 for 词 and 平水韵 for all else."""
    return wishes.rhyme_book or ("cilin" if form == SONG else "pingshui")


def form_named(name: str) -> str:
    """The form of a name, in characters or in letters.

    Raises:
        UsageError: there is none of that name.

    >>> form_named("qilv"), form_named("五言律詩")
    ('七律', '五律')
    """
    key = simplify(name).strip().lower().replace("lü", "lv").replace("lǜ", "lv")
    key = LATIN.get(key, key)
    key = key.replace("绝句", "绝").replace("律诗", "律")
    if key not in NAMES:
        raise UsageError(f"unknown form {name!r}", f"muse writes {'、'.join(NAMES)}",
                         did_you_mean(key, [*NAMES, *LATIN]))  # fmt: skip
    return key


def scores(wishes: Wishes, seed: int) -> Iterator[Score]:
    """What may be written, in the order in which it is to be tried; at least one.

    Raises:
        UsageError: an unknown form, tune or length.
        WishError: form, tune, length and reply_to contradict each other.
    """
    form = _form(wishes)
    if wishes.melody:
        _alone(wishes, form)
        return to_melody(wishes.melody, form)
    if form == COUPLET:
        return _couplets(wishes, seed)
    if form == SONG:
        return _songs(wishes, seed)
    if form in LONG_FORMS or form == LONG:
        return iter([regulated(f"{name}{_lines(wishes)}") for name in LONG_FORMS if form in (name, LONG)])
    if form:
        _no_length(wishes, form)
        return iter([regulated(form)])
    return _any(wishes, seed)


def _form(wishes: Wishes) -> str:
    """The form named, or the only one that the other wishes leave; "" for any."""
    form = form_named(wishes.form) if wishes.form and wishes.form not in tunes() else ""
    implied = {COUPLET: wishes.reply_to, SONG: wishes.tune or (wishes.form if not form else "")
               or (wishes.length if wishes.length in LENGTHS else "")}  # fmt: skip
    told = [name for name, why in implied.items() if why]
    if len(told) > 1 or (form and told and form not in told):
        raise WishError(f"{implied[told[0]]} asks for {told[0]}", f"the wishes also ask for {form or told[1]}",
                        "leave one of them out")  # fmt: skip
    return form or (told[0] if told else "")


def _alone(wishes: Wishes, form: str) -> None:
    """Refuse what a melody leaves no room for.

    Raises:
        WishError: it is asked for beside one.
    """
    if other := wishes.tune or wishes.reply_to or wishes.length or (form if form not in ("", *FORMS) else ""):
        raise WishError(f"a melody and {other} cannot both be kept", "the melody says how many lines there are, and "
                        "how long", "leave one of the two out")  # fmt: skip


def _any(wishes: Wishes, seed: int) -> Iterator[Score]:
    """One of the four forms; where text is given that fits none of them, 排律 and 词 too."""
    names = list(FORMS)
    first = int(stream(seed, "form").integers(len(names)))
    signs = len("".join(clauses(wishes.acrostic)))
    if not wishes.length:
        drawn = names[first:] + names[:first]
        yield from (regulated(name) for name in sorted(drawn, key=lambda name: FORMS[name].lines != signs))
    elif (count := _whole(wishes.length)) in (4, 8):
        yield from (regulated(name) for name in names if FORMS[name].lines == count)
        return
    if wishes.length or signs or widths(wishes):
        lines = _lines(wishes) if wishes.length else max(10, signs + signs % 2)
        if lines <= LONGEST:
            yield from (regulated(f"{name}{lines}") for name in LONG_FORMS)
        if not wishes.length:
            yield from _songs(wishes, seed)


def _songs(wishes: Wishes, seed: int) -> Iterator[Score]:
    name = wishes.tune or (wishes.form if wishes.form in tunes() else None)
    found = list(shapes(name)) if name else _drawn(seed)
    if wishes.length:
        if wishes.length not in LENGTHS:
            raise UsageError(f"unknown length {wishes.length!r} of a 词", "", f"choose one of {'、'.join(LENGTHS)}")
        fits = [shape for shape in found if shape.length == wishes.length]
        if not fits:
            raise WishError(f"{found[0].tune} is no {wishes.length}", f"it has {found[0].characters} characters",
                            f"choose {found[0].length}, or another tune")  # fmt: skip
        found = fits
    given = widths(wishes)
    fits = [shape for shape in found if _fits(shape, given)] or found
    for shape in fits[:TRIES]:
        score = song(shape, book_of(wishes, SONG))
        first = int(stream(seed, "tone").integers(len(score)))
        yield from score[first:] + score[:first]


def _drawn(seed: int) -> list[Shape]:
    """The shapes of all tunes in an order that the seed draws, the commoner ones more often before the others."""
    every = [found[0] for found in tunes().values()]
    weight = np.array([shape.count for shape in every], float) ** 0.75
    order = stream(seed, "tune").choice(len(every), len(every), replace=False, p=weight / weight.sum())
    return [shape for number in order for shape in (every[number], *tunes()[every[number].tune][1:])]


def _fits(shape: Shape, given: dict[int, int]) -> bool:
    return all(line < len(shape.lines) and len(shape.lines[line].signs) == width for line, width in given.items())


def _couplets(wishes: Wishes, seed: int) -> Iterator[Score]:
    _no_length(wishes, COUPLET)
    if wishes.reply_to:
        text = "".join(clauses(wishes.reply_to))
        if len(text) not in COUPLETS:
            raise WishError(
                f"reply_to has {len(text)} characters", f"a line of 对联 has 2 to {COUPLETS[-1]}", "give one line"
            )
        known = sounds(book_of(wishes, COUPLET))
        yield reply(tuple(frozenset(sound.level for sound in known.get(one, ())) for one in text))
        return
    given = sorted(set(widths(wishes).values()))
    if given and given[0] not in COUPLETS:
        raise WishError(
            f"a line of 对联 has 2 to {COUPLETS[-1]} characters", f"one with {given[0]} is given", "give another line"
        )
    every = given[:1] or [(7, 5)[int(stream(seed, "couplet").integers(2))]]
    yield from (couplet(width) for width in every)


def _lines(wishes: Wishes) -> int:
    """Of a 排律."""
    if not wishes.length:
        return DEFAULT_LONG
    count = _whole(wishes.length)
    if count % 2 or not 10 <= count <= LONGEST:
        raise WishError(f"排律 of {wishes.length} lines", f"it has an even number of lines from 10 to {LONGEST}",
                        "give such a length")  # fmt: skip
    return count


def _whole(length: str) -> int:
    found = re.fullmatch(r"(?:(\d{1,3})|([二三四]?)(十)?([一二三四五六七八九])?)([句韵]?)", length.strip())
    if not found or not any(found.groups()[:4]):
        raise UsageError(f"unknown length {length!r}", "", f"give {'、'.join(LENGTHS)} or a number of lines")
    digits, tens, ten, ones, of = found.groups()
    number = int(digits) if digits else 10 * (_digit(tens) or 1) * bool(ten) + _digit(ones) + _digit(tens) * (not ten)
    return number * (2 if of == "韵" else 1)


def _digit(sign: str | None) -> int:
    return " 一二三四五六七八九".find(sign) if sign else 0


def _no_length(wishes: Wishes, form: str) -> None:
    if wishes.length:
        raise WishError(f"{form} has one length", f"the wishes ask for {wishes.length!r}", "leave the length out")
