"""Wishes of every kind: what can be met is met, what cannot is explained by its place."""

from __future__ import annotations

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.poem.choose import form_named
from muse.poem.fields import rhymes_named, title_of
from muse.poem.given import clauses
from muse.poem.plan import Plan, characters_of, plan
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.write import write
from muse.tables.lexicon import interpret


def wished(text: str = "秋江夜泊", **wishes: object) -> Wishes:
    reading = interpret(text)
    return Wishes(**{"theme": reading.theme, "mood": reading.mood, "candidates": 1, **wishes})  # type: ignore[arg-type]


def written(bundle: Bundle, **wishes: object) -> Poem:
    (poem,) = write(wished(**wishes), bundle, [7])
    return poem


def planned(bundle: Bundle, seed: int = 7, **wishes: object) -> Plan:
    return plan(wished(**wishes), bundle, seed)


@pytest.mark.parametrize(
    ("name", "form"),
    [("qilv", "七律"), ("五言绝句", "五绝"), ("ci", "词"), ("Duilian", "对联"), ("七言排律", "七排"), ("排律", "排律")],
)
def test_names_of_forms(name: str, form: str) -> None:
    assert form_named(name) == form


@pytest.mark.parametrize(
    ("wishes", "form", "tune", "lines"),
    [
        ({"tune": "浣溪沙"}, "词", "浣溪沙", 6),
        ({"form": "菩萨蛮"}, "词", "菩萨蛮", 8),
        ({"form": "排律"}, "五排", "", 12),
        ({"form": "七排", "length": "20"}, "七排", "", 20),
        ({"form": "五排", "length": "十韵"}, "五排", "", 20),
        ({"length": "二十四"}, "五排", "", 24),
        ({"form": "对联", "first_line": "海阔凭鱼跃"}, "对联", "", 2),
        ({"reply_to": "烟锁池塘柳"}, "对联", "", 2),
        ({"acrostic": "春江花月"}, "七绝", "", 4),
        ({"first_line": "红豆生南国，春来发几枝"}, "五绝", "", 4),
    ],
)
def test_what_is_chosen(bundle: Bundle, wishes: dict[str, object], form: str, tune: str, lines: int) -> None:
    found = planned(bundle, **wishes)
    assert (found.score.form[0] in "五七") == (form[0] in "五七") and len(found.score.widths) == lines
    assert found.score.tune == tune and found.score.form[-1] == form[-1]


def test_lengths_choose_the_tune(bundle: Bundle) -> None:
    for length in ("小令", "中调", "长调"):
        tunes = set()
        for seed in range(6):
            shape = planned(bundle, seed, length=length).score.shape
            assert shape is not None and shape.length == length
            tunes.add(shape.tune)
        assert len(tunes) > 2
    with pytest.raises(WishError, match="浣溪沙 is no 长调"):
        planned(bundle, tune="浣溪沙", length="长调")


def test_locked_places_are_kept_and_read_ahead(bundle: Bundle) -> None:
    poem = written(bundle, form="五绝", lock=("床前＿＿＿", "", "4:__水__"))
    assert poem.lines[0].startswith("床前") and poem.lines[3][2] == "水"
    asked = planned(bundle, form="五绝", lock=("床前＿＿＿", "", "4:__水__"))
    assert asked.given[0].places == ((0, 0), (0, 1), (3, 2))
    assert asked.characters.vocabulary.ids["<given>"] in asked.prompt().tokens
    assert planned(bundle, form="五绝").given == ()


@pytest.mark.parametrize("at", ["head", "tail", "diagonal"])
def test_acrostics(bundle: Bundle, at: str) -> None:
    spelled = {"head": "山水春家", "tail": "月家水花", "diagonal": "山水春月"}[at]
    poem = written(bundle, form="五绝", acrostic=spelled, acrostic_at=at)
    places = {"head": [0] * 4, "tail": [4] * 4, "diagonal": [0, 1, 2, 3]}[at]
    assert "".join(line[place] for line, place in zip(poem.lines, places, strict=True)) == spelled
    assert poem.report.valid is True


def test_an_acrostic_of_half_the_lines_heads_the_couplets(bundle: Bundle) -> None:
    poem = written(bundle, form="七律", acrostic="春江花月")
    assert "".join(line[0] for line in poem.lines[::2]) == "春江花月"
    assert any("lines 1, 3, 5, 7" in finding for finding in poem.report.findings)


