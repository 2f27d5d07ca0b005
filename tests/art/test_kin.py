"""Plans over the classes of a bundle that learned a user's own pictures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from muse.art import kin
from muse.art import mood as moods
from muse.art.gan.generator import random_bundles
from muse.bundle import Bundle
from muse.errors import UsageError
from muse.tables.lexicon import interpret
from muse.terms import Mood

GAN = random_bundles(0)[0]
OWN = Bundle(GAN.weights, {**GAN.card, "name": "mine", "vocabulary": ["dogs", "nebulae", "ink"],
                           "kin": {"dogs": "oil", "nebulae": "cosmic", "ink": "ink"}})  # fmt: skip
THEME = interpret("galaxy and stars").theme


def test_muses_own_classes_are_planned_as_ever() -> None:
    assert kin.plan(GAN, Mood(), None, THEME, seed=3) == moods.plan(Mood(), None, THEME, seed=3)


def test_a_class_takes_palette_and_finish_of_its_relative() -> None:
    made = kin.plan(OWN, Mood(), None, THEME, style="dogs", seed=3)
    like = moods.plan(Mood(), None, THEME, style="oil", seed=3)
    assert replace(made, style="oil", reasons=()) == replace(like, reasons=())
    assert made.reasons[0] == "dogs: as asked; palette, finish and letters as for oil painting"
    assert kin.plan(OWN, Mood(), None, THEME, style="ink", seed=3).reasons[0] == "ink: as asked"


def test_without_a_style_a_class_whose_relative_suits_is_taken() -> None:
    assert moods.plan(Mood(), None, THEME, seed=3).style == "cosmic"
    made = kin.plan(OWN, Mood(), None, THEME, seed=3)
    assert made.style == "nebulae" and made.reasons[0].startswith("nebulae: of the classes of mine")
    alone = Bundle(GAN.weights, {**GAN.card, "vocabulary": ["cats"]})
    assert kin.plan(alone, Mood(), None, THEME, seed=3).style == "cats"


def test_muses_classes_that_it_has_not_learned_are_refused() -> None:
    with pytest.raises(UsageError, match="dogs, nebulae, ink"):
        kin.plan(OWN, Mood(), None, THEME, style="cosmic")
