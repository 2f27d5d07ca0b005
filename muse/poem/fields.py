"""From wishes to the prefix of a poem, and to words: what the model is told, what must be there, what must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from muse.errors import UsageError, WishError, did_you_mean
from muse.poem.choose import book_of
from muse.poem.given import GAP, clauses, numbered
from muse.poem.prefix import Fields, clean_title, mood_signs
from muse.poem.score import Score
from muse.poem.sounds import Characters
from muse.poem.vocabulary import ERAS, Vocabulary
from muse.poem.wishes import Wishes
from muse.tables.books import BOOKS, family
from muse.tables.han import HAN
from muse.tables.lexicon import interpret, labels
from muse.tables.rhyme import book
from muse.tables.simplified import simplify

TITLE_LONGEST = 12
THEME_KEYS = 2
"""Keywords that the theme lends where fewer are wished."""
ERA_NAMES = {
    "隋": "唐", "五代": "唐", "唐代": "唐", "唐朝": "唐", "tang": "唐", "辽": "宋", "金": "宋", "宋代": "宋",
    "宋朝": "宋", "song": "宋", "元": "元明清", "明": "元明清", "清": "元明清", "yuan": "元明清", "ming": "元明清",
    "qing": "元明清",
}  # fmt: skip
WELL_KNOWN = ("李白", "杜甫", "王维", "白居易", "李商隐", "苏轼", "辛弃疾", "李清照", "陆游", "纳兰性德")
Keyword = tuple[int, str]
"""(the line from 1, or 0 for any; the word)"""


def title_of(wishes: Wishes) -> str:
    """The title asked for; else the theme, where it is Chinese; else its Chinese keywords."""
    if wishes.title is not None:
        return wishes.title
    theme = wishes.theme
    if HAN.search(theme.text):
        return theme.text[:TITLE_LONGEST]
    return "".join(theme.zh[:2])[:4] or theme.text[: 3 * TITLE_LONGEST]


def fields_of(
    wishes: Wishes, score: Score, characters: Characters, keywords: Iterable[Keyword], forbidden: Iterable[str] = ()
) -> Fields:
    """The prefix: what of the wishes the model has learned to follow.

    Raises:
        UsageError: an unknown era, author or rhyme.
    """
    theme, title = wishes.theme, clean_title(title_of(wishes))
    rows: dict[str, int] = {}
    for line, word in keywords:
        rows[word[:2]] = line or rows.get(word[:2], 0)
    for word in theme.zh:
        if (
            len(rows) < THEME_KEYS
            and len(word) <= 2
            and word not in title
            and not any(one in word for one in forbidden)
        ):
            rows.setdefault(word, 0)
    found = labels(simplify(theme.text)) or labels("".join(theme.zh))
    return Fields(
        form=score.outline.form,
        era=_era(wishes.era),
        mood=mood_signs(wishes.mood),
        themes=tuple(found[:2]),
        keys=tuple(rows),
        title=title,
        tune=score.tune,
        author=_author(wishes.author, characters.vocabulary),
        rhyme=_rhyme(wishes, score, characters),
        length=score.shape.length if score.shape else "",
        key_rows=tuple(rows.values()),
    )


def keywords_of(wishes: Wishes) -> Iterator[Keyword]:
    """The keywords, English ones by the Chinese image that the lexicon has for them.

    Raises:
        UsageError: one is not Chinese, and the lexicon does not know it.
        WishError: one names line 0.
    """
    for wish in wishes.keywords:
        line, word = numbered(wish)
        if not line and word != wish:
            raise WishError("lines count from 1", f"{wish!r} names line 0", "name another line")
        if not HAN.search(word):
            word = next(iter(interpret(word).theme.zh), "")
        if not (word := "".join(clauses(word)).replace(GAP, "")):
            raise UsageError(f"the keyword {wish!r} has no Chinese character", "", "give a Chinese word")
        yield line, word


def forbidden_of(wishes: Wishes) -> Iterator[str]:
    """The characters and words that are not to be written, in simplified script.

    Raises:
        UsageError: one is not Chinese.
    """
    for wish in wishes.forbid:
        if not (word := "".join(HAN.findall(simplify(wish)))):
            raise UsageError(f"{wish!r}, which is forbidden, has no Chinese character", "", "give a Chinese word")
        yield word


def rhymes_named(name: str, characters: Characters) -> frozenset[str]:
    """The rhymes that a wish names: a group, a part of both tones, or a character that stands for its groups.

    Raises:
        UsageError: the book has none of that name.
    """
    key = simplify(name).strip().removesuffix("韵").removeprefix("上平").removeprefix("下平")
    found = {rhyme for rhyme in characters.level if key in (rhyme, family(rhyme, characters.book))}
    head = key if len(key) == 1 else key[-1:] if key in {group.group for group, _ in book()} else ""
    if not found and head:  # 七阳 of 平水韵 is named by 阳, whatever the book
        found = {sound.rhyme for sound in characters.readings(head)}
    if not found:
        names = dict.fromkeys(family(rhyme, characters.book) for rhyme in characters.level)
        hint = did_you_mean(key, names)
        if not hint.startswith("did"):
            hint = f"name a group such as {'、'.join(list(names)[:6])}, or a character of it"
        raise UsageError(f"unknown rhyme {name!r}", f"{BOOKS[characters.book]} has {len(names)} groups", hint)
    return frozenset(found)


def _rhyme(wishes: Wishes, score: Score, characters: Characters) -> str:
    """The wished rhyme as the model knows it: a group of 平水韵, of 词 a part of 词林正韵."""
    if not wishes.rhyme or characters.book != book_of(replace(wishes, rhyme_book=""), score.form):
        return ""
    named = {name if characters.book == "pingshui" else family(name, characters.book)
             for name in rhymes_named(wishes.rhyme, characters)}  # fmt: skip
    return min(named) if len(named) == 1 else ""


def _era(name: str) -> str:
    key = simplify(name).strip().lower()
    found = ERA_NAMES.get(key, key)
    if found and found not in ERAS:
        raise UsageError(f"unknown era {name!r}", "", did_you_mean(key, [*ERAS, *ERA_NAMES]))
    return found


def _author(name: str, vocabulary: Vocabulary) -> str:
    key = "".join(HAN.findall(simplify(name))) or name.strip()
    if key and vocabulary.mark("author", key) is None:
        known = [token[8:-1] for token in vocabulary.tokens[: vocabulary.first] if token.startswith("<author:")]
        near = get_close_matches(key, known, n=3, cutoff=0.5)  # of two characters one may be wrong
        some = [one for one in WELL_KNOWN if one in known]
        raise UsageError(
            f"the model does not know the manner of {name!r}", f"it knows {len(known)} poets",
            f"did you mean {'、'.join(near)}?" if near else f"such as {'、'.join(some)}" if some else "leave it out",
        )  # fmt: skip
    return key
