"""English lines as parts and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.poem.english.text import CAPITAL, clean, parts, rendered, words_of


@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        ('"O Love!"--she sigh\'d, in snow-white fear', "O Love! she sigh'd, in snow-white fear"),
        ("WHEN I consider (how) my light  is spent,-- ", "When I consider how my light is spent—"),
        ("[16] 'Tis true, o'er th' hill; to-day -- \"now.\"  12", "'Tis true, o'er th' hill; to-day—now."),
        ("The king's men, James' coat; 'goin' 'home'", "The king's men, James' coat; goin' home"),
        ("Æther, naïve—blessèd . . .", "Aether, naive—blessed…"),
        ("the day- and night;--", "The day and night;"),
    ],
)  # fmt: skip
def test_a_line_is_cleaned(line: str, cleaned: str) -> None:
    assert clean(line) == cleaned


@pytest.mark.parametrize("line", ["I am 12 years", "£5", "床前明月光", "a\x00b"])
def test_what_is_no_verse_is_refused(line: str) -> None:
    assert clean(line) is None


@given(st.text(alphabet="abcXYZ'’-—,.;:!?\" ()", max_size=60))
def test_cleaning_is_settled_after_once(line: str) -> None:
    once = parts(line)
    assert once is not None
    assert parts(rendered(once)) == once


def test_words_are_told_from_marks() -> None:
    assert words_of(parts("So, Love, come-hither!") or []) == ["so", "love", "come", "hither"]
    assert (parts("So, Love") or [])[2] == CAPITAL
