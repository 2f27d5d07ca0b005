"""The table of tunes: every line can be read, and the shapes are those that the tunes are known for."""

import pytest

from muse.errors import UsageError
from muse.tables.tunes import OTHER_NAMES, shapes, tunes


def test_all_shapes_are_whole() -> None:
    known = tunes()
    assert len(known) >= 324
    for name, found in known.items():
        assert [shape.count for shape in found] == sorted((shape.count for shape in found), reverse=True), name
        for shape in found:
            assert shape.tune == name and shape.lines and shape.lines[-1].mark == "。"
            assert sum(bool(line.rhyme) for line in shape.lines) >= 2
            assert all(0 < begin < len(shape.lines) for begin in shape.stanzas)


@pytest.mark.parametrize(
    ("name", "characters", "rhymes", "stanzas", "length"),
    [
        ("浣溪沙", 42, "aaa aa", (3,), "小令"),
        ("菩萨蛮", 44, "aabbccdd", (4,), "小令"),
        ("西江月", 50, " aab aab", (4,), "小令"),
        ("蝶恋花", 60, "a aaaa aaa", (5,), "中调"),
        ("念奴娇", 100, "  a a  a a  a a  a a", (10,), "长调"),
    ],
)
def test_known_tunes(name: str, characters: int, rhymes: str, stanzas: tuple[int, ...], length: str) -> None:
    shape = shapes(name)[0]
    assert (shape.characters, shape.stanzas, shape.length) == (characters, stanzas, length)
    assert "".join(line.rhyme or " " for line in shape.lines).rstrip() == rhymes


def test_names_in_either_script_with_titles_and_by_other_names() -> None:
    assert shapes("菩薩蠻") == shapes("菩萨蛮") == shapes("子夜歌") == shapes(" 菩萨蛮·书江西造口壁")
    assert not set(OTHER_NAMES) & set(tunes()) and set(OTHER_NAMES.values()) <= set(tunes())


@pytest.mark.parametrize("name", ["浣溪", "蝶恋花儿", "满江红红"])
def test_a_name_that_is_nearly_right(name: str) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        shapes(name)


@pytest.mark.parametrize("name", ["", "xx", "\0", "鑫" * 1000])
def test_names_of_nothing(name: str) -> None:
    with pytest.raises(UsageError, match="choose one of"):
        shapes(name)
