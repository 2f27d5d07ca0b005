import io
import re
import zlib
from xml.etree import ElementTree

import pytest
from fontTools.cffLib import CFFFontSet
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from muse.errors import UsageError
from muse.poem.broadsheet import PALETTES, Palette, broadsheet
from muse.poem.broadsheet.seal import wording
from muse.poem.layout import heading, indents
from muse.poem.poem import Poem
from muse.sheet.page import HEIGHT, WIDTH, Box, Sheet
from muse.sheet.setting import Setter, printed

SVG = "{http://www.w3.org/2000/svg}"
COUPLET = ("白日依山尽", "黄河入海流")
TOWER = Poem("登鹳雀楼", (*COUPLET, "欲穷千里目", "更上一层楼"), "五绝")
SONG = Poem(
    "秋江",
    ("一曲新词酒一杯", "去年天气旧亭台", "夕阳西下几时回", "无可奈何花落去", "似曾相识燕归来", "小园香径独徘徊"),
    "词", tune="浣溪沙", stanzas=(3,), closes=(True, True, True, False, True, True),
)  # fmt: skip
LONG = Poem("省试湘灵鼓瑟", COUPLET * 10, "五排")
WORDY = Poem("春日宴桃李园与诸弟赋得长句" * 5, ("月落乌啼霜满天", "江枫渔火对愁眠"), "")
BALLAD = Poem(
    "The Mariner's Rime",
    ("It is an ancient Mariner,", "And he stoppeth one of three.", "'By thy long beard and glittering eye,",
     "Now wherefore stopp'st thou me?", "The guests are met"), "ballad", "en", stanzas=(4,),
)  # fmt: skip
OPEN = Poem("Open Road", ("Afoot and light-hearted I take to the open road, " * 5,) * 2, "free", "en")
PROSE = Poem("记", ("江南的雨下了一夜，" * 60 + "天亮了。",) * 3, "prose")
EVERY = [TOWER, SONG, LONG, WORDY, Poem("书斋", ("雨过琴书润", "风来翰墨香"), "对联"), PROSE, BALLAD, OPEN,
         Poem("Pond", ("An old pond",), "haiku", "en"), Poem("W" * 80, ("w" * 200,), "free", "en"),
         Poem("Зима", ("Мороз и солнце",), "", "ru")]  # fmt: skip


def sheets(poem: Poem) -> list[Sheet]:
    found = [broadsheet(poem, author="王之涣")]
    if poem.language == "zh":
        found += [broadsheet(poem, layout="horizontal"), broadsheet(poem, pinyin=True, palette="night")]
    return found


