"""The texts of a cover before they are drawn: faces, refusals, line breaks."""

import pytest

from muse.art.letters import breaking, fonts, layout, words
from muse.art.letters.breaking import broken
from muse.errors import MuseError, WishError
from muse.fonts import faces
from muse.fonts.faces import BRUSH, NOTO, codes, is_han


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("مطر", "ARABIC|Arabic"), ("גשם", "Hebrew"), ("ฝน", "Thai"), ("ﷺ", "Arabic"), ("龘靐齉", "U\\+9F98"),
        ("Rain مطر", "Arabic"), ("🌊🌊", "U\\+1F30A"), ("👩‍👩‍👧", "U\\+1F469"), ("서울", "Hangul"),
        ("A " * 150, "300 characters|299"),
    ],
)  # fmt: skip
def test_what_cannot_be_lettered_is_refused_by_name(title: str, why: str) -> None:
    with pytest.raises(WishError, match=why) as caught:
        words.wording(title, "", (), "oil")
    assert caught.value.why and caught.value.next_step
    assert words.offered(title)[0] == "" and words.offered(title)[1][0].startswith("no title")


@pytest.mark.parametrize(
    ("title", "drawn", "note"),
    [
        ("Drift 🌊 away", "Drift away", "🌊"), ("a\x00b\u202e\ud800c", "abc", ""), ("a\u0301" * 3, "ááá", ""),
        ("Tiếng Việt", "Tiêng Viêt", "ế, ệ"), ("Z\u0334a\u0335", "Za", "U\\+0334"), ("㎏", "kg", ""), ("ﬁn", "fin", ""),
        ("Été à Łódź", "Été à Łódź", ""), ("Don't", "Don’t", ""),
        ("\n\t \u200b", "", ""), ("Q" * 40, "Q" * 40, "broken"),
    ],
)  # fmt: skip
def test_what_is_changed_is_said(title: str, drawn: str, note: str) -> None:
    found = words.wording(title, "", (), "oil")
    assert found.title == drawn
    assert len(found.notes) == bool(note) and note.replace("\\", "") in "".join(found.notes)


def test_a_verse_has_few_lines() -> None:
    with pytest.raises(WishError, match="9 lines"):
        words.wording("", "", ("line",) * 9, "oil")


def test_every_glyph_drawn_is_in_its_font() -> None:
    for style in fonts.LATIN_FACE:
        voice = fonts.title_voice(style, "Ünïcödé – 秋江，夜泊 КО")
        for char, face, _ in voice.line("Ünïcödé – 秋江，夜泊 КО").glyphs:
            assert ord(char) in codes(face), (style, char)


def test_calligraphy_is_for_whole_chinese_titles() -> None:
    assert fonts.title_voice("ink", "秋江，夜").han == BRUSH
    assert fonts.title_voice("ink", "琖江").han == NOTO and ord("琖") not in codes(BRUSH)
    assert fonts.title_voice("ink", "江南 Spring").han == NOTO


def test_the_fonts_cover_what_they_promise() -> None:
    noto = codes(NOTO)
    for row in range(16, 88):
        for cell in range(1, 95):
            char = bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312", errors="ignore")
            assert not char or ord(char) in noto
    assert sum(is_han(chr(code)) for code in noto) >= 8000
    assert sum(path.stat().st_size for path in fonts.FOLDER.glob("*.otf")) <= 4_800_000
    assert all(ord(char) in noto for char in "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü")
    assert all(ord(char) in noto for char in faces.UPRIGHT.values())
    assert len(list(fonts.FOLDER.glob("OFL-*.txt"))) == 5


@pytest.fixture
def fresh():
    """Nothing remembered of the faces, before and after."""
    for known in (codes, faces.missing, faces._reach, fonts.font, fonts.advance, fonts.ink, fonts._line):
        known.cache_clear()
    yield
    for known in (codes, faces.missing, faces._reach, fonts.font, fonts.advance, fonts.ink, fonts._line):
        known.cache_clear()


def test_noto_stands_in_for_a_missing_face(fresh: None, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{NOTO}.otf").write_bytes((fonts.FOLDER / f"{NOTO}.otf").read_bytes())
    monkeypatch.setattr(faces, "FOLDER", tmp_path)
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    found = words.wording("Grid 秋", "", (), "geometric")
    assert "BebasNeue" in found.notes[0] and {face for _, face, _ in found.voices[0].line("Grid 秋").glyphs} == {NOTO}


def test_without_noto_there_is_no_lettering(fresh: None, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "FOLDER", tmp_path)
    with pytest.raises(MuseError, match="install muse again"):
        words.wording("Grid", "", (), "geometric")


@pytest.mark.parametrize(
    ("text", "count", "wanted"),
    [
        ("The Long Road to the Sea", 2, ("The Long Road", "to the Sea")),
        ("秋江夜泊", 2, ("秋江", "夜泊")),
        ("One", 4, ("One",)),
        ("大江东去，浪淘尽", 2, ("大江东去，", "浪淘尽")),
        ("夜泊《枫桥》", 2, ("夜泊", "《枫桥》")),
        ("东京 Midnight Drive", 2, ("东京", "Midnight Drive")),
        ("江南 Spring", 2, ("江南", "Spring")),
        ("", 2, ()),
    ],
)
def test_lines_break_well(text: str, count: int, wanted: tuple[str, ...]) -> None:
    assert broken(text, count) == wanted


@pytest.mark.parametrize("count", range(1, 9))
def test_no_mark_is_parted_from_what_it_belongs_to(count: int) -> None:
    text = "他说：「春天，来了！」（真的）……《雨》——一·二"
    for line in broken(text, count):
        assert line[0] not in breaking.NO_START and line[-1] not in breaking.NO_END
    assert "".join(broken(text, count)) == text


def test_no_line_ends_on_a_small_word() -> None:
    for title in (
        "The End of the World and the Sea",
        "A Song for the Lost and the Found",
        "Letters to a Friend in May",
    ):
        for line in broken(title, 3)[:-1]:
            assert line.split()[-1].lower() not in ("the", "a", "of", "and", "for", "to", "in"), title


def test_long_titles_fit_without_hyphens_or_cuts() -> None:
    voice = fonts.title_voice("oil", "x")
    for text in ("The Unbearable Lightness of Being a Small Boat on a Very Large Sea", "word " * 32, "Q" * 160):
        block = layout.fitted("title", text.strip(), voice, 0.86, 0.44, 0.165)
        assert block.width <= 0.861 and block.height <= 0.441 and block.size >= 0.03
        assert "".join(block.lines).replace(" ", "") == text.replace(" ", "")


def test_capitals_are_taken_where_a_face_has_them() -> None:
    assert fonts.Voice(upper=True).set("Straße ŉ ÿ") == "STRASSE ŉ Ÿ"


def test_kerning_and_tracking() -> None:
    tight, loose = fonts.Voice(), fonts.Voice(tracking=0.1)
    assert tight.line("To").width < tight.line("T").width + tight.line("o").width + 0.1
    assert loose.line("abc").width == pytest.approx(tight.line("abc").width + 0.2)
    assert tight.line("江A").glyphs[1][2] == pytest.approx(1 + fonts.APART)
