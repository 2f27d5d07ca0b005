"""English poems from the shared JSONL(.xz) files, cleaned, cut to a readable length, each stanza once."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from string import capwords
from typing import Any, Literal

from muse.errors import CorpusError
from muse.poem.english import scan
from muse.poem.english.blocked import wounds
from muse.poem.english.text import parts, rendered, words_of
from muse.poem.own.text import unpacked
from muse.tables.english import pronunciations

Split = Literal["train", "valid", "test", "all"]
LINES = 28
POETS = frozenset(
    """
    William Shakespeare, John Donne, Ben Jonson, Robert Herrick, George Herbert, John Milton, Andrew Marvell,
    Richard Lovelace, Alexander Pope, Thomas Gray, William Blake, Robert Burns, William Wordsworth,
    Samuel Taylor Coleridge, Walter Scott, George Gordon Byron, Percy Bysshe Shelley, John Keats, John Clare,
    Thomas Hood, Ralph Waldo Emerson, Elizabeth Barrett Browning, Henry Wadsworth Longfellow, Edgar Allan Poe,
    Alfred Tennyson,
    Robert Browning, Edward Lear, Emily Brontë, Walt Whitman, Matthew Arnold, Dante Gabriel Rossetti, Emily Dickinson,
    Christina Georgina Rossetti, Lewis Carroll, Algernon Charles Swinburne, Thomas Hardy, Gerard Manley Hopkins,
    Robert Louis Stevenson, A. E. Housman, Rudyard Kipling, W. B. Yeats, D. H. Lawrence, Edwin Arlington Robinson,
    Robert Frost, Rupert Brooke, Wilfred Owen
    """.replace("\n    ", " ").strip().split(", ")
)  # fmt: skip
"""Authors of whom a reader may know a poem by its title."""
STRANGE = 0.12
"""A passage in which more than this share of the words is unknown is left out: dialect, or another language."""


@dataclass(frozen=True, slots=True)
class Verse:
    """One poem, or a passage of a long one.

    Attributes:
        lines: the parts of each line, see `muse.poem.english.text.parts`.
        breaks: numbers of the lines, from 1 on, before which a new stanza begins.
        form, scheme, foot, length: as `muse.poem.english.vocabulary` names them.
        opening: it begins where its poem begins.
        year: 0 where unknown.
    """

    lines: tuple[tuple[str, ...], ...]
    breaks: tuple[int, ...]
    form: str
    scheme: str
    foot: str
    length: str
    title: str = ""
    author: str = ""
    year: int = 0
    opening: bool = True

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(rendered(line) for line in self.lines)

    @property
    def heading(self) -> str:
        """The title, its words with capitals."""
        return capwords(self.title)

    @property
    def famous(self) -> bool:
        """Whether it opens a poem with a title, or a sonnet, of one of the POETS."""
        return self.opening and self.author in POETS and bool(self.title or self.form == "sonnet")


def read(path: Path | str, split: Split = "all") -> Iterator[Verse]:
    """The passages of one part, see `parted`; "all" gives every one."""
    return (verse for part, verse in parted(path) if split in ("all", part))


def parted(path: Path | str) -> Iterator[tuple[Split, Verse]]:
    """The passages of the English poems of a file, or of the `en_*.jsonl*` files of a folder and below it.

    Each comes with the part that the hash of its whole poem gives it, see `split_of`. Files of named forms come first;
    a stanza of which half the lines stood in an earlier passage is left out.

    Raises:
        CorpusError: nothing there, or a damaged file.
    """
    path = Path(path)
    files = (
        [path]
        if path.is_file()
        else sorted(path.rglob("en_*.jsonl*"), key=lambda file: ("gutenberg" in file.name, file))
    )
    files = [file for file in files if "rhymedata" not in file.name or file == path]
    if not files:
        raise CorpusError(f"no English verse at {path}", "there is no en_*.jsonl file", "give --corpus PATH")
    seen: set[int] = set()
    for file in files:
        for poem in _poems(file):
            if flat := [line for stanza in _stanzas(poem) for line in stanza]:
                part = split_of(flat)
                for verse in verses(poem, seen):
                    yield part, verse


def verses(poem: dict[str, Any], seen: set[int]) -> list[Verse]:
    """The passages of one record, without the stanzas that stood there before.

    Args:
        seen: keys of all lines so far; those of this poem join them.
    """
    return list(passages([_new(_fit(stanza), seen) for stanza in _stanzas(poem)], poem))


def split_of(lines: Sequence[str]) -> Split:
    """The part of a poem, by h, the first 8 hexadecimal digits of the SHA-256 of its lines joined by line breaks.

    "test" where h mod 10,000 < 200, else "valid" where h mod 100 is 7, else "train".
    """
    digits = int(hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8], 16)
    return "test" if digits % 10_000 < 200 else "valid" if digits % 100 == 7 else "train"


def passages(stanzas: Iterable[list[tuple[str, ...]]], poem: dict[str, Any]) -> Iterator[Verse]:
    """A poem in passages of at most LINES lines, cut between stanzas where that can be; an empty stanza ends one."""
    waiting: list[list[tuple[str, ...]]] = []
    opening = True
    for stanza in (piece for whole in [*stanzas, []] for piece in (_cut(whole) if whole else [[]])):
        if waiting and (not stanza or sum(map(len, waiting)) + len(stanza) > LINES):
            verse = described(waiting, poem, opening)
            if verse is not None:
                yield verse
            waiting, opening = [], False
        if stanza:
            waiting.append(stanza)


def described(stanzas: Sequence[list[tuple[str, ...]]], poem: dict[str, Any], opening: bool) -> Verse | None:
    """The record of some stanzas; None where they are too short or in a language that is not known."""
    lines = tuple(line for stanza in stanzas for line in stanza)
    breaks: list[int] = []
    for stanza in stanzas[:-1]:
        breaks.append((breaks[-1] if breaks else 0) + len(stanza))
    words = [words_of(line) for line in lines]
    strange = sum(not pronunciations(word) for line in words for word in line) / max(1, sum(map(len, words)))
    if len(lines) < 3 or strange > STRANGE:
        return None
    ends = [line[-1] for line in words]
    scheme = scan.scheme(ends, breaks)
    foot, length = scan.feet(words)
    form = poem.get("form", "")
    if form == "sonnet" and len(lines) == 14:
        scheme = scan.sonnet(ends)
    elif form not in ("ballad", "limerick"):
        form = _form(scheme, foot, length, breaks, len(lines))
    year = int(poem.get("year") or 0)
    return Verse(lines, tuple(breaks), form, scheme, foot, length, _title(poem), _author(poem), year, opening)


def _form(scheme: str, foot: str, length: str, breaks: Sequence[int], lines: int) -> str:
    fours = all(at % 4 == 0 for at in breaks) and lines % 4 == 0
    if scheme == "none":
        return (
            "blank"
            if foot == "iambic" and length == "5"
            else "free"
            if length == "mixed" or foot == "loose"
            else "verse"
        )
    if fours and length == "4-3" and scheme in ("ABCB", "ABAB"):
        return "ballad"
    if scheme == "AABB" and not (fours and breaks):
        return "couplets"
    if fours and scheme in ("ABAB", "ABBA", "AABB", "ABCB", "AAAA"):
        return "quatrains"
    return "limerick" if scheme == "AABBA" and lines == 5 and foot == "triple" else "verse"


def _poems(file: Path) -> Iterator[dict[str, Any]]:
    data = unpacked(file)
    try:
        for line in data.decode("utf-8").splitlines():
            value = json.loads(line) if line.strip() else None
            if isinstance(value, dict):
                yield value
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"cannot read {file}", f"it is damaged: {error}") from error


def _stanzas(poem: dict[str, Any]) -> list[list[str]]:
    if isinstance(stanzas := poem.get("stanzas"), list):
        found = [stanza.get("lines", []) if isinstance(stanza, dict) else stanza for stanza in stanzas]
    else:
        lines = poem.get("lines") or []
        bounds = [0, *(at for at in poem.get("stanza") or [] if 0 < at < len(lines)), len(lines)]
        found = [lines[a:b] for a, b in pairwise(bounds)]
    return [[str(line) for line in stanza if str(line).strip()] for stanza in found]


def _fit(stanza: Sequence[str]) -> list[tuple[str, ...]]:
    """The parts of a stanza's lines; [] where one of them is no verse, wounds, or is no line but a heading."""
    found = []
    for line in stanza:
        made = parts(line)
        words = words_of(made or ())
        if made is None or not words or len(words) > 24 or any(map(wounds, words)):
            return []
        found.append(tuple(made))
    heading = len(stanza) == 1 and (stanza[0].isupper() or len(words_of(found[0])) < 3)
    return [] if heading else found


