"""The automaton of meter and rhyme: it cannot fail, and the judge, who shares no rule with it, finds nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest

from muse.errors import UsageError, WishError
from muse.poem.english.automaton import VerseConstraint
from muse.poem.english.book import Book
from muse.poem.english.draft import text_of
from muse.poem.english.form import FORMS, form_of, with_lines
from muse.poem.english.grammar import Kind, kinds
from muse.poem.english.lock import Asked
from muse.poem.english.referee import judge
from muse.poem.english.sound import fits, readings
from muse.poem.english.text import parts
from muse.poem.english.vocabulary import BREAK, Vocabulary

ENDS = """night light bright sight might white flight kite day way say may play stay bay ray sea free me be tree key see
land hand sand stand band grand heart part art dart start cart rain pain vain plain lane main gain stone alone
moan bone tone known love dove above glove going flowing knowing growing throwing showing tender slender render fender
measure treasure pleasure hill still will fill till mill dream stream seem team
beam cream"""
OTHERS = """the a of and in to my with from golden silver winter summer autumn river water garden delight away alone
begin each forever memory eternity whisper shadow morning evening heavy softly singing moon star cold warm dark old"""


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    count = {word: 100 - at for at, word in enumerate(dict.fromkeys((ENDS + " " + OTHERS + " God").lower().split()))}
    return Vocabulary.of(count, {"god"}, size=0, pieces=0)


@pytest.fixture(scope="module")
def book(words: Vocabulary) -> Book:
    return Book(words)


def written(constraint: VerseConstraint, seed: int) -> list[int]:
    random = np.random.default_rng(seed)
    state, out = constraint.start(), []
    while not constraint.done(state):
        choices = np.flatnonzero(constraint.mask(state))
        assert len(choices), state
        row, col = constraint.place(state)
        assert row == state.line + 1 and 0 <= col < 20
        out.append(int(random.choice(choices)))
        state = constraint.advance(state, out[-1])
    return out


@pytest.mark.parametrize("name", FORMS)
def test_whatever_is_written_is_valid(name: str, book: Book) -> None:
    constraint = VerseConstraint(FORMS[name], book)
    for seed in range(12):
        text = text_of(np.array(written(constraint, seed)), book.vocabulary, "backward")
        report = judge(text, name)
        assert report.valid is True, (text, report.findings)
        lines = text.split("\n")
        assert [at for at, line in enumerate(lines[:-1]) if not line] == [
            at + number for number, at in enumerate(FORMS[name].breaks)
        ]
        for line in filter(None, lines):
            assert parts(line) is not None
            assert name == "free" or book.vocabulary.decode(book.vocabulary.encode(line)) == line


def test_a_rhyme_word_is_not_used_twice_and_two_letters_differ(book: Book) -> None:
    constraint = VerseConstraint(FORMS["petrarchan"], book)
    for seed in range(10):
        text = text_of(np.array(written(constraint, seed)), book.vocabulary, "backward")
        ends = [re.findall("[a-z']+", line.lower())[-1] for line in text.splitlines()]
        assert len(set(ends)) == 14
        rimes = [readings(end)[0].rime for end in ends]
        assert len(set(rimes)) == 5


def test_a_metered_poem_closes_with_a_full_stop_or_its_like(book: Book) -> None:
    text = text_of(np.array(written(VerseConstraint(FORMS["blank"], book), 1)), book.vocabulary, "backward")
    assert text.strip()[-1] in ".!?"


def test_blocked_tokens_are_never_written(book: Book) -> None:
    blocked = [book.vocabulary.ids[word] for word in ("golden", "night", "love")]
    constraint = VerseConstraint(FORMS["sonnet"], book, Asked(blocked=tuple(blocked)))
    assert not set(blocked) & {token for seed in range(8) for token in written(constraint, seed)}


@pytest.mark.parametrize(
    ("name", "letters"),
    [("sonnet", "wintersbandfgs"), ("limerick", "blast"), ("haiku", "sea"), ("free", "silentstars")],
)
def test_an_acrostic_is_kept_in_any_form(name: str, letters: str, book: Book) -> None:
    form = with_lines(FORMS[name], len(letters))
    constraint = VerseConstraint(form, book, Asked(heads=letters))
    for seed in range(10):
        text = text_of(np.array(written(constraint, seed)), book.vocabulary, "backward")
        assert judge(text, name).valid is True
        assert "".join(line[0] for line in text.split("\n") if line).lower() == letters


def test_an_acrostic_may_stand_at_the_ends_of_the_lines(book: Book) -> None:
    for name, letters in (("limerick", "tteet"), ("blank", "eyenetleeret")):
        constraint = VerseConstraint(FORMS[name], book, Asked(tails=letters))
        for seed in range(10):
            text = text_of(np.array(written(constraint, seed)), book.vocabulary, "backward")
            assert judge(text, name).valid is True
            ends = [re.findall("[a-z]+", line.lower())[-1] for line in text.split("\n") if line]
            assert "".join(end[-1] for end in ends) == letters


def test_an_acrostic_that_cannot_be_is_told(book: Book) -> None:
    with pytest.raises(WishError, match="begin with 'x'"):
        VerseConstraint(FORMS["haiku"], book, Asked(heads="sxs"))
    with pytest.raises(WishError, match="no rhyme"):
        VerseConstraint(FORMS["limerick"], book, Asked(tails="xxxxx"))


def test_what_verse_does_not_join_is_not_written(book: Book) -> None:
    ids, joins = book.vocabulary.ids, book.joins
    assert not joins.before(-1)[ids["the"]] and not joins.before(ids[","])[ids["the"]]
    assert not joins.before(ids["of"])[ids["the"]] and joins.before(ids["sea"])[ids["the"]]
    assert not joins.before(ids["alone"])[ids["a"]] and joins.before(ids["sea"])[ids["a"]]
    constraint = VerseConstraint(FORMS["blank"], book)
    for seed in range(10):
        text = text_of(np.array(written(constraint, seed)), book.vocabulary, "backward").lower()
        assert not re.search(r"\b(\w+)\W+\1\b", text.replace("\n", " x ")), text
        assert not re.search(r"\b(the|a|of|and)\W*$|\bthe (the|of|and)\b|\ba [aeiou]", text, re.M), text


def test_too_few_rhymes_are_told_before_anything_is_written() -> None:
    few = Vocabulary.of({"night": 1, "light": 1, "sea": 1, "stone": 1}, set(), size=0, pieces=0)
    with pytest.raises(WishError, match="no rhyme"):
        VerseConstraint(FORMS["sonnet"], Book(few))


def test_strict_words_have_one_length_and_normal_ones_any() -> None:
    vocabulary = Vocabulary.of({"heaven": 2, "memory": 1, "night": 1}, set(), size=0, pieces=0)
    strict, normal = Book(vocabulary, True).sounds.of, Book(vocabulary, False).sounds.of
    heaven, night = vocabulary.ids["heaven"], vocabulary.ids["night"]
    assert (len(strict[heaven]), len(normal[heaven])) == (0, 2)
    assert strict[night] == normal[night] != ()
    assert strict[BREAK] == ()


@pytest.mark.parametrize(
    ("stress", "slots", "fit"),
    [
        ("10", "Sw", True), ("10", "wS", False), ("01", "wS", True), ("100", "SwS", True), ("100", "Sww", True),
        ("010", "wSw", True), ("010", "SwS", False), ("12", "Sw", True), ("m", "w", True), ("l", "S", False),
        ("l", "w", True), ("10", "xx", True),
    ],
)  # fmt: skip
def test_what_fits(stress: str, slots: str, fit: bool) -> None:
    assert fits(stress, slots) is fit


def test_every_token_has_a_kind(words: Vocabulary) -> None:
    kind = kinds(words)
    assert kind[words.ids["God"]] == Kind.NAMED
    assert kind[words.ids["night"]] == Kind.BEGIN
    assert kind[words.ids["##e"]] == Kind.INNER
    assert (kind[: words.ids["^"]] == Kind.OTHER).sum() == words.ids["^"] - 3


def test_forms_are_found_and_free_ones_take_a_length() -> None:
    assert form_of(" Sonnet ").name == "sonnet"
    assert len(with_lines(FORMS["blank"], 20).lines) == 20
    with pytest.raises(UsageError, match="sonett"):
        form_of("sonett")
    assert with_lines(FORMS["ballad"], 8).breaks == (4,)
    assert form_of("Heroic couplets").name == "couplets"
    for name, count in (("sonnet", 12), ("ballad", 10), ("free", 1), ("blank", 99)):
        with pytest.raises(WishError, match=f"{name} cannot have {count} lines"):
            with_lines(FORMS[name], count)
