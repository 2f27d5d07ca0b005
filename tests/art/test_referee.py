"""What the referee says of picture files: shops, words, likeness; and how a cover is described in words."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from muse.art.alt import LONGEST, STYLES, alt, name_of
from muse.art.corpus import STYLES as CLASSES
from muse.art.referee import covers, provenance, stores
from muse.art.referee.likeness import ALIKE, distance, phash
from muse.art.referee.stores import Subject
from muse.terms import Mood

GOOD = Subject("JPEG", 3000, 3000, 2_900_000, profile="sRGB", roles=frozenset({"title", "artist"}))


def file_of(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def painting(seed: int = 0, side: int = 96) -> Image.Image:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def test_every_shop_takes_the_default_cover_and_names_its_source() -> None:
    assert stores.told({"cover.jpg": GOOD})[0].startswith("cover.jpg is taken by Apple Music, Spotify")
    assert len(stores.told({"cover.jpg": GOOD})) == 1
    for store in (*stores.stores(), *stores.stores("loop")):
        assert store.source.startswith("http") and store.seen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "PNG", "weight": 18_000_000}, "iMusician, format: asks JPEG, found PNG"),
        ({"width": 640, "height": 640}, "Apple Music, size: asks 3000 pixels a side, found 640 × 640"),
        ({"width": 12_000, "height": 12_000}, "Spotify, size: asks at most 10000"),
        ({"height": 2000}, "Spotify, ratio: asks 1 : 1, found 1.500"),
        ({"weight": 3_500_000}, "Fresible, weight: asks at most 3 MB, found 3.5 MB"),
        ({"colour": "CMYK"}, "DistroKid, colour: asks RGB of 8 bits, found CMYK of 8 bits"),
        ({"bits": 16}, "Apple Music, colour"),
        ({"profile": ""}, "Spotify, profile: asks sRGB, found none"),
        ({"turned": True}, "Spotify, orientation"),
        ({"roles": frozenset({"title", "verse"})}, "Ditto, text: asks title and artist only, found verse"),
    ],
)
def test_each_rule_is_named_with_its_shop(change: dict[str, object], said: str) -> None:
    from dataclasses import replace

    lines = stores.told({"a.jpg": replace(GOOD, **change)})  # type: ignore[arg-type]
    assert any(line.startswith(said) and ";" in line for line in lines), lines


def test_the_better_file_is_offered() -> None:
    from dataclasses import replace

    both = {"cover.png": replace(GOOD, format="PNG", weight=18_000_000), "cover.jpg": GOOD}
    lines = stores.told(both)
    assert len(lines) == 2 and all("is taken by" in line for line in lines)


def test_loops_have_rules_of_their_own() -> None:
    loop = Subject("MP4", 1080, 1920, 5_000_000, seconds=6)
    assert "Spotify Canvas" in stores.told({"loop.mp4": loop}, "loop")[0]
    long = stores.told({"loop.mp4": Subject("MP4", 1920, 1080, 5_000_000, seconds=9)}, "loop")
    assert [line.split(":")[0] for line in long] == ["Spotify Canvas, ratio", "Spotify Canvas, length"]


def test_a_foreign_picture_is_described_and_its_words_are_not_known() -> None:
    report = covers.check(file_of(painting(side=700), progressive=True, comment=b"File written by X"))
    kept = {promise.name: promise.kept for promise in report.promises}
    assert kept["text"] == "depends" and kept["size"] is True and "recipe" not in kept
    assert any("progressive" in finding for finding in report.findings)
    ink = covers.check(file_of(painting(side=700).convert("CMYK")))
    found = {promise.name: promise for promise in ink.promises}
    assert found["8 bit RGB"].found == "8 bit CMYK" and found["8 bit RGB"].kept is False
    known = covers.subject(file_of(painting()))
    assert known is not None and known.roles is None
    for own in ({"verb": "restyle", "seed": 1}, {"verb": "cover", "seed": 1, "request": {"size": "story"}}):
        assert covers.subject(provenance.png(painting(), own, {})) is None
    assert covers.read(file_of(Image.new("I;16", (700, 700)), "PNG")).bits == 16


@pytest.mark.parametrize(
    ("request_", "kept"),
    [
        ({"pixels": 640}, True),
        ({"pixels": 700}, False),
        ({"size": "640x640"}, True),
        ({"size": "story"}, False),
    ],
)
def test_the_size_is_the_one_asked(request_: dict[str, object], kept: bool) -> None:
    data = provenance.png(painting(side=640), {"verb": "cover", "seed": 1, "request": request_}, {})
    found = {promise.name: promise for promise in covers.check(data).promises}
    assert found["size"].kept is kept and "ratio" not in found


def lettered(words: str, colour: str, size: int, role: str = "title") -> bytes:
    image = Image.new("RGB", (640, 640), "#202830")
    pen = ImageDraw.Draw(image)
    for x in range(110, 390, 24):
        pen.rectangle((x, 110, x + 9, 190), fill=colour)
    item = {"role": role, "lines": [words], "box": [100, 100, 400, 200], "size": size, "colour": colour}
    texts = {"Title": "Autumn River", "Author": "Muse", "lettering": json.dumps([item])}
    return provenance.png(image, {"verb": "cover", "seed": 1, "request": {"title": "Autumn River"}}, texts)


@pytest.mark.parametrize(
    ("data", "name", "kept"),
    [
        (lettered("Autumn River", "#f0f0f0", 90), "text", True),
        (lettered("Autumn Riv…", "#f0f0f0", 90), "text", True),
        (lettered("www.shop.com", "#f0f0f0", 90), "text", False),
        (lettered("Buy now", "#f0f0f0", 90, "offer"), "text", False),
        (lettered("Autumn River", "#f0f0f0", 90), "title legible at 64 pixels", True),
        (lettered("Autumn River", "#f0f0f0", 20), "title legible at 64 pixels", "relaxed"),
        (lettered("Autumn River", "#303840", 90), "title legible at 64 pixels", "relaxed"),
        (lettered("Autumn River", "#303840", 90), "contrast of the title", False),
    ],
)
def test_words_are_held_against_what_was_asked(data: bytes, name: str, kept: object) -> None:
    assert {promise.name: promise.kept for promise in covers.check(data).promises}[name] == kept


def test_copies_are_alike_and_others_are_not() -> None:
    one = painting()
    tinted = ImageOps.colorize(one.convert("L"), "#101020", "#fff0d0")
    for copy in (one.resize((500, 500)), Image.open(io.BytesIO(file_of(one, quality=30))), tinted):
        assert distance(phash(one), phash(copy)) <= ALIKE
    apart = [distance(phash(one), phash(painting(seed))) for seed in range(1, 30)]
    assert min(apart) > ALIKE and 26 < np.mean(apart) < 38


def test_a_description_says_how_what_colours_mood_and_words() -> None:
    image = Image.new("RGB", (90, 90), "#101820")
    image.paste("#f2efe4", (0, 0, 30, 30))
    texts = [("title", "秋江夜泊", (60, 5, 80, 60)), ("seal", "秋江", (60, 70, 80, 85))]
    said = alt(image, "ink", ("#101820", "#f2efe4"), Mood(valence=-0.5, energy=-0.6), texts, True)
    assert said.startswith("水墨山水风格的封面，以墨黑、米白色为主，左上最亮，景物也多，气氛宁静而忧伤。")
    assert said.endswith("右侧题“秋江夜泊”，右下钤印“秋江”。")
    said = alt(image, "oil", ("#b8321f",), Mood(energy=0.7), [("title", "Red", (0, 70, 90, 90))])
    assert said.startswith("Cover in the manner of an old oil painting: red; brightest and fullest at the upper left")
    assert said.endswith("Lettered: title “Red” at the bottom.") and "lively in mood" in said
    assert len(alt(image, "oil", (), Mood(), [("verse", "long " * 90, (0, 0, 9, 9))] * 9)) <= LONGEST
    assert alt(image, "", (), Mood(), ()).startswith("A picture") and set(STYLES) == set(CLASSES)


def test_colours_have_names() -> None:
    named = [name_of(tone)[0] for tone in ("#000000", "#ffffff", "#808080", "#2f5fbf", "#3a7d3a", "#e8c33a", "#7a4a20")]
    assert named == ["near-black", "white", "grey", "blue", "green", "yellow", "brown"]
    rng = np.random.default_rng(0)
    assert all(all(name_of("#" + bytes(tone).hex())) for tone in rng.integers(0, 256, (300, 3), dtype=np.uint8))
