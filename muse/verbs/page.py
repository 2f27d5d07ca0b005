"""The page of an album: one index.html that needs nothing from outside its folder."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files as package_files
from string import Template

from muse.verbs.tint import scheme


@dataclass(frozen=True, slots=True)
class TrackView:
    """One track as the page shows it.

    Attributes:
        lines: of the poem, Chinese ones without punctuation, as old prints have them.
        language: "zh" for a poem in columns.
        stanzas: the lines, from 0, that begin another stanza.
        pinyin: for each line, one syllable a character; or nothing.
        facts: of the piece, short ("D minor", "3/4", "66 BPM").
        sounds: (file, MIME type) in order of preference.
        links: (label, file).
        roll: file of the piano roll; `roll_span` is where the music begins and ends in it, in per cent of its width.
        seconds: the music's length.
    """

    title: str
    form: str
    lines: Sequence[str]
    facts: Sequence[str]
    sounds: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, str]]
    roll: str
    seconds: float
    language: str = "zh"
    stanzas: Sequence[int] = ()
    roll_span: tuple[float, float] = (0.0, 100.0)
    pinyin: Sequence[Sequence[str]] = ()
    cover: str = ""
    cover_alt: str = ""


@dataclass(frozen=True, slots=True)
class PageView:
    """An album as the page shows it; `contact` is the sheet of its covers, `font` an OpenType file with the characters
    of the page, or b""."""

    title: str
    artist: str
    theme: str
    seed: int
    version: str
    cover: str
    cover_alt: str
    palette: Sequence[str]
    mood: Mapping[str, float]
    notes: Sequence[str]
    tracks: Sequence[TrackView]
    credits: Sequence[str]
    promises: str
    font: bytes = b""
    contact: str = ""
    roll_ground: str = "#ffffff"
    extra: Mapping[str, str] = field(default_factory=dict)


def render(view: PageView) -> bytes:
    """The page as UTF-8 HTML; the same view gives the same bytes."""
    own = package_files("muse.verbs")
    style = Template(own.joinpath("page.css").read_text("utf-8")).substitute(
        scheme(view.palette), roll=view.roll_ground
    )
    page = Template(own.joinpath("page.html").read_text("utf-8")).substitute(
        language="zh-Hans" if language(view.title) == "zh" else "en",
        title_language=language(view.title),
        title=_text(view.title),
        version=_text(view.version),
        style=style.strip(),
        font=_font(view.font),
        cover=_text(view.cover),
        cover_alt=_text(view.cover_alt),
        artist=f'<p class="artist" lang="{language(view.artist)}">{_text(view.artist)}</p>' if view.artist else "",
        contents="\n".join(_entry(number, track) for number, track in enumerate(view.tracks, 1)),
        palette_names=_text(", ".join(view.palette)),
        swatches="".join(f'<i style="background:{_text(colour)}"></i>' for colour in view.palette),
        tracks="\n".join(_track(number, track) for number, track in enumerate(view.tracks, 1)),
        colophon=_colophon(view),
    )
    return page.encode()


def characters(view: PageView) -> str:
    """Every character that the page may show, sorted: what its font must hold."""
    words = [view.title, view.artist, view.theme, *view.notes, *view.credits]
    for track in view.tracks:
        words += [track.title, track.form, *track.lines]
    return "".join(sorted(set("".join(words))))


def language(text: str) -> str:
    """ "zh" for a text with a Chinese character in it, else "en"."""
    return "zh" if any("\u3400" <= character <= "\u9fff" or character >= "\U00020000" for character in text) else "en"


def _entry(number: int, track: TrackView) -> str:
    return (
        f'<li><a href="#track-{number}" lang="{language(track.title)}"><span>{number}</span>'
        f"<span>{_text(track.title)}</span><span>{clock(track.seconds)}</span></a></li>"
    )


def _track(number: int, track: TrackView) -> str:
    sounds = "".join(f'<source src="{_text(file)}" type="{kind}">' for file, kind in track.sounds)
    links = "".join(f'<li><a href="{_text(file)}" download>{_text(label)}</a></li>' for label, file in track.links)
    facts = "".join(f"<span>{_text(fact)}</span>" for fact in track.facts)
    start, end = track.roll_span
    upright = track.language == "zh"
    thumb = ""
    if track.cover:
        alt = _text(track.cover_alt)
        thumb = f'<img class="thumb" src="{_text(track.cover)}" width="640" height="640" alt="{alt}" loading="lazy">'
    return f"""<article class="track" id="track-{number}">
