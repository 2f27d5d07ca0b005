"""What a poem model learns from in a user's own corpus: read, cleaned, sorted by language, a tenth of it held out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from muse.errors import CorpusError, UsageError
from muse.objective import Source, part_of
from muse.poem.corpus import PoemRecord
from muse.poem.own import chinese, raw
from muse.poem.own.raw import Raw
from muse.poem.own.script import languages

Form = Literal["verse", "prose"]
LEAST = 8
HELD_MOST = 400
SHOWN = 5
"""Reasons that are told in words; the others are counted."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Poems to learn from, and those to judge by.

    Attributes:
        language: "zh", "en", or the code of another.
        room: which model learns them: "zh" and "en" know forms, "script" any text as it stands.
        form: "verse" or "prose".
        train, held: records of the room: PoemRecord, Verse or Piece.
        sources: for the card.
        counts: what was read, by form, and what was passed over.
        notes: the same in words, for people.
    """

    language: str
    room: Literal["zh", "en", "script"]
    form: Form
    train: list[Any]
    held: list[Any]
    sources: tuple[Source, ...]
    counts: Mapping[str, int]
    notes: tuple[str, ...]

    def part(self, split: str) -> list[Any]:
        """Those to learn from ("train"), those held out ("valid"), or "all".

        Raises:
            UsageError: there is no such part.
        """
        return part_of(self.train, self.held, split)


@dataclass(frozen=True, slots=True)
class Piece:
    """A poem or a story in any script, as it stands.

    Attributes:
        stanzas: the lines of each stanza; of prose all its paragraphs in one.
        more: it is not where its story begins; whole: it is where that ends.
    """

    stanzas: tuple[tuple[str, ...], ...]
    title: str = ""
    more: bool = False
    whole: bool = True

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for stanza in self.stanzas for line in stanza)


def gather(path: Path | str, *, form: Form | None = None, room: str | None = None, least: int = LEAST) -> Lessons:
    """The lessons of a file or folder.

    Args:
        form: None lets the length of the lines tell.
        room: that of the bundle to begin from; other poems are then passed over.
        least: fewer poems are refused.

    Raises:
        CorpusError: nothing there, nothing that can be read, or fewer than `least` poems.
    """
    path, notes, left = Path(path), [], Ledger()
    found = list(read_all(path, left, form))
    kinds = languages([" ".join(one.lines) for one in found])
    language = _chosen(kinds, room)
    if language == "ja":  # a Japanese poem may do without kana
        kinds = ["ja" if kind == "zh" else kind for kind in kinds]
    own: list[Raw] = []
    for one, kind in zip(found, kinds, strict=True):
        if kind == language:
            own.append(one)
        else:
            left(one.where, f"it is not in the language of the others ({kind or 'no letters'}, not {language})")
    prose = (form or ("prose" if all(map(_is_prose, own)) else "verse")) == "prose" if own else False
    own = left.unlike(own)
    made = _made(own, language, prose, room, left)
    if len(made) < least:
        raise CorpusError(
            f"{path} holds {len(made)} {'passages of prose' if prose else 'poems'} to learn from, {least} are needed",
            left.words(),
            "give more poems; see the formats in the README",
        )
    chosen: Literal["zh", "en", "script"] = made[0][0]
    train, held = parted([records for _, records in made])
    notes = [*left.said, *([left.words()] if left.count else [])]
    forms = Counter(getattr(record, "form", "") or "other" for record in train + held) if chosen != "script" else {}
    counts = {"poems": len(made), "held": len(held), **forms, **left.as_counts()}
    source = Source(path.name, "as the user holds it", "", "", len(made))
    return Lessons(language, chosen, "prose" if prose else "verse", train, held, (source,), counts, tuple(notes))


class Ledger:
    """What was passed over and why."""

    def __init__(self) -> None:
        self.reasons: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.count: Counter[str] = Counter()

    def __call__(self, where: str, why: str) -> None:
        """Note that a record was passed over; without a place it is only said."""
        if not where:
            self.said.append(why)
            return
        self.count[why.partition(" (")[0]] += 1
        if len(self.reasons) < SHOWN:
            self.reasons.append((where, why))

    def unlike(self, found: Iterable[Raw]) -> list[Raw]:
        """The records without those that stood there before, letter for letter."""
        seen: set[bytes] = set()
        kept: list[Raw] = []
        for one in found:
            key = _hash(one.lines)
            if key in seen:
                self(one.where, "it stood there before")
            else:
                kept.append(one)
            seen.add(key)
        return kept

    def as_counts(self) -> dict[str, int]:
        return {f"left out: {why}": number for why, number in self.count.most_common(12)}

    def words(self) -> str:
        """All of it in one line."""
        if not self.count:
            return "there is no more in it"
        first = "; ".join(f"{where}: {why}" for where, why in self.reasons)
        total = sum(self.count.values())
        return f"{total} passed over: {first}" + (" …" if total > len(self.reasons) else "")


def read_all(path: Path, left: Ledger, form: Form | None) -> Iterable[Raw]:
    """The raw records that have text of a fitting size."""
    prose = raw.looks_like_prose if form is None else lambda text: form == "prose"
    for one in raw.read(path, left, prose):
        lines = one.lines
        if not lines:
            left(one.where, "it has no text")
        elif form == "verse" and max(map(len, lines)) > raw.LONGEST_LINE:
            left(one.where, f"a line of it has {max(map(len, lines)):,} characters")
        elif len(lines) > raw.MOST_LINES and form != "prose" and not _is_prose(one):
            left(one.where, f"it has {len(lines):,} lines")
        else:
            yield one


def parted(poems: Sequence[Sequence[Any]]) -> tuple[list[Any], list[Any]]:
    """(records to learn from, records held out): of all poems the tenth with the smallest hashes, 1 to HELD_MOST."""
    order = sorted(range(len(poems)), key=lambda at: _hash(_text(poems[at])))
    held = set(order[: min(HELD_MOST, max(1, len(poems) // 10))])
    parts: tuple[list[Any], list[Any]] = ([], [])
    for at, records in enumerate(poems):
        parts[at in held].extend(records)
    return parts


def _chosen(kinds: Sequence[str], room: str | None) -> str:
    """The language of most poems, or that of the bundle."""
    count = Counter(kind for kind in kinds if kind)
    if room in ("zh", "en"):
        if not count[room]:
            raise UsageError(
                f"the corpus holds no poem in {room!r}", f"most are in {max(count, default='no language')}",
                "leave --from out, or give another bundle",
            )  # fmt: skip
        return room
    return max(count, key=lambda kind: (count[kind], kind), default="")


def _is_prose(one: Raw) -> bool:
    return raw.looks_like_prose("\n".join(one.lines))


def _made(
    own: Sequence[Raw], language: str, prose: bool, room: str | None, left: Ledger
) -> list[tuple[Literal["zh", "en", "script"], list[Any]]]:
    """The records of each poem, in the room that suits the corpus."""
    if prose or room == "script":
        return [("script", [piece]) for one in own for piece in pieces(one, prose)]
    if language == "zh":
        records = [chinese.record_of(one) for one in own]
        fitting = sum(isinstance(record, PoemRecord) and chinese.classical(record) for record in records)
        if room == "zh" or 2 * fitting >= len(own):
            changed = sum(chinese.traditional(one) for one in own)
            if changed:
                left("", f"{changed} of {len(own)} poems were in traditional characters, and were mapped to simplified")
            return [("zh", [record]) for one, record in zip(own, records, strict=True) if _kept(record, one, left)]
    if language == "en":
        from muse.poem.english.corpus import verses

        seen: set[int] = set()
        found = [(one, verses(_plain(one), seen)) for one in own]
        return [("en", cut) for one, cut in found if _kept(cut or "it reads like no English verse", one, left)]
    return [("script", [piece]) for one in own for piece in pieces(one, prose)]


def _kept(record: Any, one: Raw, left: Ledger) -> bool:
    if isinstance(record, str):
        left(one.where, record)
        return False
    return True


def _plain(one: Raw) -> dict[str, Any]:
    return {"title": one.title, "author": one.author, "year": one.year, "form": one.form.lower(),
            "stanzas": [list(stanza) for stanza in one.stanzas]}  # fmt: skip


def pieces(one: Raw, prose: bool) -> list[Piece]:
    """A record as a piece; a long story in passages, cut between paragraphs and, where one is long, sentences."""
    if not prose:
        return [Piece(one.stanzas, one.title)]
    from muse.poem.script.prose import passages

    found = list(passages(one.lines))
    return [
        Piece((part,), "" if number else one.title, number > 0, number == len(found) - 1)
        for number, part in enumerate(found)
    ]


def _text(records: Sequence[Any]) -> tuple[str, ...]:
    return tuple(line for record in records for line in getattr(record, "texts", None) or record.lines)


def _hash(lines: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).digest()