@pytest.mark.parametrize("poem", EVERY, ids=lambda poem: poem.title[:8])
def test_all_stands_on_the_page_and_nothing_on_another(poem: Poem) -> None:
    for sheet in sheets(poem):
        places: list[tuple[float, float, float, float]] = []
        for run in sheet.runs:
            for glyph in run.glyphs:
                left, bottom, right, top = (edge * glyph.size / 1000 for edge in glyph.outline.box)
                box = (glyph.x + left, glyph.y - top, glyph.x + right, glyph.y - bottom)
                assert 20 < box[0] <= box[2] < sheet.width - 20, (poem.title, glyph.text)
                assert 20 < box[1] <= box[3] < sheet.height - 20, (poem.title, glyph.text)
                if glyph.text.strip() and run.ink == "ink":
                    places.append(box)
        for at, one in enumerate(places):
            for other in places[at + 1 : at + 60]:
                across = min(one[2], other[2]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                assert across < 2.5 or down < 2.5, (poem.title, one, other)


def test_a_page_is_a4_and_grows_only_when_it_must() -> None:
    for poem in (TOWER, SONG, LONG, BALLAD, OPEN):
        assert all((sheet.width, sheet.height) == (WIDTH, HEIGHT) for sheet in sheets(poem))
    scroll = broadsheet(Poem("长卷", COUPLET * 100, ""))
    assert scroll.width > 3 * WIDTH and scroll.height == HEIGHT
    assert broadsheet(Poem("长卷", COUPLET * 100, ""), layout="horizontal").height > HEIGHT


def test_columns_go_from_right_to_left_and_lines_downward() -> None:
    runs = [run for run in broadsheet(TOWER).runs if run.text in TOWER.lines]
    assert [run.text for run in runs] == list(TOWER.lines)
    assert runs[0].glyphs[0].x > runs[2].glyphs[0].x
    assert [glyph.y for glyph in runs[0].glyphs] == sorted(glyph.y for glyph in runs[0].glyphs)
    assert broadsheet(SONG).title == "浣溪沙·秋江" and "无可奈何花落去，似曾相识燕归来。" in broadsheet(SONG).words


def test_prose_flows_in_columns_with_standing_marks() -> None:
    said = [run for run in broadsheet(Poem("记", ("他说：“雨停了。”" * 20,), "prose")).runs if "“" in run.text]
    quote = next(glyph for glyph in said[0].glyphs if glyph.text == "“")
    assert quote.outline.name.endswith("-fe43") and "".join(run.text for run in said).count("“") == 20
    assert not any(run.text[0] in "。：”" for run in said)


def test_svg_is_drawn_from_outlines_and_read_as_text() -> None:
    assert b"/Lang (und)" in broadsheet(Poem("", ("a",), "", ") >>")).pdf()
    for poem in (TOWER, BALLAD):
        data = broadsheet(poem, author='A <"&> B').svg()
        root = ElementTree.fromstring(data)
        assert root.findtext(f"{SVG}title") == broadsheet(poem).title
        assert poem.lines[0].lstrip("'")[:5] in str(root.findtext(f"{SVG}desc"))
        held = {shape.get("id") for shape in root.iter(f"{SVG}path")}
        used = {str(use.get("href"))[1:] for use in root.iter(f"{SVG}use")}
        assert held == used and not re.search(rb"https?://(?!www.w3.org/2000/svg)|font-family|@import", data)
        said = [text.text or "" for text in root.iter(f"{SVG}text")]
        assert printed(poem.lines[-1]) in said
        for text in root.iter(f"{SVG}text"):
            assert len(str(text.get("x")).split()) == len(str(text.get("y")).split()) == len(text.text or "")


def streams(data: bytes) -> list[bytes]:
    return [zlib.decompress(found) for found in re.findall(rb"stream\n(.*?)\nendstream", data, re.S)]


def test_pdf_is_whole_and_its_text_can_be_copied() -> None:
    data = broadsheet(TOWER, author="王之涣").pdf()
    assert data.startswith(b"%PDF-1.6") and data.endswith(b"%%EOF\n") and len(data) < 30_000
    assert b"Date" not in data and b"/ID" not in data
    start = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    places = re.findall(rb"(\d{10}) 00000 n", data[start:])
    assert len(places) == 10
    for number, place in enumerate(places, 1):
        assert data[int(place) :].startswith(b"%d 0 obj" % number)
    face, cmap, content = streams(data)
    names = dict(re.findall(rb"<(\w{4})> <(\w+)>", cmap))
    text = "".join(
        bytes.fromhex(names[code].decode()).decode("utf-16-be") for code in re.findall(rb"<(\w{4})> Tj", content)
    )
    assert text == "登鹳雀楼" + "".join(TOWER.lines) + "王之涣"
    font = CFFFontSet()
    font.decompile(io.BytesIO(face), None)
    assert len(font[0].CharStrings.keys()) == len(set(text)) + 1


def test_png_shows_what_it_says() -> None:
    sheet = broadsheet(TOWER)
    image = Image.open(io.BytesIO(sheet.png(842)))
    assert image.size == (595, 842) and image.getpixel((2, 2)) == (0xF7, 0xF1, 0xE3)
    stamp = next(run for run in sheet.runs if run.ink == "seal").glyphs[0]
    assert image.getpixel((int(stamp.x + stamp.size / 2), int(stamp.y - 1))) == (0xB2, 0x2A, 0x22)
    dark = sum(image.convert("L").histogram()[:90]) / (595 * 842)
    assert 0.01 < dark < 0.2
    for pixels in (0, 255, 10_001):
        with pytest.raises(UsageError, match="pixels"):
            sheet.png(pixels)


def test_the_same_sheet_gives_the_same_bytes() -> None:
    for make in (Sheet.svg, Sheet.pdf, lambda sheet: sheet.png(400)):
        assert make(broadsheet(SONG, author="晏殊")) == make(broadsheet(SONG, author="晏殊"))


def test_pinyin_stands_beside_its_character() -> None:
    sheet = broadsheet(TOWER, pinyin=True)
    said = [run for run in sheet.runs if run.ink == "soft"]
    assert [run.text for run in said][:5] == ["bái", "rì", "yī", "shān", "jǐn"]
    first = next(run for run in sheet.runs if run.text == TOWER.lines[0]).glyphs
    for glyph, run in zip(first, said, strict=False):
        middle = (run.glyphs[0].y + run.glyphs[-1].y) / 2
        assert (
            run.glyphs[0].x > glyph.x + 0.8 * glyph.size
            and abs(middle - (glyph.y - 0.38 * glyph.size)) < glyph.size / 2
        )


def test_what_no_font_draws_is_framed_and_told() -> None:
    sheet = broadsheet(Poem("𪉊", ("𪉊日依山尽", "黄河入海流"), ""))
    assert "𪉊 (U+2A24A)" in sheet.notes[0] and "𪉊" in sheet.svg().decode()
    assert not broadsheet(TOWER).notes


def test_wrong_wishes_are_refused() -> None:
    for wish in ({"layout": "diagonal"}, {"palette": "papr"}):
        with pytest.raises(UsageError):
            broadsheet(TOWER, **wish)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="only Chinese"):
        broadsheet(BALLAD, layout="vertical")
    own = Palette("#102030", "#ffffff", "#dddddd", "#888888", "#ff0000", "#ffffff")
    assert b'fill="#102030"' in broadsheet(TOWER, palette=own).svg() and len(PALETTES) == 3


