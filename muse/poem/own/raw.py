"""Files of poems or stories, of many kinds, as raw records: TXT, JSON, JSON lines, CSV, TSV, and folders of these.

A record that cannot be read is noted, with file and line, and passed over; so is a file. In plain text

- lines of *** or ---, two empty lines together and headings (# Title) stand between poems; where there are none of
  these, an empty line does, unless lines of their own (titles) stand before the stanzas;
- a title is a line of its own, or a first line that is marked as one (#, 《》) or too unlike the others for a verse;
- a story is a whole file, or what stands between such marks.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from muse.errors import CorpusError, InputError
from muse.poem.own.text import clean, text_of

SUFFIXES = (".txt", ".md", ".json", ".jsonl", ".ndjson", ".csv", ".tsv")
LONGEST_LINE = 400
"""Characters of a line of verse; a longer one is none."""
MOST_LINES = 2000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "name", "题目", "標題", "标题", "诗名", "題名", "タイトル", "titre", "título", "titel",
              "название"),
    "author": ("author", "poet", "writer", "authorname", "作者", "诗人", "詩人", "auteur", "autor", "автор"),
    "text": ("lines", "stanzas", "paragraphs", "text", "content", "poem", "verse", "story", "body", "内容", "內容",
             "正文", "诗句", "全文", "原文", "本文", "詩", "texte", "texto", "текст"),
    "form": ("form", "体裁", "體裁", "形式"),
    "tune": ("tune", "rhythmic", "词牌", "詞牌", "词牌名", "cipai"),
    "dynasty": ("dynasty", "era", "朝代"),
    "year": ("year", "date", "年"),
    "punct": ("punct",),
    "stanza": ("stanza",),
}  # fmt: skip
"""What a column or key may be called."""
CLAUSE = 12
"""Characters of a clause of Chinese verse."""
_CUT = re.compile(
    r"\n(?:[ \t]*\n){2,}|\n[ \t]*(?:[*＊]{3,}|[*＊](?: [*＊]){2,}|-{3,}|={3,}|~{3,}|§+|—{3,})[ \t]*(?=\n)|\f"
)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+)$", re.M)
_BY = re.compile(r"^(?:作者|by|author|—|–|--)\s*[:：]?\s*(\S.{0,40})$", re.I)
_OF_DYNASTY = re.compile(
    r"^[\[〔【（(]?(先秦|汉|魏晋|南北朝|隋|唐|五代|宋|金|元|明|清)(?:代|朝)?[\]〕】）)·・:：\s]+(\S{2,6})$"
)
_STOP = re.compile("[，。！？；,.;!?]")


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it was found.

    Attributes:
        where: file and line, for people.
        stanzas: the lines of each stanza, of prose the paragraphs in one.
        closes: one mark a line, where the source keeps them apart from the lines.
    """

    where: str
    stanzas: tuple[tuple[str, ...], ...]
    title: str = ""
    author: str = ""
    dynasty: str = ""
    form: str = ""
    tune: str = ""
    year: int = 0
    closes: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for stanza in self.stanzas for line in stanza)


Note = Callable[[str, str], None]
"""Called with (where, why) for what was passed over, and with ("", what) for what is to be said."""


def files_of(path: Path) -> list[Path]:
    """The files that may hold poems, in a fixed order.

    Raises:
        CorpusError: there is none.
    """
    if not path.exists():
        raise CorpusError(f"no corpus at {path}", "there is no such file or folder", "give --corpus PATH")
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    kept = [file for file in found if file.name.removesuffix(".xz").endswith(SUFFIXES) and file.name[0] != "."]
    if not kept:
        raise CorpusError(f"no poem file in {path}", "muse reads " + " ".join(SUFFIXES), "give --corpus PATH")
    return kept


