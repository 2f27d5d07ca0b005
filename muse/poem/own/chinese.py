"""Chinese verse of a user's corpus: simplified, cut into its clauses, its form told by shape and tune."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from muse import tables
from muse.poem import corpus
from muse.poem.corpus import LINES_MOST, WIDTH_MOST, PoemRecord
from muse.poem.own.raw import Raw
from muse.poem.vocabulary import COUPLET, SONG
from muse.tables.han import HAN
from muse.tables.simplified import simplify

_HOLES = re.compile(r"[□■○●〇�]")
_ENDS = "，、：,\n"
"""What stands after a clause that ends no sentence."""


def record_of(one: Raw) -> PoemRecord | str:
    """The record of a poem, or why it is none.

    >>> record_of(Raw("", (("白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"),), "登鸛雀樓")).form
    '五绝'
    """
    stanzas = [simplify("\n".join(stanza)) for stanza in one.stanzas]
    text = "\n".join(stanzas)
    if _HOLES.search(text):
        return "characters are missing in it"
    if any(char.isalnum() and not HAN.match(char) for char in text):
        return "not all of it is Chinese"
    lines = tuple(HAN.findall(text))
    if not 2 <= len(lines) <= LINES_MOST or max(map(len, lines)) > WIDTH_MOST:
        return f"it has no shape of verse ({len(lines)} lines of at most {max(map(len, lines), default=0)} characters)"
    dynasty = one.dynasty if one.dynasty in corpus.ERA_OF else one.dynasty[:1]  # 唐代
    fields: dict[str, Any] = {"title": simplify(one.title), "author": simplify(one.author), "dynasty": dynasty}
    if not one.tune and (shaped := corpus.record_of(lines, **fields)):
        return shaped
    tune = tune_of(simplify(one.tune), fields["title"])
    begun, starts = 0, []
    for stanza in stanzas[:-1]:
        begun += len(HAN.findall(stanza))
        starts.append(begun)
    marks = one.closes if len(one.closes) == len(lines) else [part[:1] or "。" for part in HAN.split(text)[1:]]
    closes = tuple(mark not in _ENDS for mark in marks)
    if not any(closes[:-1]) or len(lines) == 2:  # no marks at all: couplets
        closes = tuple(at % 2 == 1 or at == len(lines) - 1 for at in range(len(lines)))
    form = COUPLET if len(lines) == 2 and len(lines[0]) == len(lines[1]) and not tune else SONG
    return PoemRecord(lines, form, **fields, tune=tune, closes=closes, stanzas=() if form == COUPLET else tuple(starts))


def classical(record: PoemRecord) -> bool:
    """Whether a poem has a form of old verse: a known one, or lines all of one width."""
    return record.form != SONG or bool(record.tune) or len(set(map(len, record.lines))) == 1


def tune_of(named: str, title: str) -> str:
    """The tune of a 词: as it was named, or as a title such as 浣溪沙·春情 begins; "" for none."""
    name = "".join(HAN.findall(named))
    head = re.split(r"[·・•\s（(《,，/]", title.strip("《》"))[0]
    return name or (head if head in tunes() else "")


@cache
def tunes() -> frozenset[str]:
    """The names of tunes that muse knows."""
    lines = Path(tables.__file__).with_name("tunes.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.split(" ")[0] for line in lines if line and not line.startswith("#"))


def traditional(one: Raw) -> bool:
    text = "".join(one.lines)
    return simplify(text) != text
