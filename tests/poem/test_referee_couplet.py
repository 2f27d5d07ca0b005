"""对联 and the score of 对仗."""

from __future__ import annotations

import itertools
import random
from collections import Counter

import pytest

from muse.poem.referee import judge, parallelism, recognise, verdict
from muse.poem.referee.books import Book, Reading

FAMOUS = [
    ("无边落木萧萧下", "不尽长江滚滚来"), ("星垂平野阔", "月涌大江流"), ("大漠孤烟直", "长河落日圆"),
    ("明月松间照", "清泉石上流"), ("身无彩凤双飞翼", "心有灵犀一点通"), ("沉舟侧畔千帆过", "病树前头万木春"),
]  # fmt: skip


@pytest.mark.parametrize("pair", FAMOUS, ids=[upper for upper, _ in FAMOUS])
def test_known_couplets(pair: tuple[str, str]) -> None:
    report = judge(list(pair))
    assert recognise(list(pair)) == "对联"
    assert report.valid in (True, "depends"), report
    assert parallelism(*pair) > 0.8
    assert judge(pair[::-1]).valid is False  # the first line must end oblique


def test_each_rule_is_named() -> None:
    def broken(upper: str, lower: str) -> set[str]:
        return {promise.name for promise in judge([upper, lower], "对联").promises if promise.kept is False}

    assert broken("星垂平野阔", "月涌大江流") == set()
    assert broken("星垂平野阔", "月同大江流") == {"tones"}
    assert broken("星垂平野流", "月涌大江阔") == {"ends"}
    assert broken("星垂平野阔", "星涌大江流") == {"characters"}
    assert broken("星垂平野阔", "月涌大江") == {"form"}
    report = judge(["星垂平野阔", "星同大江流"], "对联")
    assert "line 2, place 1: 星 is in both lines, wanted another (same character)" in report.findings
    assert "line 2, place 2: 同 is level, wanted oblique (tone)" in report.findings


def test_a_long_one_is_cut_alike() -> None:
    text = "风声雨声读书声,声声入耳。家事国事天下事,事事关心。"
    assert judge(text, "对联").promises[0].kept is True
    assert judge("风声雨声读书声,声声入耳。家事国事天下,事事关心。", "对联").promises[0].kept is False


def test_against_every_joint_reading() -> None:
    table = {"甲": (True,), "乙": (False,), "丙": (True, False), "丁": (True,), "戊": (False,)}
    own = Book("own", lambda character: tuple(Reading(level, "") for level in table.get(character, ())))
    random_ = random.Random(9)
    seen: Counter[str] = Counter()
    for _ in range(2000):
        upper = random_.choice(("甲甲乙乙戊", "甲乙丁丁戊乙乙"))
        lower = "".join("乙" if table[character] == (True,) else "丁" for character in upper)
        text = list(upper + lower)
        for _ in range(random_.randrange(3)):
            text[random_.randrange(len(text))] = random_.choice("甲乙丙丙丁戊")
        width = len(upper)
        lines = ["".join(text[:width]), "".join(text[width:])]
        results = [
            all(row[0][at] != row[1][at] for at in [*range(1, width, 2), width - 1]) and not row[0][-1] and row[1][-1]
            for tones in itertools.product(*(table[character] for character in text))
            for row in [(tones[:width], tones[width:])]
        ]
        same = any(one == other for one, other in zip(*lines, strict=True))
        wanted = "invalid" if same or not any(results) else "valid" if all(results) else "depends"
        assert verdict(judge(lines, "对联", own)) == wanted, lines
        seen[wanted] += 1
    assert min(seen[name] for name in ("valid", "depends", "invalid")) > 100, seen


def test_the_score_ranks_couplets() -> None:
    others = [(one, other) for one, _ in FAMOUS for _, other in FAMOUS if len(one) == len(other)]
    crossed = [pair for pair in others if pair not in FAMOUS]
    low = sorted(parallelism(*pair) for pair in crossed)
    assert min(parallelism(*pair) for pair in FAMOUS) > low[len(low) // 2]
    assert parallelism("星垂平野阔", "星垂平野阔") == 0.0
    assert parallelism("星垂平野阔", "月涌大江") == 0.0 == parallelism("", "")
    assert parallelism("星垂平野闊", "月湧大江流") == parallelism("星垂平野阔", "月涌大江流")
    assert 0.0 <= parallelism("𪚥𪚥", "月花") <= 1.0