def test_seals() -> None:
    assert (
        wording("", "孟浩然", True) == "孟浩然印"
        and wording("闲", "李白", True) == "闲"
        and wording("", "", False) == "MUSE"
    )
    assert wording("", "Edgar Allan Poe", False) == "EAP" and wording("", "!!", True) == "缪斯之印"
    for stamp in ("闲", "李白", "孟浩然", "缪斯之印", "M", "JA", "EAP"):
        assert broadsheet(TOWER, seal=stamp).png(300)


def test_english_is_set_as_printers_do() -> None:
    assert printed("'Tis \"so\"--'By thee'") == "’Tis “so”—‘By thee’"
    assert indents(BALLAD.verse, "ballad") == (0, 1, 0, 1, 0)
    assert indents(Poem("", ("a", "  b", "c"), "", "en").verse) == (0, 1, 0)
    rows = [run.text for run in broadsheet(OPEN).runs if run.text.startswith(("Afoot", "the open"))]
    assert len(rows) >= 2 and heading("秋江", "浣溪沙") == "浣溪沙·秋江"
    assert Setter(latin=True).width("’", 10) < 5 < Setter().width("’", 10)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(max_size=12), st.text(max_size=6))
def test_any_title_can_be_set(title: str, author: str, stamp: str) -> None:
    english = Poem(title, ("A line\x00", "\x01", title or "B"), "free", title[:8] or "en")
    for poem in (Poem(title, COUPLET, ""), english, Poem(title, (title + "。",), "prose")):
        sheet = broadsheet(poem, author=author, seal=stamp)
        ElementTree.fromstring(sheet.svg())
        assert sheet.pdf() and any(isinstance(item, Box) for item in sheet.items)


def test_a_notebook_shows_it_without_help_from_outside() -> None:
    for poem in (TOWER, SONG, BALLAD, PROSE):
        page = poem._repr_html_()
        assert "http" not in page and ("vertical-rl" in page) == (poem.language == "zh")
    assert "<rt" in Poem("登", COUPLET, "", shown=True)._repr_html_() and page != SONG._repr_html_()
    assert "<script>" not in Poem("<script>", COUPLET, "")._repr_html_()
