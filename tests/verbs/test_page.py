"""The page of an album is whole, escaped, and needs nothing from outside its folder."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from muse.verbs.page import PageView, TrackView, characters, language, render

TRACK = TrackView(
    title="秋江夜泊",
    form="七绝",
    lines=["月落乌啼霜满天", "江枫渔火对愁眠", "姑苏城外寒山寺", "夜半钟声到客船"],
    facts=["D minor", "3/4", "66 BPM"],
    sounds=[("track-1/piece.opus", "audio/ogg; codecs=opus")],
    links=[("MIDI", "track-1/piece.mid")],
    roll="track-1/roll.svg",
    seconds=44.2,
    pinyin=[["yuè"] * 7] * 4,
    cover="track-1/cover.jpg",
    cover_alt="ink",
)
VIEW = PageView(
    title="秋江夜泊",
    artist="Muse",
    theme="秋江夜泊",
    seed=7,
    version="0.1.0",
    cover="cover.jpg",
    cover_alt="mist",
    palette=["#31475a", "#8a5a42"],
    mood={"valence": -0.5, "energy": 0.25},
    notes=["minor, 66 BPM: energy −0.6"],
    tracks=[TRACK],
    credits=["a corpus (CC0)"],
    promises="12 of 12 promises kept",
)
EVIL = "<script>alert(1)</script>\" onload='x' & $style"


class Names(HTMLParser):
    """Every tag, every file that is referred to, and every image without a text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.files: list[str] = []
        self.mute: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.files += [value for key in ("src", "href") if (value := found.get(key)) is not None]
        if tag == "img" and not found.get("alt"):
            self.mute.append(str(found))


def parsed(view: PageView) -> Names:
    names = Names()
    names.feed(render(view).decode())
    return names


def test_the_page_refers_only_to_its_own_folder() -> None:
    files = parsed(VIEW).files
    assert {"cover.jpg", "track-1/piece.opus", "track-1/piece.mid", "track-1/roll.svg", "recipe.json"} <= set(files)
    assert not [file for file in files if "://" in file or file.startswith(("/", "..", "//"))]
    text = re.sub(r'xmlns="[^"]*"', "", render(VIEW).decode())
    assert "http" not in text and "@import" not in text


def test_every_picture_has_a_text_and_the_verse_stands_upright() -> None:
    assert parsed(VIEW).mute == []
    assert "writing-mode: vertical-rl" in render(VIEW).decode()


def test_the_same_view_gives_the_same_bytes() -> None:
    assert render(VIEW) == render(replace(VIEW))


def test_text_is_never_markup() -> None:
    track = replace(TRACK, title=EVIL, lines=[EVIL] * 4, pinyin=(), facts=[EVIL], cover_alt=EVIL)
    page = {"title": EVIL, "artist": EVIL, "theme": EVIL, "notes": [EVIL], "credits": [EVIL], "cover_alt": EVIL}
    evil = replace(VIEW, **page, tracks=[track])  # type: ignore[arg-type]
    assert parsed(evil).tags.count("script") == 1
    assert "onload='x'" not in render(evil).decode()


def test_the_font_needs_every_character_that_is_shown() -> None:
    assert set("秋江夜泊月落乌啼七绝") <= set(characters(VIEW))


def test_long_poems_stand_a_couplet_a_column() -> None:
    long = replace(TRACK, lines=["空山新雨后"] * 8, pinyin=())
    assert render(replace(VIEW, tracks=[long])).decode().count("空山新雨后\u3000空山新雨后") == 4


def test_language_is_told_by_the_script() -> None:
    assert (language("秋 river"), language("autumn"), language("")) == ("zh", "en", "en")
