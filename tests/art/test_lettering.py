"""Lettering: glyphs, line breaks, sizes, quiet places, contrast on the pixels."""

import numpy as np
import pytest
from PIL import Image

from muse.art.letters import fonts, layout, lettering
from muse.art.referee import covers as referee
from muse.fonts.faces import BRUSH, NOTO, codes, is_han

PALETTE = ("#101820", "#405060", "#8090a0", "#c0c8cc", "#f2efe4")
HOSTILE = [
    "\x00",
    "\u202eabc",
    "\ud800",
    "a\u0301" * 40,
    "👩‍👩‍👧",
    "ﷺ",
    "\u200b",
    "🌊🌊",
    "A" * 400,
    "龘靐齉",
    "  ",
    "\n\t",
]


def ground(kind: str, pixels: int = 512) -> Image.Image:
    rng = np.random.default_rng(4)
    if kind == "noise":
        return Image.fromarray(rng.integers(0, 256, (pixels, pixels, 3), dtype=np.uint8))
    if kind == "checks":
        field = np.kron(np.indices((16, 16)).sum(0) % 2, np.ones((pixels // 16, pixels // 16))) * 255
        return Image.fromarray(field.astype(np.uint8)).convert("RGB")
    return Image.new("RGB", (pixels, pixels), kind)


@pytest.mark.parametrize("kind", ["black", "white", "#777777", "#b02020", "noise", "checks"])
@pytest.mark.parametrize(("title", "artist"), [("秋江夜泊", "李白"), ("Winter Evening", "Anna Berg")])
@pytest.mark.parametrize("style", ["ink", "geometric"])
def test_contrast_holds_on_any_ground(kind: str, title: str, artist: str, style: str) -> None:
    done = lettering.letter(ground(kind), title, artist, (), style, PALETTE, 1)
    for text in done.texts:
        assert text.contrast >= 4.5, text
        if text.role != "seal":
            tone = tuple(int(text.colour[k : k + 2], 16) for k in (1, 3, 5))
            assert referee.contrast(done.image, text.box, tone) >= 4.0


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_are_drawn_cut_or_dropped(title: str) -> None:
    done = lettering.letter(ground("#888888"), title, title, (title,), "oil", PALETTE, 1)
    for text in done.texts:
        left, top, right, bottom = text.box
        assert 0 <= left < right <= 512 and 0 <= top < bottom <= 512
    assert done.image.size == (512, 512)


def test_nothing_to_write_leaves_the_picture_alone() -> None:
    image = ground("noise")
    assert lettering.letter(image, "", "", (), "ink", PALETTE, 1).image.tobytes() == image.tobytes()


def test_what_no_font_draws_is_named() -> None:
    done = lettering.letter(ground("black"), "Drift 🌊 away", "", (), "flow", PALETTE, 1)
    assert " ".join(done.texts[0].lines) == "Drift away"
    assert done.notes == ("left out of the title, no font draws it: 🌊 (U+1F30A)",)


def test_every_glyph_drawn_is_in_its_font() -> None:
    for style in fonts.LATIN_FACE:
        voice = fonts.title_voice(style, "Ünïcödé – 秋江，夜泊 КО")
        for char in voice.set("Ünïcödé – 秋江，夜泊 КО"):
            assert ord(char) in codes(voice.face(char)), (style, char)


def test_a_rare_character_takes_the_whole_title_to_noto() -> None:
    assert fonts.title_voice("ink", "秋江").han == BRUSH
    assert ord("琖") not in codes(BRUSH) and fonts.title_voice("ink", "琖江").han == NOTO


def test_the_fonts_cover_what_they_promise() -> None:
    noto = codes(NOTO)
    for row in range(16, 88):
        for cell in range(1, 95):
            char = bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312", errors="ignore")
            assert not char or ord(char) in noto
    assert sum(is_han(chr(code)) for code in noto) >= 8000
    assert sum(path.stat().st_size for path in fonts.FOLDER.glob("*.otf")) <= 4_800_000
    assert all(ord(char) in noto for char in "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü")
    assert len(list(fonts.FOLDER.glob("OFL-*.txt"))) == 5


@pytest.mark.parametrize(
    ("text", "count", "wanted"),
    [
        ("The Long Road to the Sea", 2, ("The Long Road", "to the Sea")),
        ("秋江夜泊", 2, ("秋江", "夜泊")),
        ("One", 4, ("One",)),
        ("大江东去，浪淘尽", 2, ("大江东去，", "浪淘尽")),
        ("", 2, ()),
    ],
)
def test_lines_break_well(text: str, count: int, wanted: tuple[str, ...]) -> None:
    assert layout.broken(text, count) == wanted


def test_no_line_ends_on_a_small_word() -> None:
    for title in (
        "The End of the World and the Sea",
        "A Song for the Lost and the Found",
        "Letters to a Friend in May",
    ):
        for line in layout.broken(title, 3)[:-1]:
            assert line.split()[-1].lower() not in ("the", "a", "of", "and", "for", "to", "in"), title


def test_long_titles_fit_and_very_long_ones_are_cut() -> None:
    voice = fonts.title_voice("oil", "x")
    long = layout.fitted(
        "title", "The Unbearable Lightness of Being a Small Boat on a Very Large Sea", voice, 0.86, 0.4, 0.165
    )
    assert long.width <= 0.861 and long.height <= 0.401 and long.size > 0.05
    cut = layout.fitted("title", "word " * 200, voice, 0.86, 0.2, 0.165)
    assert cut.lines[-1].endswith("…") and cut.width <= 0.861


def test_blocks_stay_inside_and_apart() -> None:
    for style in fonts.LATIN_FACE:
        for title, artist, verse in [
            ("秋江夜泊", "李白", ("月落乌啼霜满天", "江枫渔火对愁眠")),
            ("The Long Road", "Anna Berg", ("one line", "another")),
            ("一场很长很长的梦与它的回声", "Muse", ()), ("A", "B", ()),
        ]:  # fmt: skip
            options = layout.candidates(layout.Wording(title, artist, verse, style))
            for option in options:
                boxes = [block.box(1000) for block in option.blocks]
                for k, box in enumerate(boxes):
                    assert box[0] >= 30 and box[1] >= 30 and box[2] <= 970 and box[3] <= 970, (
                        style,
                        title,
                        option.name,
                    )
                    assert not any(lettering._meets(box, other) for other in boxes[:k]), (style, title, option.name)


def test_words_go_where_the_picture_is_quiet() -> None:
    busy = np.zeros((96, 96), np.float32)
    busy[48:] = 1
    options = layout.candidates(layout.Wording("Title", "Name", (), "oil"))
    assert layout.weighed(options, busy)[0].name.startswith("top")
    assert layout.weighed(options, busy[::-1])[0].name.startswith("bottom")


def test_a_chinese_cover_bears_a_seal_with_the_artists_name() -> None:
    done = lettering.letter(ground("#d8d2c0"), "秋江", "李白", (), "ink", PALETTE, 1)
    seal = next(text for text in done.texts if text.role == "seal")
    left, top, right, bottom = seal.box
    red = np.asarray(done.image.crop(seal.box)).reshape(-1, 3).mean(0)
    assert seal.lines == ("李白",) and red[0] > red[1] + 40 and right - left == bottom - top


def test_the_same_seed_gives_the_same_lettering() -> None:
    one, two = (
        lettering.letter(ground("noise"), "秋江", "Muse", ("一",), "ink", PALETTE, 9).image.tobytes() for _ in "ab"
    )
    assert one == two


@pytest.mark.parametrize("colour", ["#ffffff", "#c9c4b8", "#101010"])
def test_the_seal_can_be_read_on_any_ground(colour: str) -> None:
    from muse.art.referee import covers as referee

    done = lettering.letter(ground(colour, 1024), "秋江夜泊", "", (), "ink", PALETTE, 7)
    seal = next(text for text in done.texts if text.role == "seal")
    assert referee.contrast(done.image, seal.box, (248, 240, 226)) >= 4.5