def read(path: Path, note: Note, prose: Callable[[str], bool]) -> Iterator[Raw]:
    """The records of a file, or of every file in a folder and below it.

    Args:
        prose: whether a plain text is a story.
    """
    for file in files_of(path):
        name = file.name if path.is_file() else file.relative_to(path).as_posix()
        try:
            found = text_of(file)
            if found.encoding != "UTF-8":
                note("", f"{name} was read as {found.encoding}")
            if found.stray:
                note("", f"{found.stray} control characters were left out of {name}")
            kind = name.removesuffix(".xz").rpartition(".")[2]
            if kind in ("txt", "md"):
                yield from (stories if prose(found.text) else poems)(found.text, name)
            else:
                values = {"json": _json, "csv": _table, "tsv": _table}.get(kind, _lines)(found.text, name, note)
                for where, value in values:
                    yield from record(value, where, note)
        except (InputError, CorpusError) as error:
            if path.is_file():
                raise
            note(name, f"{error.why or error.what}")


def _json(text: str, name: str, note: Note) -> Iterator[tuple[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"cannot read {name}", f"it is not JSON: {error}") from error
    if isinstance(value, dict) and not _named(value, "text"):
        value = next((part for part in value.values() if isinstance(part, list)), [value])
    for number, part in enumerate(value if isinstance(value, list) else [value], 1):
        yield f"{name}, record {number}", part


def _lines(text: str, name: str, note: Note) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                note(f"{name}:{number}", "it is not JSON")
                continue
            yield f"{name}:{number}", value


def _table(text: str, name: str, note: Note) -> Iterator[tuple[str, Any]]:
    head = text.partition("\n")[0]
    mark = "\t" if name.endswith((".tsv", ".tsv.xz")) else max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    try:
        names = [cell.strip() for cell in next(rows, [])]
    except csv.Error as error:
        raise CorpusError(f"cannot read {name}", f"it is no table: {error}") from error
    if len(names) > 1 and not _named(dict.fromkeys(names, "x"), "text"):
        raise CorpusError(
            f"no column of {name} holds the poems",
            "they are " + ", ".join(names[:12]),
            "name one text, lines or content; others may be title, author, form, tune",
        )
    if len(names) == 1 and not _named({names[0]: "x"}, "text"):
        yield f"{name}:1", names[0]
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            note(f"{name}:{rows.line_num}", f"it is no row: {error}")
            continue
        if any(cell.strip() for cell in row):
            if len(row) > len(names):
                note(f"{name}:{rows.line_num}", f"it has {len(row)} columns, not {len(names)}")
            elif len(names) == 1:
                yield f"{name}:{rows.line_num}", row[0]
            else:
                yield f"{name}:{rows.line_num}", dict(zip(names, row, strict=False))


def record(value: Any, where: str, note: Note) -> Iterator[Raw]:
    """The record of one value of JSON, or row of a table; none where there is no text in it."""
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        note(where, "it is neither an object nor a text")
        return
    stanzas = _stanzas(_named(value, "text"))
    if stanzas is None:
        note(where, "it has no text, lines or content")
        return
    starts = _named(value, "stanza")
    if len(stanzas) == 1 and isinstance(starts, list) and all(isinstance(at, int) for at in starts):
        whole = stanzas[0]
        bounds = [0, *(at for at in sorted(set(starts)) if 0 < at < len(whole)), len(whole)]
        stanzas = tuple(whole[begin:end] for begin, end in pairwise(bounds))
    year = re.search(r"\d{4}", str(_named(value, "year") or ""))
    named = {name: " ".join(clean(str(_named(value, name) or ""))[0].split())[:200]
             for name in ("title", "author", "dynasty", "form", "tune", "punct")}  # fmt: skip
    yield Raw(
        where, stanzas, named["title"], named["author"], named["dynasty"], named["form"], named["tune"],
        int(year.group()) if year else 0, named["punct"],
    )  # fmt: skip


def _named(value: Mapping[str, Any], kind: str) -> Any:
    """The first value under one of the names of a kind."""
    low = {key.strip().lower(): found for key, found in value.items() if isinstance(key, str)}
    return next((low[name] for name in COLUMNS[kind] if low.get(name) not in (None, "", [])), None)


def _stanzas(value: Any) -> tuple[tuple[str, ...], ...] | None:
    """The stanzas of a text, of a list of lines (some with line breaks), or of a list of stanzas."""
    if isinstance(value, str):
        lines = value if "\n" in value else re.sub(r"\s+/\s+", "\n", value)
        return _cut(clean(lines)[0])
    if not isinstance(value, list):
        return None
    if value and all(isinstance(part, dict | list) for part in value):
        parts = [part.get("lines") if isinstance(part, dict) else part for part in value]
        found = [_stanzas(part) for part in parts if isinstance(part, list)]
        return tuple(stanza for part in found for stanza in part or ())
    if not all(isinstance(line, str) for line in value):
        return None
    return _cut(clean("\n".join(value))[0])


def _cut(text: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a text by stanza; none is empty."""
    stanzas = (tuple(line.strip() for line in part.split("\n") if line.strip()) for part in re.split(r"\n\s*\n", text))
    return tuple(stanza for stanza in stanzas if stanza)


def poems(text: str, name: str) -> Iterator[Raw]:
    """The poems of a plain text."""
    text = _HEADING.sub(_as_title, text)
    parts = [(at, part) for at, part in _parts(text) if part.strip()]
    if len(parts) > 1:
        groups = [(at, _blocks(part, at)) for at, part in parts]
    else:
        blocks = _blocks(text, 1)
        heads = [number for number, (_, block) in enumerate(blocks[:-1])
                 if _is_title(block, blocks[number + 1][1])]  # fmt: skip
        starts = heads if heads and heads[0] == 0 else range(len(blocks))
        groups = [(blocks[begin][0], blocks[begin:end]) for begin, end in pairwise([*starts, len(blocks)])]
    for at, blocks in groups:
        found = _titled([block for _, block in blocks])
        if found is not None:
            title, author, dynasty, stanzas = found
            yield Raw(f"{name}:{at}", stanzas, title, author, dynasty)


def stories(text: str, name: str) -> Iterator[Raw]:
    """The stories of a plain text; their paragraphs stand apart by empty lines, or each on a line."""
    text = _HEADING.sub(_as_title, text)
    for at, part in _parts(text):
        blocks = _cut(part)
        if len(blocks) < max(2, sum(map(len, blocks)) // 12):
            blocks = tuple((line,) for block in blocks for line in block)
        title = ""
        if len(blocks) > 1 and len(blocks[0]) == 1 and (marked := _marked(blocks[0][0], len("".join(blocks[1])))):
            title, blocks = marked, blocks[1:]
        joined = tuple(_unwrapped(block) for block in blocks)
        if joined:
            yield Raw(f"{name}:{at}", (joined,), title)


def _as_title(heading: re.Match[str]) -> str:
    """A heading as the first line of a part of its own."""
    return "\f\n《" + heading.group(1).strip().strip("《》") + "》"


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """What stands between the marks that part poems, each with its first line's number from 1."""
    begin, line = 0, 1
    for match in [*_CUT.finditer("\n" + text), None]:
        end = len(text) if match is None else max(begin, match.start() - 1)
        part = text[begin:end]
        lead = len(part) - len(part.lstrip("\n"))
        if part.strip():
            yield line + text.count("\n", 0, begin + lead), part
        if match is not None:
            begin = max(begin, match.end() - 1)


def _blocks(text: str, line: int) -> list[tuple[int, tuple[str, ...]]]:
    """The blocks between empty lines, each with its first line's number."""
    found: list[tuple[int, tuple[str, ...]]] = []
    held: list[str] = []
    for number, row in enumerate([*text.lstrip("\n").split("\n"), ""], line):
        if row.strip():
            held.append(row.strip())
        elif held:
            found.append((number - len(held), tuple(held)))
            held = []
    return found


def _is_title(block: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Whether a block is a line of its own that names the one after it."""
    return len(block) == 1 and (len(after) > 1 or bool(_STOP.search(after[0]))) and bool(_marked(block[0], 60))


def _marked(line: str, room: int) -> str:
    """The title that a line is, "" where it reads like a part of the text."""
    bare = line.strip("《》# \t*_")
    if line.startswith(("《", "#")):
        return bare
    return bare if bare and len(bare) <= min(60, room) and not _STOP.search(bare.rstrip(".…!?！？")) else ""


def _titled(blocks: Sequence[tuple[str, ...]]) -> tuple[str, str, str, tuple[tuple[str, ...], ...]] | None:
    """(title, author, dynasty, stanzas) of the blocks of one poem."""
    rows = [list(block) for block in blocks]
    title = author = dynasty = ""
    if len(rows) > 1 and len(rows[0]) == 1 and _marked(rows[0][0], 60):
        title = _marked(rows.pop(0)[0], 60)
    elif len(rows[0]) > 1 and (rows[0][0].startswith(("《", "#")) or _heads(rows[0])):
        author = rows[0].pop(1) if _heads(rows[0]) == 2 else ""
        title = rows[0].pop(0).strip("《》# \t*_")
    first = author or (rows[0][0] if sum(map(len, rows)) > 1 else "")
    of, by = _OF_DYNASTY.match(first), _BY.match(first)
    if (of or by) and not author:
        rows[0].pop(0)
    if of:
        dynasty, author = of.group(1), of.group(2)
    elif by:
        author = by.group(1)
    stanzas = tuple(tuple(row) for row in rows if row)
    return (title, author, dynasty, stanzas) if stanzas else None


def _heads(rows: Sequence[str]) -> int:
    """How many of the first lines are title and author: in capitals, or bare before lines that all end in marks.

    Bare lines tell nothing in an alphabet, where many verses end without a mark.
    """
    if len(rows) > 2 and (_OF_DYNASTY.match(rows[1]) or _BY.match(rows[1])) and len(rows[0]) <= 60:
        return 2
    if rows[0].isupper() and len(rows[0]) <= 60 and not any(row.isupper() for row in rows[1:]):
        return 1
    for heads in (1, 2):
        head, rest = rows[:heads], rows[heads:]
        wide = ord(rows[0][0]) >= 0x2E80 and max(map(len, head)) <= 20 and not any(_STOP.search(row) for row in head)
        if rest and wide:
            widths = {len(row) for row in rest}
            bare = len(rest) > 1 and len(widths) == 1 and len(rows[heads - 1]) not in widths
            if bare or all(_STOP.search(row[-1]) for row in rest):
                return heads
    return 0


def _unwrapped(block: Sequence[str]) -> str:
    """The lines of a paragraph as one; no space where letters stand without."""
    out = block[0]
    for line in block[1:]:
        out += ("" if ord(out[-1]) >= 0x2E80 or ord(line[0]) >= 0x2E80 else " ") + line
    return out


def looks_like_prose(text: str) -> bool:
    """Whether most of a text stands in long lines, or in lines that were wrapped: they go on in small letters.

    A line of Chinese is long where a clause of it is; a whole poem may stand on one.
    """
    lines = [line.strip() for line in text[:200_000].split("\n") if line.strip()]
    total = sum(map(len, lines))
    long = sum(len(line) for line in lines if _is_long(line))
    wrapped = sum(line[0].islower() for line in lines) > 0.6 * len(lines) and total > 45 * len(lines)
    return long > total / 2 or wrapped


def _is_long(line: str) -> bool:
    if sum(ord(char) >= 0x2E80 for char in line[:400]) * 3 > len(line[:400]):
        return len(line) > 40 and max(map(len, re.split(r"\W+", line))) > CLAUSE
    return len(line) > 90
