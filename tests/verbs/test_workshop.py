"""The verbs of the workshop: recipes make rewritten poems again, and lead back to what they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import muse
from muse.errors import InputError, RecipeError, UsageError
from muse.poem.poem import Poem
from muse.verbs import verse, workshop
from muse.verbs.check import check
from muse.verbs.remake import remake

pytestmark = pytest.mark.usefixtures("small")
TEXT = "登鹳雀楼\n王之涣\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"


@pytest.fixture
def poem() -> Poem:
    return verse.poem("秋江夜泊", form="七绝", candidates=2, seed=7, mood="calm", sheet="png")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_chain_of_rewritings_goes_back_byte_for_byte(poem: Poem, tmp_path: Path) -> None:
    poem.save(tmp_path / "a")
    one = workshop.rewrite(tmp_path / "a", lines=[2], keep=poem.lines[1][:2], seed=3, candidates=2)
    one.save(tmp_path / "b")
    two = workshop.rewrite(tmp_path / "b" / "poem.json", lines=3, forbid="愁", seed=4, candidates=2)
    two.save(tmp_path / "c")
    assert one.lines[1][:2] == poem.lines[1][:2] and two.lines[1] == one.lines[1]
    workshop.undo(tmp_path / "c").save(tmp_path / "back-b")
    workshop.undo(tmp_path / "back-b").save(tmp_path / "back-a")
    assert bytes_of(tmp_path / "back-b") == bytes_of(tmp_path / "b")
    assert bytes_of(tmp_path / "back-a") == bytes_of(tmp_path / "a")
    assert workshop.undo(workshop.undo(two)).files() == poem.files()
    with pytest.raises(RecipeError, match="nothing to undo"):
        workshop.undo(poem)


def test_a_rewritten_poem_is_made_again(poem: Poem, tmp_path: Path) -> None:
    for name, more in (("a", {"lines": [1, 4]}), ("b", {"dial": {"valence": -0.5}})):
        workshop.rewrite(poem, seed=3, candidates=2, **more).save(tmp_path / name)  # type: ignore[arg-type]
        told: list[str] = []
        remake(tmp_path / name, tell=told.append).save(tmp_path / f"{name}-again")
        assert bytes_of(tmp_path / name) == bytes_of(tmp_path / f"{name}-again") and told == []
        assert check(tmp_path / name).valid is not False


def test_the_wishes_of_the_recipe_hold_through_a_chain(poem: Poem) -> None:
    from muse.poem.workshop.former import wished

    one = workshop.rewrite(poem, lines=[2], era="唐", seed=3, candidates=1)
    two = workshop.rewrite(one, lines=[3], mood="sad", seed=3, candidates=1)
    held = wished(two.recipe)
    assert (held["theme"], held["mood"], held["era"]) == ("秋江夜泊", "sad", "唐")
    assert two.features.season == "autumn" and two.sheets == ("png",) and two.title == poem.title


def test_poems_of_files_and_texts(tmp_path: Path) -> None:
    (tmp_path / "w.txt").write_text(TEXT, encoding="utf-8")
    for given in (tmp_path / "w.txt", str(tmp_path / "w.txt"), TEXT):
        found = workshop.on_desk(given)
        assert (found.title, found.form, len(found.lines)) == ("登鹳雀楼", "五绝", 4)
    new = workshop.rewrite(TEXT, lines=[4], seed=1, candidates=1)
    assert new.lines[:3] == found.lines[:3] and workshop.undo(new).lines == found.lines
    for wrong, error in (
        ("Белеет парус одинокий\nВ тумане моря голубом", UsageError),
        ("白日依山，黄河。入海", InputError),
        (tmp_path, InputError),
        (tmp_path / "none.txt", InputError),
        ({"lines": []}, InputError),
    ):
        with pytest.raises(error):
            workshop.rewrite(wrong, seed=1)
    (tmp_path / "bad.json").write_text("[1", encoding="utf-8")
    with pytest.raises(InputError, match="JSON"):
        workshop.on_desk(tmp_path / "bad.json")


@pytest.mark.parametrize("dial", [{"size": 1}, {"valence": 2}, {"valence": "much"}, {"density": True}])
def test_wrong_dials(poem: Poem, dial: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="dial"):
        workshop.rewrite(poem, dial=dial, seed=1)


def test_alternatives_and_explanations_are_on_the_face(poem: Poem) -> None:
    found = muse.alternatives(poem, 2, count=3)
    assert len(found) == 3 and found == muse.alternatives(poem, 2, count=3)
    assert json.loads(json.dumps(found[0].as_dict()))["line"] == found[0].line
    told = muse.explain(poem)
    assert json.loads(json.dumps(told.as_dict()))["vocabulary"] == told.vocabulary
    assert len(told.text().splitlines()) > len(told.places) == 28
    with pytest.raises(UsageError, match="line"):
        muse.alternatives(poem, 5)
    with pytest.raises(UsageError, match="count"):
        muse.alternatives(poem, 1, count=0)
