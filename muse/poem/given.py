"""What the wishes give of a poem's text, as characters of places: locked lines, a first line, an acrostic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from muse.errors import WishError
from muse.poem.score import Score
from muse.poem.wishes import FREE, Wishes
from muse.tables.han import HAN
from muse.tables.simplified import simplify

GAP = "＿"
_GAPS = str.maketrans(dict.fromkeys(FREE + "·", GAP))
_NUMBERED = re.compile(r"\s*(\d{1,3})\s*[:：](.*)", re.DOTALL)
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """What is given of a poem.

    Attributes:
        characters: of each place (line, place in the line), both from 0.
        wish: of each place the wish that gave it.
        acrostic: the lines, from 0, that the acrostic stands in.
    """

    characters: Mapping[Place, str]
    wish: Mapping[Place, str]
    acrostic: tuple[int, ...] = ()


def texts(wishes: Wishes, score: Score) -> Iterator[Text]:
    """All ways in which the text that was given can stand in the lines of a score, the plainest first.

    Raises:
        WishError: a line is too long, or two wishes want one place.
    """
    for lines in _acrostics(wishes, score):
        found: dict[Place, str] = {}
        wish: dict[Place, str] = {}
        for name, line, text in (*_lines(wishes), *_spelled(wishes, score, lines)):
            _put(found, wish, name, line, text, score)
        yield Text(found, wish, lines)


def numbered(text: str) -> tuple[int, str]:
    """A line number from 1, or 0 where none is named, and the rest.

    >>> numbered("2：月"), numbered("月")
    ((2, '月'), (0, '月'))
    """
    if found := _NUMBERED.match(text):
        return int(found[1]), found[2]
    return 0, text


def clauses(text: str) -> list[str]:
    """The parts of a text between marks: simplified Han characters and gaps.

    >>> clauses("床前____光，疑是地上霜。")
    ['床前＿＿＿＿光', '疑是地上霜']
    """
    plain = "".join(simplify(text).split()).translate(_GAPS)
    return ["".join(part) for part in re.findall(f"(?:{GAP}|{HAN.pattern})+", plain)]


def widths(wishes: Wishes) -> dict[int, int]:
    """The widths of the lines, from 0, of which the whole is given, gaps included."""
    return {line: len(text) for _, line, text in _lines(wishes)}


def _lines(wishes: Wishes) -> Iterator[tuple[str, int, str]]:
    """(which wish, line from 0, its text with gaps)."""
    for name, text in (("reply_to", wishes.reply_to), ("first_line", wishes.first_line)):
        if text:
            parts = clauses(text)
            if not parts:
                raise WishError(f"{name} {text!r} has no Chinese character", "", "give a line of Chinese verse")
            if name == "reply_to":
                parts = ["".join(parts)]
            yield from ((name, number, part) for number, part in enumerate(parts))
    line = 0
    for text in wishes.lock:
        named, rest = numbered(text)
        line = named - 1 if named else line
        parts = clauses(rest)
        if rest.strip() and not parts:
            raise WishError(f"the lock of line {line + 1} has no Chinese character: {rest!r}", "",
                            "give its characters, free places as ＿")  # fmt: skip
        if named and line < 0:
            raise WishError("lines count from 1", f"{text!r} names line 0", "name another line")
        for part in parts:
            yield "lock", line, part
            line += 1
        line += not parts


def _acrostics(wishes: Wishes, score: Score) -> Iterator[tuple[int, ...]]:
    """The lines that an acrostic can stand in."""
    signs, lines = len("".join(clauses(wishes.acrostic))), len(score.widths)
    if not signs:
        if wishes.acrostic:
            raise WishError(f"the acrostic {wishes.acrostic!r} has no Chinese character", "", "give Chinese characters")
        yield ()
        return
    if signs > lines:
        raise WishError(f"the acrostic has {signs} characters, {score.tune or score.form} {lines} lines", "",
                        "shorten it, or choose a longer form")  # fmt: skip
    if wishes.acrostic_at == "diagonal" and any(width <= line for line, width in enumerate(score.widths[:signs])):
        line = next(line for line, width in enumerate(score.widths) if width <= line)
        raise WishError(f"the diagonal leaves the poem in line {line + 1}", f"it has {score.widths[line]} places",
                        "shorten it, or put it at the heads")  # fmt: skip
    if 2 * signs == lines and wishes.acrostic_at != "diagonal":
        yield tuple(range(0, lines, 2))
        if wishes.acrostic_at == "tail":
            yield tuple(range(1, lines, 2))
    yield tuple(range(signs))


def _spelled(wishes: Wishes, score: Score, lines: tuple[int, ...]) -> Iterator[tuple[str, int, str]]:
    for number, (line, character) in enumerate(zip(lines, "".join(clauses(wishes.acrostic)), strict=True)):
        width = score.widths[line]
        place = {"head": 0, "tail": width - 1}.get(wishes.acrostic_at, number)
        yield "acrostic", line, GAP * place + character + GAP * (width - 1 - place)


def _put(found: dict[Place, str], wish: dict[Place, str], name: str, line: int, text: str, score: Score) -> None:
    form = score.tune or score.form
    if line >= len(score.widths):
        raise WishError(f"{form} has no line {line + 1}", f"{name} gives {text}; it has {len(score.widths)} lines",
                        "name another line, or choose another form")  # fmt: skip
    if len(text) != score.widths[line]:
        raise WishError(
            f"line {line + 1} of {form} has {score.widths[line]} places, {name} gives {len(text)}: {text}",
            "", "mark each free place with ＿, or choose another form",
        )  # fmt: skip
    for place, character in enumerate(text):
        at = line, place
        if character == GAP:
            continue
        if found.get(at, character) != character:
            raise WishError(
                f"line {line + 1}, place {place + 1}: {wish[at]} wants {found[at]}, {name} wants {character}",
                "two wishes want one place", "change one of them",
            )  # fmt: skip
        found[at], wish[at] = character, name
