"""A poem: its lines with title and form; the Work that the poem room makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from muse.errors import InputError
from muse.files import canonical_json
from muse.poem import prosody
from muse.poem.form import shape
from muse.poem.layout import Verse, across, heading, upright, verse_of
from muse.terms import Features, Language, Lyrics, Report
from muse.work import Recipe, Work

if TYPE_CHECKING:
    from muse.poem.broadsheet import Palette, Sheet

SCHEMA = 1
LONGEST = 400
PROSE = "prose"


@dataclass(frozen=True, eq=False, repr=False)
class Poem(Work):
    """A finished poem.

    Attributes:
        lines: of Chinese verse Han characters only, without marks; else the text of each line, of prose a paragraph.
        form: 五绝, 七绝, 五律, 七律, 五排, 七排, 词 or 对联, an English form's name, "prose"; "" where it has none.
        language: "zh", "en" or the code of another.
        tune: of a 词.
        stanzas: the lines, from 0, that begin another stanza.
        closes: whether each line ends a sentence; () where every second one does.
        rhyme: the group of 平水韵 that its even lines share, or "".
        shown: whether its text carries pinyin.
        season, imagery: what it tells other arts of itself.
        sheets: "pdf", "png": in what its sheet is saved beside SVG.
    """

    title: str
    lines: tuple[str, ...]
    form: str
    language: str = "zh"
    tune: str = ""
    stanzas: tuple[int, ...] = ()
    closes: tuple[bool, ...] = ()
    shown: bool = False
    season: str = ""
    imagery: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)
    sheets: tuple[str, ...] = ()

    kind: ClassVar[str] = "poem"

    @property
    def features(self) -> Features:  # type: ignore[override]
        language: Language = "zh" if self.language == "zh" else "en" if self.language == "en" else "none"
        return Features(season=self.season, imagery=self.imagery, language=language)

    @cached_property
    def rhyme(self) -> str:
        return prosody.rhyme_group(self.lines) if self.language == "zh" else ""

    def lyrics(self) -> Lyrics:
        """The poem as syllables to be sung.

        Raises:
            InputError: muse does not know how its language sounds.
        """
        if self.language == "en":
            from muse.poem.english.prosody import lyrics

            return lyrics(self.lines, self.stanzas)
        if self.language != "zh":
            raise InputError("the poem cannot be sung", f"muse knows no sounds of {self.language!r}", "give zh or en")
        return prosody.lyrics(self.lines, self.stanzas, self.tune)

    def pinyin(self) -> tuple[tuple[str, ...], ...]:
        """For each line of Chinese verse one syllable a character."""
        return prosody.pinyin(self.lines)

    @property
    def verse(self) -> Verse:
        """The lines with all that their layout asks."""
        return Verse(self.lines, self.language, self.stanzas, self.closes, self.form == PROSE)

    def text(self, *, vertical: bool = False, pinyin: bool | None = None) -> str:
        """The title and the lines, across with marks, or upright in columns from right to left.

        Args:
            pinyin: above each line; by default as the poem was asked for. Never in columns.
        """
        title = heading(self.title, self.tune)
        if vertical:
            return upright(self.verse, title)
        show = (self.shown if pinyin is None else pinyin) and self.language == "zh"
        return f"{title}\n\n{across(self.verse, self.pinyin() if show else ())}"

    def sheet(
        self, *, layout: str | None = None, author: str = "", seal: str = "", pinyin: bool | None = None,
        palette: str | Palette = "paper",
    ) -> Sheet:  # fmt: skip
        """The poem on a page, to be had as .svg(), .pdf() and .png(); see `muse.poem.broadsheet.broadsheet`.

        Args:
            pinyin: by default as the poem was asked for.
        """
        from muse.poem.broadsheet import broadsheet

        show = self.shown if pinyin is None else pinyin
        return broadsheet(self, layout=layout, author=author, seal=seal, pinyin=show, palette=palette)

    def chart(self) -> str:
        """Its tones and rhymes, or beats and rhymes, as SVG.

        Raises:
            UsageError: there is no such chart of it.
        """
        from muse.poem.chart import chart

        return chart(self)

    def files(self) -> dict[str, bytes]:
        """poem.txt and poem.json; in columns too where it is Chinese; the sheet and the chart, where there is one."""
        from muse.poem.chart import charted

        found = {"poem.txt": (self.text() + "\n").encode(), "poem.json": canonical_json(self.as_dict())}
        if self.language == "zh" and self.form != PROSE:
            found["poem-vertical.txt"] = (self.text(vertical=True) + "\n").encode()
        sheet = self.sheet()
        kinds = {"svg": sheet.svg, "pdf": sheet.pdf, "png": sheet.png}
        found |= {f"poem.{kind}": kinds[kind]() for kind in ("svg", *self.sheets)}
        return found | ({"chart.svg": self.chart().encode()} if charted(self) else {})

    def as_dict(self) -> dict[str, Any]:
        """poem.json: schema, title, form, language, lines, rhyme, season, imagery, report; what else the poem has."""
        value: dict[str, Any] = {
            "schema": SCHEMA,
            "title": self.title,
            "form": self.form,
            "language": self.language,
            "lines": list(self.lines),
            "rhyme": self.rhyme,
            "season": self.season,
            "imagery": list(self.imagery),
            "report": self.report.as_dict(),
        }
        more = {"tune": self.tune, "stanzas": list(self.stanzas), "closes": list(self.closes)}
        value |= {name: found for name, found in more.items() if found}
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
        language, tune, season = (str(value.get(name, "")) for name in ("language", "tune", "season"))
        found = verse_of(lines, language or None)
        named = tuple(word for word in _listed(value, "imagery") if isinstance(word, str))
        if value.get("form") == PROSE:
            found = replace(found, prose=True)
        stanzas = tuple(at for at in _listed(value, "stanzas") if isinstance(at, int) and 0 < at < len(found.lines))
        closes = tuple(_listed(value, "closes"))
        if len(closes) == len(found.lines) and all(isinstance(one, bool) for one in closes):
            found = replace(found, closes=closes)
        return _of(found, title, tune, str(value.get("form", "")), stanzas, shown="pinyin" in value, season=season,
                   imagery=named)  # fmt: skip

    @classmethod
    def from_text(cls, text: str) -> Poem:
        """A poem from plain text, one that muse wrote or another: a title with an empty line after it, then lines.

        Raises:
            InputError: there is no line of verse in it.
        """
        head, gap, rest = text.strip().partition("\n\n")
        if not gap or "\n" in head or not rest.strip():
            head, rest = "", text
        found = verse_of(rest.split("\n"))
        return _of(found, head.strip() or first_words(found.lines))

    def _repr_html_(self) -> str:
        from muse.poem.broadsheet.html import html

        return html(self)


def _of(verse: Verse, title: str, tune: str = "", form: str = "", stanzas: tuple[int, ...] = (), **more: Any) -> Poem:
    lines = verse.lines
    if not lines:
        raise InputError("no poem", "there is no line of verse in it", "give the lines of a poem")
    if len(lines) > LONGEST or max(map(len, lines)) > (LONGEST if verse.language == "zh" else 10 * LONGEST):
        raise InputError("the poem is too long", f"{LONGEST} lines of {LONGEST} characters are the limit")
    if verse.language == "zh" and not tune and not verse.prose:
        form = _form(lines) or form
    return Poem(title, lines, form, verse.language, tune, stanzas or verse.stanzas, verse.closes, **more)


def _form(lines: tuple[str, ...]) -> str:
    widths = {len(line) for line in lines}
    form = shape(len(lines), widths.pop()) if len(widths) == 1 else None
    return form.name if form else ""


def first_words(lines: tuple[str, ...]) -> str:
    """What a poem without a title is called: its first line, of English verse without the mark at its end."""
    return (lines[0] if lines else "").rstrip(",.;:!?—- ")[:80]


def _listed(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name, [])
    return found if isinstance(found, list) else []