def test_all_locked(bundle: Bundle) -> None:
    lines = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
    poem = written(bundle, form="五绝", lock=lines, candidates=2)
    assert poem.lines == lines and poem.report.valid is True


def test_characters_outside_the_vocabulary_are_kept_and_told(bundle: Bundle) -> None:
    poem = written(bundle, form="五绝", lock=("𪚥龘＿＿＿",))
    assert poem.lines[0].startswith("𪚥龘")
    assert any("does not know: 𪚥龘" in finding for finding in poem.report.findings)


def test_traditional_text_is_mapped_and_told(bundle: Bundle) -> None:
    poem = written(bundle, form="五绝", first_line="紅豆生南國")
    assert poem.lines[0] == "红豆生南国" and any("traditional" in one for one in poem.report.findings)


def test_slurs_are_written_only_where_given(bundle: Bundle) -> None:
    poem = written(bundle, form="五绝", lock=("＿虏＿＿＿",))
    assert poem.lines[0][1] == "虏" and any("虏" in finding for finding in poem.report.findings)


def test_forbidden_characters_and_words(bundle: Bundle) -> None:
    for seed in range(4):
        (poem,) = write(wished(form="七律", forbid=("月", "山", "春風")), bundle, [seed])
        assert not any(word in "\n".join(poem.lines) for word in ("月", "山", "春风"))


def test_keywords_are_told_and_relaxed(bundle: Bundle) -> None:
    asked = planned(bundle, form="七绝", keywords=("2:月", "江南", "moon"))
    assert asked.fields.keys[:2] == ("月", "江南") and asked.fields.key_rows[:2] == (2, 0)
    found = [one for one in written(bundle, form="七绝", keywords=("2:月",)).report.promises if one.name == "keyword"]
    assert found[0].kept in (True, "relaxed")


@pytest.mark.parametrize(
    ("rhyme", "book", "held"),
    [
        ("七阳", "pingshui", {"七阳"}),
        ("阳", "pingshui", {"七阳"}),
        ("下平七阳韵", "pingshui", {"七阳"}),
        ("第二部", "cilin", {"第二部平", "第二部仄"}),
        ("七阳", "cilin", {"第二部平"}),
        ("十唐", "xinyun", {"十唐平", "十唐仄"}),
    ],
)  # fmt: skip
def test_names_of_rhymes(bundle: Bundle, rhyme: str, book: str, held: set[str]) -> None:
    assert rhymes_named(rhyme, characters_of(bundle, book, True)) == held


def test_a_rhyme_is_kept(bundle: Bundle) -> None:
    assert written(bundle, form="七绝", rhyme="十一尤").rhyme == "十一尤"
    song = planned(bundle, tune="菩萨蛮", rhyme="七阳")  # its level rhymes can take it, its oblique ones cannot
    assert set(song.demands.rhymes) <= {"b", "d"} and song.fields.rhyme == "第二部"


def test_the_manner_of_an_era_and_an_author(bundle: Bundle) -> None:
    assert planned(bundle, form="五绝", era="Tang").fields.era == "唐"
    assert planned(bundle, form="五绝", era="明").fields.era == "元明清"
    with pytest.raises(UsageError, match="era"):
        planned(bundle, era="民国")
    with pytest.raises(UsageError, match="manner"):
        planned(bundle, author="无此人")


def test_text_against_the_form_stands_where_it_is_not_strict(bundle: Bundle) -> None:
    lines = ("床前明月光", "疑是地上霜")
    with pytest.raises(WishError, match="line 2, place 4: 上 is oblique, 五绝 wants a level"):
        written(bundle, form="五绝", lock=lines)
    poem = written(bundle, form="五绝", lock=lines, strict=False)
    assert poem.lines[:2] == lines
    assert any("line 2, place 4: 上 is relaxed" in finding for finding in poem.report.findings)
    assert "relaxed" in {promise.kept for promise in poem.report.promises} and poem.report.valid is not False


def test_a_given_line_that_ends_level_is_answered_and_told(bundle: Bundle) -> None:
    poem = written(bundle, reply_to="春江水月人")
    assert any("ends level" in finding for finding in poem.report.findings)
    assert {promise.kept for promise in poem.report.promises if promise.name == "ends"} == {"relaxed"}