<header>{thumb}<div><p class="number">{number}</p><h2 lang="{language(track.title)}">{_text(track.title)}</h2>
<p class="facts small">{facts}</p></div></header>
<div class="sides">
<div class="listen">
<audio controls preload="metadata" aria-label="{_text(track.title)}, {clock(track.seconds)}">{sounds}</audio>
<div class="roll" data-seconds="{track.seconds:g}" data-start="{start:g}" data-end="{end:g}">
<img src="{_text(track.roll)}" alt="piano roll of {_text(track.title)}: {_text(", ".join(track.facts))}"><i></i></div>
<ul class="links">{links}</ul>
{_pinyin(track)}</div>
<div class="{"poem" if upright else "poem level"}" lang="{"zh-Hans" if upright else "en"}">
<p class="head" aria-hidden="true">{_text(track.title)}</p>
{_lines(track)}
<p class="form">{_text(track.form)}</p>
</div>
</div>
</article>"""


def _lines(track: TrackView) -> str:
    """The poem as columns, a line each, or a couplet each where it is long; English line by line."""
    if track.language != "zh":
        rows = [
            f"<p{' class=stanza' if at in track.stanzas else ''}>{_text(line)}</p>"
            for at, line in enumerate(track.lines)
        ]
        return "\n".join(rows)
    columns = list(track.lines)
    if len(columns) > 4:
        columns = ["\u3000".join(columns[at : at + 2]) for at in range(0, len(columns), 2)]
    return "\n".join(f"<p>{_text(column)}</p>" for column in columns)


def _pinyin(track: TrackView) -> str:
    if not track.pinyin:
        return ""
    rows = []
    for line, syllables in zip(track.lines, track.pinyin, strict=True):
        rubies = "".join(
            f"<ruby>{_text(character)}<rt>{_text(syllable)}</rt></ruby>"
            for character, syllable in zip(line, syllables, strict=True)
        )
        rows.append(f"<p>{rubies}</p>")
    return f'<details class="pinyin"><summary>Pinyin</summary><div lang="zh-Hans">{"".join(rows)}</div></details>\n'


def _colophon(view: PageView) -> str:
    axes = "".join(
        f'<dt>{_text(name)}</dt><dd><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="M0 5H100" stroke="var(--line)" vector-effect="non-scaling-stroke"/>'
        f'<path d="M{50 + 50 * value:.1f} 1V9" stroke="var(--accent)" stroke-width="4" '
        'vector-effect="non-scaling-stroke"/>'
        f'</svg></dd><dd class="value small">{_signed(value)}</dd>'
        for name, value in view.mood.items()
    )
    notes = "".join(f"<li>{_text(note)}</li>" for note in view.notes)
    credit = "".join(f"<li>{_text(name)}</li>" for name in view.credits)
    return f"""<section><h2>How the theme was read</h2>
<p class="small" lang="{language(view.theme)}">{_text(view.theme)}</p>
<dl class="axes small">{axes}</dl></section>
<section><h2>What followed from it</h2><ul class="small">{notes}</ul></section>
{_covers(view)}<section><h2>Made again</h2>
<p class="small">Seed {view.seed}, muse {_text(view.version)}. <a href="recipe.json">recipe.json</a> holds all that is
needed for the same bytes:</p><p><code>muse remake recipe.json</code></p>
<p class="small">{_text(view.promises)}</p></section>
<section><h2>With thanks to</h2><ul class="small">{credit}</ul></section>"""


def _covers(view: PageView) -> str:
    if not view.contact:
        return ""
    names = _text(", ".join(track.title for track in view.tracks))
    sheet = f'<img src="{_text(view.contact)}" alt="the covers of {_text(view.title)} and its tracks: {names}"'
    return f'<section class="covers"><h2>The covers</h2>{sheet} loading="lazy"></section>\n'


def _font(font: bytes) -> str:
    if not font:
        return ""
    source = f"data:font/otf;base64,{b64encode(font).decode()}"
    return f'@font-face {{ font-family: "Muse"; src: url({source}); }}'


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(65.4)
    '1:05'
    """
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _text(text: str) -> str:
    return escape(text, quote=True)
