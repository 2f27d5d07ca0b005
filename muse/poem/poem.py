"""A poem: its lines with title and form; the Work that the poem room makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any, ClassVar

from muse.errors import InputError
from muse.files import canonical_json
from muse.poem import prosody
from muse.poem.corpus import lines_of
from muse.poem.form import shape
from muse.poem.layout import across, upright
from muse.terms import Features, Lyrics, Report
from muse.work import Recipe, Work

SCHEMA = 1
LONGEST = 400


@dataclass(frozen=True, eq=False, repr=False)
class Poem(Work):
    """A finished poem.

    Attributes:
        lines: Han characters only, without marks.
        form: 五绝, 七绝, 五律 or 七律; "" where the lines have none of these shapes.
        rhyme: the group of 平水韵 that its even lines share, or "".
        shown: whether its text carries pinyin.
        season, imagery: what it tells other arts of itself.
    """

    title: str
    lines: tuple[str, ...]
    form: str
    shown: bool = False
    season: str = ""
    imagery: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)

    kind: ClassVar[str] = "poem"

    @property
    def features(self) -> Features:  # type: ignore[override]
        return Features(season=self.season, imagery=self.imagery, language="zh")

    @cached_property
    def rhyme(self) -> str:
        return prosody.rhyme_group(self.lines)

    def lyrics(self) -> Lyrics:
        """The poem as syllables to be sung."""
        return prosody.lyrics(self.lines)

    def pinyin(self) -> tuple[tuple[str, ...], ...]:
        """For each line one syllable a character."""
        return prosody.pinyin(self.lines)

    def text(self, *, vertical: bool = False, pinyin: bool | None = None) -> str:
        """The title and the lines, across with marks, or upright in columns from right to left.

        Args:
            pinyin: above each line; by default as the poem was asked for. Never in columns.
        """
        if vertical:
            return upright(self.lines, self.title)
        show = self.shown if pinyin is None else pinyin
        return f"{self.title}\n\n{across(self.lines, self.pinyin() if show else ())}"

    def files(self) -> dict[str, bytes]:
        return {
            "poem.txt": (self.text() + "\n").encode(),
            "poem-vertical.txt": (self.text(vertical=True) + "\n").encode(),
            "poem.json": canonical_json(self.as_dict()),
        }

    def as_dict(self) -> dict[str, Any]:
        """poem.json: schema, title, form, lines, rhyme, season, imagery, report; pinyin where it was asked for."""
        value: dict[str, Any] = {
            "schema": SCHEMA,
            "title": self.title,
            "form": self.form,
            "lines": list(self.lines),
            "rhyme": self.rhyme,
            "season": self.season,
            "imagery": list(self.imagery),
            "report": self.report.as_dict(),
        }
        return value | ({"pinyin": [list(line) for line in self.pinyin()]} if self.shown else {})

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Poem:
        """The poem of a poem.json; its report is not read but made anew by `muse check`.

        Raises:
            InputError: it is not one.
        """
        lines, title = value.get("lines"), value.get("title", "")
        if not isinstance(lines, list) or not lines or not all(isinstance(line, str) for line in lines):
            raise InputError("not a poem", "it has no list of lines", "give a poem.json of muse")
        if value.get("schema", SCHEMA) != SCHEMA or not isinstance(title, str):
            raise InputError(
                f"cannot read a poem of schema {value.get('schema')!r}", f"this muse reads {SCHEMA}", "update muse"
            )
        season, imagery = value.get("season", ""), value.get("imagery", [])
        named = tuple(word for word in imagery if isinstance(word, str)) if isinstance(imagery, list) else ()
        parts = tuple(part for line in lines for part in lines_of(line))
        return cls(title, _checked(parts), _form(parts), "pinyin" in value, season if isinstance(season, str) else "",
                   named)  # fmt: skip

    @classmethod
    def from_text(cls, text: str) -> Poem:
        """A poem from plain text, one that muse wrote or another: a title with an empty line after it, then lines.

        Raises:
            InputError: there is no Chinese line in it.
        """
        head, gap, rest = text.strip().partition("\n\n")
        if not gap or "\n" in head or not lines_of(rest):
            head, rest = "", text
        parts = _checked(lines_of(rest))
        return cls(head.strip() or parts[0], parts, _form(parts))

    def _repr_html_(self) -> str:
        rows = across(self.lines).split("\n")
        body = "<br>".join(escape(row) for row in rows)
        return (
            f'<div lang="zh-Hans" style="font-family:serif;line-height:1.8;text-align:center">'
            f"<b>{escape(self.title)}</b><br>{body}</div>"
        )


def _form(lines: tuple[str, ...]) -> str:
    widths = {len(line) for line in lines}
    form = shape(len(lines), widths.pop()) if len(widths) == 1 else None
    return form.name if form else ""


def _checked(lines: tuple[str, ...]) -> tuple[str, ...]:
    if not lines:
        raise InputError("no poem", "there is no Chinese line in it", "give the lines of a poem")
    if len(lines) > LONGEST or max(map(len, lines)) > LONGEST:
        raise InputError("the poem is too long", f"{LONGEST} lines of {LONGEST} characters are the limit")
    return lines
