"""What holds of a poem in a text or JSON file, by the judge of its language; and what was wished of it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from muse.errors import InputError
from muse.terms import Promise, Report

LARGEST = 60_000
"""Bytes of a poem that is judged at most."""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Verse:
    """What stands in the file of a poem; `form` and `tune` as the file tells them."""

    language: str
    lines: tuple[str, ...]
    stanzas: tuple[int, ...] = ()
    title: str = ""
    form: str = ""
    tune: str = ""
    notes: tuple[str, ...] = ()


def judged(name: str, data: bytes, request: Mapping[str, Any], form: str | None = None) -> Report:
    """The report of a poem.

    Args:
        name: of the file: .txt or .json.
        request: what was asked of the poem, from its recipe; {} where it has none.
        form: asked by whoever has it judged; it goes before that of the request.

    Raises:
        InputError: no poem is in it, or it is too long, or has characters that cannot be seen.
        UsageError: an unknown form.
    """
    verse = read(name, data)
    wanted = form or request.get("form") or None
    report = Report(findings=verse.notes)
    if verse.language == "zh":
        if request.get("melody") and not wanted:
            from muse.poem.referee import recognise

            wanted = recognise(verse.lines) or "自度曲"
        report += _chinese(verse, wanted, str(request.get("tune") or ""), str(request.get("rhyme_book") or ""))
    elif verse.language == "en":
        from muse.poem.english.referee import judge

        report += judge(verse.lines, wanted)
    else:
        shape = f"{len(verse.lines)} lines"
        report += Report(
            (Promise("form", wanted or shape, shape, True),), ("no rule of verse in this script is known",)
        )
    if request:
        from muse.poem.referee.wished import promises

        report += promises(verse.lines, request)
    if request.get("melody") and verse.language in ("zh", "en"):
        from muse.verbs.song import kept

        report += kept(request["melody"], verse.language, verse.lines)
    return report


def read(name: str, data: bytes) -> Verse:
    """The poem in a file.

    Raises:
        InputError: as `judged`.
    """
    from muse.poem.layout import language_of, verse_of

    if len(data) > LARGEST:
        raise InputError(f"{name} is too long for a poem", f"{LARGEST:,} bytes are the limit", "give one poem")
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text) if name.endswith(".json") else None
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read {name}", str(error), "give UTF-8 text or a poem.json") from error
    if value is not None:
        return _seen(name, _from_json(name, value))
    _seen(name, Verse("", (text,)))
    if language_of(text) == "zh":
        from muse.poem.referee import read as read_sheet

        sheet = read_sheet(text)
        if not sheet.lines:
            raise InputError(f"no poem in {name}", "there is no Chinese line in it", "give the lines of a poem")
        return Verse("zh", sheet.lines, sheet.stanzas, sheet.title, notes=sheet.notes)
    head, gap, rest = text.strip().partition("\n\n")
    found = verse_of((rest if gap and "\n" not in head and rest.strip() else text).split("\n"))
    if not any(character.isalpha() for line in found.lines for character in line):
        raise InputError(f"no poem in {name}", "there is no line of verse in it", "give the lines of a poem")
    return Verse(found.language, found.lines, found.stanzas, head if gap else "")


def _from_json(name: str, value: Any) -> Verse:
    from muse.poem.layout import language_of

    lines = value.get("lines") if isinstance(value, dict) else None
    if not isinstance(lines, list) or not lines or not all(isinstance(line, str) for line in lines):
        raise InputError(f"no poem in {name}", "it has no list of lines", "give a poem.json of muse")
    told = {key: value[key] for key in ("language", "title", "form", "tune") if isinstance(value.get(key), str)}
    stanzas = value.get("stanzas")
    starts = [at for at in stanzas if isinstance(at, int)] if isinstance(stanzas, list) else []
    told.setdefault("language", language_of("\n".join(lines)))
    return Verse(lines=tuple(lines), stanzas=tuple(at for at in starts if 0 < at < len(lines)), **told)


def _seen(name: str, verse: Verse) -> Verse:
    """The verse, if all of it can be seen."""
    hidden = _UNSEEN.search("\n".join(verse.lines))
    if hidden:
        sign = unicodedata.name(hidden[0], f"U+{ord(hidden[0]):04X}")
        raise InputError(f"{name} has a character that cannot be seen", sign, "take it out")
    return verse


def _chinese(verse: Verse, form: str | None, tune: str, rhyme_book: str) -> Report:
    """The report under the book that was asked, or that of the form; then a finding for each book."""
    from muse.poem.referee import TITLES, judge, titled, under, verdict

    if form in (None, "词") and not tune:
        tune = titled(verse.tune or verse.title, verse.lines)
    starts = verse.stanzas if len(verse.stanzas) < 4 else ()
    own = verse.form if verse.form in ("自度曲", "prose") else None
    report = judge(verse.lines, form or own, rhyme_book, tune=tune, stanzas=starts)
    if len(report.promises) < 2:
        return report
    table = []
    for book, each in under(verse.lines, form, tune=tune, stanzas=starts).items():
        broken = [promise.name for promise in each.promises if promise.kept is False]
        places = [str(one) for one in each.breaks if one.sure]
        why = f" ({', '.join(broken)}: {_shortened(places)})" if broken else ""
        table.append(f"under {TITLES[book]} ({book}): {verdict(each.report())}{why}")
    return report + Report(findings=tuple(table))


def _shortened(places: Sequence[str]) -> str:
    return "; ".join(places[:4]) + (f"; {len(places) - 4} more" if len(places) > 4 else "")
