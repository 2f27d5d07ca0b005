"""Poems by a model that knows nothing: form and wishes hold all the same, or it is said why they cannot."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.poem.english.asked import wishes_of
from muse.poem.english.form import FORMS
from muse.poem.english.referee import judge
from muse.poem.english.write import rank, worn, write
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.tables.lexicon import interpret
from muse.terms import Mood, Theme

SEA = "The light is on the cold and silver sea"
READING = interpret("a sad winter night by the sea")


def poem(bundle: Bundle, seed: int = 1, **asked: Any) -> Poem:
    (made,) = write(Wishes(READING.theme, READING.mood, **{"candidates": 2, **asked}), bundle, [seed])
    return made


def test_a_theme_becomes_wishes() -> None:
    wishes = wishes_of(READING.theme, READING.mood, "Alone")
    assert {"winter", "night", "sea"} <= set(wishes.keys)
    assert len(wishes.themes) == 2
    assert wishes.mood[0] == -1
    assert (wishes.title, wishes.form) == ("Alone", "")


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_kept(name: str, verse_bundle: Bundle) -> None:
    made = poem(verse_bundle, form=name)
    assert made.report.valid is True, made.report.findings
    assert (made.form, made.language, made.stanzas) == (name, "en", FORMS[name].breaks)
    assert judge(made.lines, name).valid is True
    assert made.lines[-1][-1] in ".!?"


def test_a_poem_hangs_on_its_seed_alone(verse_bundle: Bundle) -> None:
    wishes = Wishes(READING.theme, READING.mood, form="limerick", candidates=3)
    together = [made.lines for made in write(wishes, verse_bundle, [1, 2, 3])]
    assert len(set(together)) == 3
    assert [poem(verse_bundle, seed, form="limerick", candidates=3).lines for seed in (1, 2, 3)] == together


def test_what_is_left_open_is_chosen_and_told(verse_bundle: Bundle) -> None:
    made = poem(verse_bundle)
    assert f"the form was left open: {made.form}" in made.report.findings
    assert f"the title was left open: {made.title}" in made.report.findings
    assert len({poem(verse_bundle, seed, candidates=1).form for seed in range(12)}) > 4
    assert len(poem(verse_bundle, acrostic="STARS").lines) == 5  # a form that can have five lines


@pytest.mark.parametrize("seed", range(4))
def test_wishes_are_kept_together(seed: int, verse_bundle: Bundle) -> None:
    made = poem(
        verse_bundle, seed, form="quatrains", length="8", acrostic="mtsambos", keywords=("golden", "2:water"),
        forbid=("light",), first_line="My hand is cold upon the stone,", lock=("", "", "", "And in the ___ of ___"),
        author="keats", era="victorian", title="Stones",
    )  # fmt: skip
    text = made.text().lower()
    assert made.title == "Stones"
    assert made.report.valid is True
    assert made.lines[0] == "My hand is cold upon the stone,"
    assert re.match(r"And in the [a-z]+.* of [A-Za-z]+", made.lines[3])
    assert "water" in made.lines[1].lower() and "golden" in text and "light" not in re.findall("[a-z]+", text)
    assert "".join(line[0] for line in made.lines).lower() == "mtsambos"


def test_a_rhyme_is_taken_and_a_keyword_stands_in_every_form(verse_bundle: Bundle) -> None:
    made = poem(verse_bundle, form="quatrains", length="4", rhyme="see", candidates=1)
    ends = [re.findall("[a-z]+", line.lower())[-1] for line in made.lines]
    assert {ends[0], ends[2]} <= {"sea", "free", "me", "be", "tree"}
    for name in FORMS:
        for seed in range(2):
            assert "silver" in poem(verse_bundle, seed, form=name, keywords=("silver",), candidates=2).text().lower()


def test_locked_text_is_kept_as_it_was_written_and_told(verse_bundle: Bundle) -> None:
    made = poem(verse_bundle, form="couplets", length="2", lock=('"The gloomth," she said, "is on the silver sea,"',))
    assert made.lines[0] == '"The gloomth," she said, "is on the silver sea,"'
    assert any("'gloomth' is said was guessed" in told for told in made.report.findings)
    assert any("'gloomth' is no word of the vocabulary" in told for told in made.report.findings)
    assert made.report.valid == "depends"
    free = poem(
        verse_bundle,
        form="free",
        length="3",
        lock=("2:Everything that hangs upon a most extraordinary thread of words",),
    )
    assert free.lines[1].startswith("Everything that hangs") and len(free.lines) == 3


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"form": "couplets", "first_line": "The sea is cold,"}, "first line: .* has 4 syllables, line 1 .* 10 or 11"),
        ({"form": "couplets", "first_line": "Mountains and the sea are breaking on shores"}, "article on the beat"),
        ({"form": "couplets", "lock": ("The sea is 4 miles",)}, "lock, line 1: .* no line of verse"),
        ({"form": "couplets", "lock": (SEA, "The light is on the silver hand and sand")},
         "lines 1 and 2: 'sea' and 'sand' do not rhyme"),
        ({"form": "couplets", "lock": (SEA, "The wind is on the cold and silver sea")},
         "same word"),
        ({"form": "haiku", "lock": ("4:The sea",)}, "lock: there is no line 4.* haiku has 3 lines"),
        ({"form": "haiku", "lock": ("1:Upon the cold sea", "1:Upon the old sea")}, "line 1 is given twice"),
        ({"form": "haiku", "lock": ("Upon the cold sea",), "first_line": "Upon the sea, cold"}, "line 1 is locked too"),
        ({"form": "haiku", "acrostic": "ab"}, "acrostic: 'ab' has 2 letters.* always has 3"),
        ({"form": "haiku", "acrostic": "a1b"}, "acrostic: no line can begin or end with '1'"),
        ({"form": "haiku", "acrostic": "sea", "acrostic_at": "diagonal"}, "diagonal"),
        ({"form": "haiku", "acrostic": "sea", "first_line": "Upon the cold sea"}, "begins with 'u'.* asks for 's'"),
        ({"form": "haiku", "acrostic": "qqq"}, "no line can begin with 'q'"),
        ({"form": "sonnet", "length": "12"}, "length: sonnet cannot have 12 lines.* always has 14"),
        ({"form": "blank", "length": "some"}, "no number of lines"),
        ({"form": "haiku", "keywords": ("4:sea",)}, "keywords: there is no line 4 for 'sea'"),
        ({"form": "haiku", "keywords": ("sea",), "forbid": ("sea",)}, "'sea' is given and forbidden"),
        ({"form": "blank", "keywords": ("supercalifragilisticexpialidocious",)}, "fits in no line"),
        ({"form": "blank", "keywords": ("月",)}, "cannot be said"),
        ({"form": "blank", "rhyme": "sea"}, "rhyme: no line of blank"),
        ({"form": "sonnet", "rhyme": "orange"}, "nothing rhymes with 'orange'"),
        ({"tune": "浣溪沙"}, "Chinese verse"),
    ],
)  # fmt: skip
def test_what_cannot_be_met_is_explained(asked: dict[str, Any], told: str, verse_bundle: Bundle) -> None:
    with pytest.raises(WishError) as caught:
        poem(verse_bundle, **asked)
    assert re.search(told, str(caught.value)), str(caught.value)


def test_too_many_forbidden_words_leave_no_rhyme(verse_bundle: Bundle) -> None:
    words = tuple(word for word in verse_bundle.card["vocabulary"] if word.isalpha() and len(word) > 2)
    with pytest.raises(WishError, match="no rhyme for line"):
        poem(verse_bundle, form="limerick", forbid=words)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"form": "sonett"}, 'did you mean "sonnet"'), ({"author": "keets"}, 'did you mean "John Keats"'),
        ({"era": "victorin"}, 'did you mean "victorian"'), ({"candidates": 0}, "at least 1"),
    ],
)  # fmt: skip
def test_unknown_names_are_told(asked: dict[str, Any], told: str, verse_bundle: Bundle) -> None:
    with pytest.raises(UsageError, match=told):
        poem(verse_bundle, **asked)


def test_ranking_prefers_the_wished_and_the_fresh(verse_bundle: Bundle) -> None:
    from muse.poem.english.asked import plain
    from muse.poem.english.draft import drafts
    from muse.poem.english.model import book_of, writer

    form = FORMS["couplets"]
    made = drafts(writer(verse_bundle), book_of(verse_bundle), [plain(form)] * 2, [1, 2])
    plain_scores = np.array([one.wished for one in made])
    base = rank(made, plain_scores, ())
    assert rank(made, plain_scores - 0.1, ())[0] > base[0]
    assert rank(made, plain_scores, (made[0].words[0],))[0] > base[0]
    assert worn(made[0]) >= 0


def test_no_torch_on_the_way() -> None:
    code = "import sys; import muse.poem.english.write; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_poem_without_a_theme_is_called_by_its_first_line(verse_bundle: Bundle) -> None:
    (made,) = write(Wishes(Theme(""), Mood(), form="haiku", candidates=1), verse_bundle, [1])
    assert made.title and made.lines[0].startswith(made.title)
    assert not any("title" in finding for finding in made.report.findings)
