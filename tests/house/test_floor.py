"""The lowest floor: seeds, terms, names of files, errors."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.errors import MuseError, OutputError, did_you_mean
from muse.files import safe_join, slug
from muse.seed import fresh_seed, stream, torch_generator
from muse.terms import Features, Mood, Promise, Report, Theme, joined
from muse.work import Recipe


def test_streams_are_the_same_everywhere_and_apart():
    first, again, other = stream(7, "poem", 0), stream(7, "poem", 0), stream(7, "poem", 1)
    numbers = first.random(100)
    assert np.array_equal(numbers, again.random(100)) and not np.array_equal(numbers, other.random(100))
    assert torch_generator(7, "a").initial_seed() == torch_generator(7, "a").initial_seed()
    assert 0 <= fresh_seed() < 2**31


@given(st.text())
def test_slug_is_a_safe_name(text):
    name = slug(text)
    assert 1 <= len(name) <= 48 and safe_join(Path("/tmp"), name).parent == Path("/tmp")


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "", "a//b", "a\\b", "a\0b", "."])
def test_unsafe_names_are_refused(name):
    with pytest.raises(OutputError):
        safe_join(Path("/tmp"), name)


def test_mood_stays_within_its_bounds_and_mixes():
    assert Mood(valence=9).valence == 1 and Mood(energy=-9).energy == -1
    assert Mood(valence=1).mix(Mood(valence=-1), 0.25).valence == 0.5
    assert Mood.neutral().as_dict() == dict.fromkeys(("valence", "energy", "tension", "warmth", "density"), 0.0)


def test_report_verdicts():
    kept, broken = Promise("key", "D minor", "D minor", True), Promise("bars", "16", "15", False)
    depends = Promise("tone", "level", "level or oblique", "depends")
    assert Report((kept,)).valid is True and Report((kept, depends)).valid == "depends"
    assert joined([Report((kept, depends)), Report((broken,), ("short",))]).valid is False


def test_recipe_round_trip():
    part = Recipe("poem", 7, {"theme": "月"}, {"poem-zh": "0" * 64}, version="0", machine={"device": "cpu"})
    whole = Recipe("album", 7, {"tracks": 1}, parts=(part,), credits=("NIFC",), version="0", machine={"device": "cpu"})
    assert Recipe.from_dict(whole.as_dict()) == whole


def test_errors_say_what_why_and_next():
    assert str(MuseError("a", "b", "c.")) == "a. b. c." and str(MuseError("only")) == "only."
    assert did_you_mean("七律诗", ["七律", "五律"]) == 'did you mean "七律"?'


def test_lowest_floors_never_import_torch():
    names = ["errors", "settings", "files", "seed", "terms", "constraint", "objective", "bundle", "work", "tensors"]
    code = "import sys; " + "; ".join(f"import muse.{name}" for name in names) + "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_terms_are_plain_values():
    assert Theme("月") == Theme("月") and hash(Features()) == hash(Features())
