"""Poems from files: the shared JSONL(.xz), chinese-poetry JSON as published, plain text and JSON lines."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from muse.errors import CorpusError
from muse.poem.own.text import unpacked
from muse.poem.vocabulary import SONG
from muse.tables.han import HAN
from muse.tables.simplified import simplify

Split = Literal["train", "valid", "test", "all"]
FORM_OF = {(4, 5): "五绝", (4, 7): "七绝", (8, 5): "五律", (8, 7): "七律"}
ERA_OF = {"隋": "唐", "唐": "唐", "五代十国": "唐", "五代": "唐", "宋": "宋", "辽": "宋", "金": "宋", "元": "元明清",
          "明": "元明清", "清": "元明清"}  # fmt: skip
LINES_MOST, WIDTH_MOST = 64, 15
FAMOUS = 8
"""From this decile of search-engine hits on, of 0 to 9, a poem is well known."""
_SUFFIXES = (".jsonl", ".jsonl.xz", ".json", ".json.xz", ".txt")


@dataclass(frozen=True, slots=True)
class PoemRecord:
    """One poem of a corpus.

    Attributes:
        lines: without punctuation.
        form: 五绝 七绝 五律 七律, or 词.
        tune: of a 词.
        closes: of a 词, whether each line ends a sentence (。！？；).
        stanzas: of a 词, the lines, from 0, that begin another stanza.
        famous: among the best known fifth of its source, or in 唐诗三百首 or 宋词三百首.
    """

    lines: tuple[str, ...]
    form: str
    title: str = ""
    author: str = ""
    dynasty: str = ""
    themes: tuple[str, ...] = ()
    tune: str = ""
    closes: tuple[bool, ...] = ()
    stanzas: tuple[int, ...] = ()
    famous: bool = False

    @property
    def text(self) -> str:
        return "".join(self.lines)

    @property
    def texts(self) -> tuple[str, ...]:
        return self.lines

    @property
    def heading(self) -> str:
        """Tune and title, as far as it has them."""
        return "·".join(part for part in (self.tune, self.title) if part)

    @property
    def era(self) -> str:
        """唐, 宋, 元明清 or ""."""
        return ERA_OF.get(self.dynasty, "")


def read(path: Path | str, split: Split = "all", *, songs: bool = False) -> Iterator[PoemRecord]:
    """The regulated-verse-shaped poems of a file, or of all poem files in a folder and below it, in a fixed order.

    Poems of other shapes and files in other languages are passed over.

    Args:
        songs: poems with the name of a tune are read too, as 词.
        split: by the hash of the poem, "test" is the fiftieth that the shared corpora keep apart, "valid" a hundredth
            of the rest, "train" what remains; "all" every poem.

    Raises:
        CorpusError: nothing there, or a file that is damaged or of another kind.
    """
    path = Path(path)
    if not path.exists():
        raise CorpusError(f"no corpus at {path}", "there is no such file or folder", "give --corpus PATH")
    files = [path] if path.is_file() else [file for file in sorted(path.rglob("*")) if _wanted(file)]
    found = False
    for file in files:
        for record in _records(file, songs):
            found = True
            if split in ("all", split_of(record.lines)):
                yield record
    if not found:
        raise CorpusError(
            f"no poem in {path}", "muse reads 五绝, 七绝, 五律 and 七律", "give JSONL, chinese-poetry JSON or text"
        )


def split_of(lines: tuple[str, ...]) -> Split:
    """The part of a poem, by h, the first 8 hexadecimal digits of the SHA-256 of its joined lines.

    "test" where h mod 10,000 < 200, else "valid" where h mod 100 is 7, else "train".
    """
    digits = int(hashlib.sha256("".join(lines).encode()).hexdigest()[:8], 16)
    return "test" if digits % 10_000 < 200 else "valid" if digits % 100 == 7 else "train"


def lines_of(text: str) -> tuple[str, ...]:
    """The clauses of a text, cut at anything that is not a Han character.

    >>> lines_of("床前明月光，疑是地上霜。")
    ('床前明月光', '疑是地上霜')
    """
    return tuple(HAN.findall(text))


def record_of(lines: tuple[str, ...], **fields: Any) -> PoemRecord | None:
    """The record of a poem, or None where it has none of the four shapes."""
    widths = {len(line) for line in lines}
    form = FORM_OF.get((len(lines), widths.pop())) if len(widths) == 1 else None
    return PoemRecord(lines, form, **fields) if form else None


def _wanted(file: Path) -> bool:
    return file.is_file() and file.name.endswith(_SUFFIXES) and not file.name.startswith("en_")


def _records(file: Path, songs: bool) -> Iterator[PoemRecord]:
    text = _text(file)
    name = file.name.removesuffix(".xz")
    try:
        if name.endswith(".jsonl"):
            values: Any = (json.loads(line) for line in text.splitlines() if line.strip())
        elif name.endswith(".json"):
            values = json.loads(text)
            values = values if isinstance(values, list) else [values]
        else:
            values = (_plain(block) for block in re.split(r"\n\s*\n", text))
        for number, value in enumerate(values):
            record = _record(value, songs)
            if record is not None:
                yield record
            elif number == 0 and isinstance(value, dict) and "lines" not in value and "paragraphs" not in value:
                return
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"cannot read {file}", f"it is not {name.rpartition('.')[2].upper()}: {error}") from error


def _text(file: Path) -> str:
    data = unpacked(file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"cannot read {file}", "it is not UTF-8") from error


def _plain(block: str) -> dict[str, Any]:
    """A poem in plain text: an optional title line (shorter or longer than the rest), then its lines."""
    rows = [row.strip() for row in block.strip().splitlines() if row.strip()]
    lines = lines_of("\n".join(rows))
    if record_of(lines) is None and len(rows) > 1:
        return {"title": rows[0].lstrip("# "), "paragraphs": list(lines_of("\n".join(rows[1:])))}
    return {"paragraphs": list(lines)}


def _record(value: Any, songs: bool = False) -> PoemRecord | None:
    if not isinstance(value, dict):
        return None
    raw = value.get("lines", value.get("paragraphs", ()))
    if not isinstance(raw, list | tuple) or not all(isinstance(line, str) for line in raw):
        return None
    if "lines" not in value:
        raw = lines_of(simplify("\n".join(raw)))
        if re.search(r"[□■○？?]", "".join(value.get("paragraphs", ()))):
            return None
    if not all(HAN.fullmatch(line) for line in raw):
        return None
    themes, tags, known = value.get("themes") or (), value.get("tags"), value.get("pop")
    title = str(value.get("title") or "")
    fields: dict[str, Any] = {
        "title": title if "lines" in value else simplify(title),
        "author": str(value.get("author") or ""),
        "dynasty": str(value.get("dynasty") or ""),
        "themes": tuple(str(theme) for theme in themes) if isinstance(themes, list) else (),
        "famous": (isinstance(known, int) and known >= FAMOUS)
        or (isinstance(tags, list) and any("三百首" in str(tag) for tag in tags)),
    }
    tune = "".join(HAN.findall(simplify(str(value.get("tune") or value.get("rhythmic") or ""))))
    if not songs or not tune:
        return record_of(tuple(raw), **fields)
    ends = str(value.get("punct") or "")
    if "paragraphs" in value and "lines" not in value:
        ends = "".join(after[:1] or "。" for after in HAN.split("\n".join(value["paragraphs"]))[1:])
    starts = value.get("stanza")
    stanzas = tuple(n for n in starts if isinstance(n, int) and 0 < n < len(raw)) if isinstance(starts, list) else ()
    if len(ends) != len(raw) or not 2 <= len(raw) <= LINES_MOST or max(map(len, raw)) > WIDTH_MOST:
        return None
    closes = tuple(end not in "，、：,\n" for end in ends)
    return PoemRecord(tuple(raw), SONG, **fields, tune=tune, closes=closes, stanzas=stanzas)
