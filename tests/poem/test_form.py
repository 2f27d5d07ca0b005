from itertools import product

import pytest

from muse.errors import UsageError
from muse.poem.choose import form_named
from muse.poem.form import FORMS, OPENINGS, Opening, shape


def tones(text: str) -> tuple[bool, ...]:
    return tuple(character == "平" for character in text)


@pytest.mark.parametrize(
    ("name", "found"),
    [("七绝", "七绝"), ("wujue", "五绝"), (" QILÜ ", "七律"), ("五言", ""), ("绝句", ""), ("qijeu", "")],
)
def test_names(name: str, found: str) -> None:
    if found:
        assert form_named(name) == found
    else:
        with pytest.raises(UsageError, match="unknown form"):
            form_named(name)


def test_a_slip_is_answered_with_the_name_that_was_meant() -> None:
    with pytest.raises(UsageError, match="qijue"):
        form_named("qijeu")


def test_shape() -> None:
    assert [shape(form.lines, form.width) for form in FORMS.values()] == list(FORMS.values())
    assert shape(4, 6) is None


@pytest.mark.parametrize(
    ("opening", "patterns"),
    [
        (Opening(False, False), ["仄仄平平仄", "平平仄仄平", "平平平仄仄", "仄仄仄平平"]),
        (Opening(False, True), ["仄仄仄平平", "平平仄仄平", "平平平仄仄", "仄仄仄平平"]),
        (Opening(True, False), ["平平平仄仄", "仄仄仄平平", "仄仄平平仄", "平平仄仄平"]),
        (Opening(True, True), ["平平仄仄平", "仄仄仄平平", "仄仄平平仄", "平平仄仄平"]),
    ],
)
def test_the_four_models_of_the_textbooks(opening: Opening, patterns: list[str]) -> None:
    form = FORMS["五绝"]
    for line, pattern in enumerate(patterns):
        assert tones(pattern) in form.patterns(opening, line)
        longer = ("平平" if pattern[1] == "仄" else "仄仄") + pattern
        assert tones(longer) in FORMS["七绝"].patterns(Opening(not opening.level, opening.rhymed), line)


@pytest.mark.parametrize(
    ("line", "pattern", "allowed"),
    [
        (1, "仄平仄仄平", False),  # 孤平
        (1, "仄平平仄平", True),  # and its rescue
        (3, "仄仄平平平", False),  # 三平尾
        (2, "平平仄平仄", True),  # the twisted line
        (2, "仄平仄平仄", False),
        (2, "平平平平仄", False),
    ],
)
def test_what_a_line_may_be(line: int, pattern: str, allowed: bool) -> None:
    assert (tones(pattern) in FORMS["五绝"].patterns(Opening(False, False), line)) is allowed


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.latin)
def test_every_line_has_patterns_and_their_ends_agree(form) -> None:  # type: ignore[no-untyped-def]
    for opening, line in product(OPENINGS, range(form.lines)):
        patterns = form.patterns(opening, line)
        assert patterns
        assert {p[-1] for p in patterns} == {form.rhymed(line) or (line == 0 and opening.rhymed)}
