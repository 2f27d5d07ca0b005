"""Poems: one on a theme and what else was asked, in the language of the theme, or of the bundle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.bundle import Bundle
from muse.errors import UsageError, WishError, did_you_mean
from muse.poem.wishes import ACROSTICS, RHYME_BOOKS, Wishes
from muse.tables.lexicon import Reading
from muse.terms import Mood, Theme
from muse.verbs import place, song, wishes
from muse.verbs.finish import MoodWish, finish, plain_request, seed_of
from muse.verbs.library import load_kind

if TYPE_CHECKING:
    from muse.music.piece import Piece
    from muse.poem.poem import Poem

LANGUAGES = {"zh": "poem-zh", "en": "poem-en"}
WRITERS = {"zh": "muse.poem.write", "en": "muse.poem.english.write"}
OTHER = "muse.poem.script.write"
LONGEST_LINE = 200
ENOUGH = ("form", "tune", "title", "keywords", "first_line", "acrostic", "lock", "reply_to", "melody")
"""Wishes that need no theme beside them."""
NOT_ASKED = ("theme", "lang", "seed", "device", "bundle")


def poem(
    theme: str = "",
    *,
    form: str | None = None,
    lang: str | None = None,
    tune: str | None = None,
    title: str | None = None,
    keywords: str | Sequence[str] = (),
    mood: MoodWish = None,
    era: str = "",
    author: str = "",
    first_line: str = "",
    rhyme: str = "",
    rhyme_book: str = "",
    forbid: str | Sequence[str] = (),
    length: str | int = "",
    acrostic: str = "",
    acrostic_at: str = "head",
    lock: str | Sequence[str] = (),
    reply_to: str = "",
    candidates: int = 16,
    strict: bool = True,
    novel: bool = True,
    pinyin: bool = False,
    sheet: str | Sequence[str] = (),
    melody: Piece | Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Path | None = None,
    seed: int | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
) -> Poem:
    """A poem that keeps its form: by tones and rhymes in Chinese, by meter and rhyme in English.

    >>> poem("秋江夜泊", form="七绝", seed=7).form  # doctest: +SKIP
    '七绝'

    Args:
        theme: a word or a line, Chinese or English.
        form: 五绝, 七绝, 五律, 七律, 五排, 七排, 词, 对联; sonnet, petrarchan, ballad, limerick, couplets, quatrains,
            envelope, paired, haiku, blank, free; by default the seed chooses.
        lang: "zh" or "en"; by default as form, tune or theme say.
        tune: of a 词, such as 浣溪沙.
        title: by default the theme.
        keywords: words to be in the poem; "2:月" for one in line 2.
        mood: "calm", "energy=-0.6" or a Mood; by default read from the theme.
        era, author: in whose manner.
        first_line: what it begins with.
        rhyme: a group of rhymes, or a character or word of one.
        rhyme_book: "pingshui", "cilin" or "xinyun"; by default that of the form.
        forbid: words that are not in it.
        length: 小令, 中调 or 长调 of a 词; lines of 排律, blank and free verse; words of prose.
        acrostic: what the lines spell, at their `acrostic_at` "head", "tail" or "diagonal".
        lock: a text for each line, free places marked with ＿ or _; "" leaves a line free, "3:…" names its line.
        reply_to: the first line of a 对联.
        candidates: how many are written for the best one to be kept.
        strict: the form holds under every reading.
        novel: no line that the model has read.
        pinyin: show it with pinyin.
        sheet: "pdf" or "png", or both: its broadsheet among its files in that form too.
        melody: a piece, or a file of music: a line for each of its phrases, a syllable for each note.

    Raises:
        UsageError: an unknown name, or a wish that is none.
        WishError: wishes that cannot be met together; it names the place and what to change.
        BundleError: the bundle writes no poems.
    """
    asked = {name: value for name, value in locals().items() if name not in ("seed",)}
    (made,) = poems(seeds=[seed_of(seed)], **asked)
    return made


def poems(
    theme: str = "",
    *,
    seeds: Sequence[int],
    lang: str | None = None,
    device: str = "auto",
    bundle: str | Path | None = None,
    **asked: Any,
) -> Iterator[Poem]:
    """The poem of each seed, in order and as `poem` makes it, whose arguments these are; some are written at once.

    Raises:
        UsageError, WishError, BundleError.
    """
    language, weights = _bundle(theme, lang, bundle, asked)
    target = place.settle(device, language=True)
    sheets = _sheets(asked.get("sheet", ()))
    reading, wished = read(theme, **asked)
    if asked.get("melody") is not None:
        phrases = song.heard(asked["melody"], language)
        wished = replace(wished, melody=tuple(phrases))
        asked["melody"] = [asdict(phrase) for phrase in phrases]
    request = {"theme": theme, "lang": language, **plain_request(poem, asked, NOT_ASKED)}
    home = OTHER if "tokenizer" in weights.card else WRITERS.get(language, OTHER)
    write: Callable[..., Iterator[Poem]] = import_module(home).write
    for seed, made in zip(seeds, write(wished, weights, seeds, target), strict=True):
        notes = reading.notes if theme else ()
        if wished.melody:
            made = replace(made, report=made.report + song.kept(asked["melody"], language, made.lines))
        yield finish(replace(made, sheets=sheets), "poem", seed, request, [weights], target, notes, language=True)


def read(theme: str = "", *, mood: MoodWish = None, **asked: Any) -> tuple[Reading, Wishes]:
    """What was asked, cleaned: (what the theme means, the wishes).

    Raises:
        UsageError: a wish that is none, or none at all.
    """
    if theme or not any(asked.get(name) for name in ENOUGH):
        reading = wishes.read_theme(theme, mood)
    else:
        reading = Reading(Theme(""), wishes.read_mood(mood) or Mood())
    given: dict[str, Any] = {}
    for name in ("form", "tune", "title", "era", "author", "first_line", "rhyme", "acrostic", "reply_to"):
        if asked.get(name):
            given[name] = wishes.clean(asked[name], name.replace("_", " "), LONGEST_LINE)
    for name in ("keywords", "forbid"):
        given[name] = tuple(wishes.clean(word, name, 40) for word in words_of(asked.get(name, ())) if word.strip())
    lock = asked.get("lock", ())
    lines = re.split(r"[/\n]", lock) if isinstance(lock, str) else list(lock)
    given["lock"] = tuple(wishes.clean(line, "lock", LONGEST_LINE) if _seen(line) else "" for line in lines)
    if not any(given["lock"]):
        given["lock"] = ()
    for name, choices in (("rhyme_book", RHYME_BOOKS), ("acrostic_at", ACROSTICS)):
        if value := asked.get(name):
            if value not in choices:
                raise UsageError(f"unknown {name.replace('_', ' ')} {value!r}", "", did_you_mean(str(value), choices))
            given[name] = value
    length = asked.get("length", "")
    given["length"] = wishes.clean(str(length), "length", 20) if length not in ("", None) else ""
    given["candidates"] = wishes.whole("candidates", asked.get("candidates", 16), 1, 256)
    given |= {name: bool(asked[name]) for name in ("strict", "novel", "pinyin") if name in asked}
    return reading, Wishes(reading.theme, reading.mood, **given)


def _bundle(theme: str, lang: str | None, bundle: str | Path | None, asked: dict[str, Any]) -> tuple[str, Bundle]:
    """The language of the poem and the weights that write it."""
    if bundle is not None:
        weights = load_kind(bundle, "poem")
        own = str(weights.card.get("language", "zh"))
        if lang not in (None, own):
            raise UsageError(f"{weights.name} does not write {lang!r}", f"it writes {own!r}", "leave --lang out")
        return own, weights
    language = lang or _language(theme, asked)
    if language not in LANGUAGES:
        raise UsageError(f"no verse in {language!r}", "muse ships with zh and en", did_you_mean(language, LANGUAGES))
    if (form := asked.get("form")) and (own := _language_of_form(str(form))) != language:
        raise WishError(f"the form {form} is of {own!r}", f"the wishes ask for verse in {language!r}",
                        "leave one of the two out")  # fmt: skip
    return language, load_kind(LANGUAGES[language], "poem")


def _language(theme: str, asked: dict[str, Any]) -> str:
    """Which language the wishes are in: of form, tune or lines, else of the theme; Chinese where nothing tells."""
    from muse.poem.layout import language_of

    lock = asked.get("lock", ())
    telling = [asked.get(name) for name in ("first_line", "acrostic")]
    telling += [lock if isinstance(lock, str) else " ".join(lock)]
    if form := asked.get("form"):
        return _language_of_form(str(form))
    if any(asked.get(name) for name in ("tune", "reply_to", "rhyme_book")):
        return "zh"
    said = language_of(" ".join(str(text) for text in telling if text))
    said = said if said != "none" else language_of(str(theme))
    return said if said != "none" else "zh"


def _language_of_form(name: str) -> str:
    """Which language has a form of that name.

    Raises:
        UsageError: none has.
    """
    from muse.poem.choose import LATIN, NAMES, form_named
    from muse.poem.english.form import FORMS, OTHER_NAMES, form_of
    from muse.tables.tunes import tunes

    for language, named in (("en", form_of), ("zh", form_named)):
        try:
            named(name)
        except UsageError:
            continue
        return language
    if name in tunes():
        return "zh"
    hint = did_you_mean(name.strip(), (*NAMES, *LATIN, *FORMS, *OTHER_NAMES))
    some = f"choose one of {', '.join((*NAMES, *FORMS))}"
    raise UsageError(f"unknown form {name!r}", "", hint if hint.startswith("did") else some)


def _seen(text: object) -> bool:
    """Whether something of a text is left without blanks and control marks; what is no text is seen, and refused."""
    return not isinstance(text, str) or len(text.strip()) > wishes.dropped(text)


def words_of(value: str | Sequence[str]) -> list[str]:
    """The words of a wish that may be given as one text."""
    return re.split(r"[,，、;；]", value) if isinstance(value, str) else [str(word) for word in value]


def _sheets(value: str | Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word.strip().lower() for word in words_of(value) if word.strip()))
    for kind in found:
        from muse.poem.broadsheet import KINDS

        if kind not in KINDS:
            raise UsageError(f"no sheet as {kind!r}", "it can be " + " or ".join(KINDS), did_you_mean(kind, KINDS))
    return found
