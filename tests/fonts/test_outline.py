import io

import pytest
from fontTools.ttLib import TTFont

from muse.fonts.faces import BEBAS, BRUSH, CINZEL, FAIR, FOLDER, ITALIC, NOTO, codes, drawable, is_chinese, table
from muse.fonts.outline import cut, kerning, outline

TEXT = "白日依山尽Aā，"


@pytest.mark.parametrize("face", [BEBAS, BRUSH, CINZEL, FAIR, ITALIC, NOTO])
def test_codes_are_those_that_a_font_library_reads(face: str) -> None:
    font = TTFont(FOLDER / f"{face}.otf")
    assert codes(face) == {code: font.getGlyphID(name) for code, name in font.getBestCmap().items()}


def test_an_outline_is_the_glyph_of_its_face() -> None:
    moon, bar = outline(NOTO, "月"), outline(NOTO, "l")
    assert moon is not None and bar is not None
    left, bottom, right, top = moon.box
    assert 0 < left < right < 1000 and -120 < bottom < top < 880 and moon.advance == 1000 > bar.advance
    assert moon.svg.startswith("M") and moon.svg.endswith("Z") and moon is outline(NOTO, "月")
    assert outline(FAIR, "月") is None
    assert kerning(FAIR, "T", "o") < 0 == kerning(NOTO, "T", "o")


def test_outlines_are_turned_and_stretched() -> None:
    moon = outline(NOTO, "月")
    assert moon is not None
    left, bottom, right, top = moon.box
    assert moon.turned().box == (bottom, -right, top, -left)
    assert [round(edge) for edge in moon.filling(400, 900).box] == [0, 0, 400, 900]
    assert len({moon.name, moon.turned().name, moon.filling(400, 900).name}) == 3


def test_a_cut_font_draws_the_same_glyphs() -> None:
    shapes = [found for char in TEXT if (found := outline(NOTO, char))]
    data = cut(shapes, map(ord, TEXT), "Trial")
    assert data == cut(shapes, map(ord, TEXT), "Trial")
    font = TTFont(io.BytesIO(data))
    assert list(font.getBestCmap()) == sorted(map(ord, TEXT)) and len(data) < 6000
    assert [font["hmtx"][f"g{number}"][0] for number in (1, 6)] == [1000, round(shapes[5].advance)]
    assert table(data, b"CFF ")[:1] == b"\x01"


def test_what_can_be_drawn() -> None:
    assert drawable("秋 🍁 River") == ("秋 River", ("🍁",))
    assert drawable("a\u202eb\x00") == ("ab", ())
    assert is_chinese("秋江") and not is_chinese("Autumn 秋") and not is_chinese("")