def _new(stanza: list[tuple[str, ...]], seen: set[int]) -> list[tuple[str, ...]]:
    keys = {_key(" ".join(words_of(line))) for line in stanza}
    old = len(keys & seen)
    seen |= keys
    return [] if old * 2 >= len(keys) else stanza


def _key(line: str) -> int:
    return int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "little")


def _cut(stanza: list[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """A long stanza in pieces, cut after the end of a sentence where there is one."""
    pieces = []
    while len(stanza) > LINES:
        stops = [at + 1 for at in range(LINES // 2 - 1, LINES) if stanza[at][-1] in ".!?"]
        at = stops[-1] if stops else LINES
        pieces.append(stanza[:at])
        stanza = stanza[at:]
    return [*pieces, stanza]


@lru_cache(maxsize=1 << 14)
def _name(author: str) -> str:
    """The name without what stands in brackets and without a doubled last name."""
    words = re.sub(r"\s*\(.*?\)", "", author).removeprefix("Baron ").removeprefix("Sir ").split()
    return " ".join(word for at, word in enumerate(words) if at == 0 or word != words[at - 1])


def _author(poem: dict[str, Any]) -> str:
    return _name(str(poem.get("author") or ""))


def _title(poem: dict[str, Any]) -> str:
    """A title that says something, in small letters; "" for numbers and first lines."""
    title = parts(re.sub(r"\s*[.:]\s*$", "", str(poem.get("title") or "")))
    if title is None or not 1 <= len(words_of(title)) <= 7:
        return ""
    if all(re.fullmatch("[ivxlc]+", word) for word in words_of(title)):
        return ""
    return " ".join(part for part in words_of(title))


def tally(verses: Iterable[Verse]) -> tuple[Counter[str], set[str]]:
    """How often each word stands there, and the words that mostly have a capital inside lines."""
    count: Counter[str] = Counter()
    high: Counter[str] = Counter()
    head: Counter[str] = Counter()
    for verse in verses:
        for line in verse.lines:
            count.update(words_of(line))
            head.update((line[0],))
            high.update(line[at + 1] for at, part in enumerate(line[:-1]) if part == "^")
    return count, {word for word, number in high.items() if number * 2 > count[word] - head[word]}