def test_a_given_character_of_two_tones_is_read_as_the_form_asks(bundle: Bundle) -> None:
    poem = written(bundle, form="五绝", lock=("＿看＿＿＿",))  # place 2 is level or oblique, never both
    assert poem.report.valid == "depends" and any("read as the form asks" in one for one in poem.report.findings)


@pytest.mark.parametrize(
    ("wishes", "match"),
    [
        ({"form": "七绝", "lock": ("白日依山尽",)}, "line 1 of 七绝 has 7 places, lock gives 5"),
        ({"form": "五绝", "lock": ("", "", "", "", "白日依山尽")}, "no line 5"),
        ({"form": "五绝", "first_line": "白日依山尽", "acrostic": "春江花月"}, "first_line wants 白, acro.* wants 春"),
        ({"form": "五绝", "acrostic": "春江花月夜"}, "5 characters, 五绝 4 lines"),
        ({"form": "七绝", "acrostic": "花光山香", "acrostic_at": "tail"}, "rhyme"),
        ({"form": "五绝", "lock": ("", "＿＿＿＿光", "", "＿＿＿＿间")}, "line 2 ends in 光 .*line 4 ends in 间"),
        ({"form": "五绝", "lock": ("", "＿日＿月＿")}, "line 2, place 4: 月 is oblique.* after 日"),
        ({"form": "五绝", "first_line": "白日依山尽", "forbid": ("日",)}, "first_line gives 日. it is forbidden"),
        ({"form": "五绝", "first_line": "白日依山尽", "forbid": ("白日",)}, "first_line gives 白日. it is forbidden"),
        ({"keywords": ("月",), "forbid": ("月",)}, "forbidden"),
        ({"form": "五绝", "keywords": ("9:月",)}, "no room for 月 in line 9"),
        ({"form": "五绝", "rhyme": "一屋"}, "its rhymes are level"),
        ({"form": "五绝", "length": "12"}, "one length"),
        ({"form": "五排", "length": "11"}, "even number"),
        ({"form": "五绝", "tune": "浣溪沙"}, "asks for 词"),
        ({"reply_to": "月"}, "2 to 16"),
        ({"lock": ("abc",)}, "no Chinese character"),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_explained(bundle: Bundle, wishes: dict[str, object], match: str) -> None:
    with pytest.raises(WishError, match=match):
        planned(bundle, **wishes)


@pytest.mark.parametrize(
    "wishes",
    [
        {"form": "七觉"},
        {"tune": "浣溪"},
        {"rhyme": "xyz"},
        {"length": "很长"},
        {"forbid": ("abc",)},
        {"keywords": ("qqq",)},
    ],
)
def test_names_that_nobody_knows(bundle: Bundle, wishes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        planned(bundle, **wishes)


def test_clauses_in_any_script_and_with_any_gaps() -> None:
    assert clauses("床前 明月__，\u3000□○上霜！") == ["床前明月＿＿", "＿＿上霜"]
    assert clauses("abc, 1") == []


def test_random_wishes_are_met_or_explained(bundle: Bundle) -> None:
    """Whatever is asked for, there is a poem that has it, or an error of the family."""
    signs, met = "春江花月山水人家看长天白日", 0
    for seed in range(60):
        random = np.random.default_rng(seed)

        def some(count: int, random: np.random.Generator = random) -> str:
            return "".join(random.choice(list(signs), count))

        asked: dict[str, object] = {"form": random.choice(["五绝", "七律", "词", "对联"])}
        if random.random() < 0.5:
            asked |= {"acrostic": some(2), "acrostic_at": str(random.choice(["head", "tail", "diagonal"]))}
        if random.random() < 0.5:
            asked["forbid"] = (some(1), some(2))
        if random.random() < 0.5:
            asked["strict"] = False
        if random.random() < 0.4:
            asked["lock"] = ("", some(5) if asked["form"] == "五绝" else "")
        try:
            (poem,) = write(wished(**asked), bundle, [seed])
        except WishError:
            continue
        met += 1
        assert not any(word in "\n".join(poem.lines) for word in asked.get("forbid", ()))  # type: ignore[attr-defined]
        assert poem.report.valid in (True, "depends")
    assert met > 15


def test_titles() -> None:
    assert title_of(wished(title="无题")) == "无题" and title_of(wished()) == "秋江夜泊"
