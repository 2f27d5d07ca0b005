"""Covers of one family are nearer to each other than random ones are, by what is measured from the pictures."""

import numpy as np
import pytest
from PIL import Image

from muse.art import family, sketch
from muse.art.contact import around
from muse.art.gan.generator import random_bundles
from muse.art.paint import CoverRequest
from muse.bundle import Bundle
from muse.tables.lexicon import interpret

THEMES = ("秋江夜泊", "electric city", "mother's garden", "war")


@pytest.fixture(scope="module")
def bundles() -> tuple[Bundle, Bundle]:
    return random_bundles()


def painted(theme: str, seed: int, bundles: tuple[Bundle, Bundle], **wishes: object) -> Image.Image:
    reading = interpret(theme)
    request = CoverRequest(reading.theme, reading.mood, seed=seed, **wishes)  # type: ignore[arg-type]
    found = sketch.sketch(request, *bundles)
    return Image.fromarray(sketch.coloured(found.picture, found.plan, request.palette is not None))


def test_a_family_is_nearer_than_random_covers(bundles: tuple[Bundle, Bundle]) -> None:
    random = [painted(theme, seed, bundles) for seed, theme in enumerate(THEMES)]
    shared = {"style": "ink", "palette": ("#102030", "#c0b090"), "look": sketch.Look(colours=5)}
    related = [painted(theme, seed, bundles, **shared) for seed, theme in enumerate(THEMES)]
    far, near = (family.likeness(pictures, bundles[1]) for pictures in (random, related))
    assert near.palette < 0.5 * far.palette and near.hand < far.hand
    pixels = [np.asarray(picture) for picture in related]
    assert all(np.abs(pixels[0].astype(int) - other).mean() > 1 for other in pixels[1:])


def test_a_picture_is_like_itself_at_any_size(bundles: tuple[Bundle, Bundle]) -> None:
    one = painted(THEMES[0], 1, bundles).resize((256, 256), Image.Resampling.NEAREST)
    found = family.likeness([one, one.resize((512, 512), Image.Resampling.NEAREST)], bundles[1])
    assert found.palette < 0.5 and found.hand < 1e-3


def test_the_report_names_both_figures_and_the_baseline(bundles: tuple[Bundle, Bundle]) -> None:
    one = painted(THEMES[0], 1, bundles)
    palettes, hands = family.report([one, one], bundles[1]).promises
    assert palettes.kept is True and hands.kept is True
    assert f"{family.RANDOM_PALETTE:.1f}" in palettes.asked and f"{family.RANDOM_HAND:.1f}" in hands.asked
    black, white = (Image.new("RGB", (128, 128), colour) for colour in ("#000000", "#ffffff"))
    assert family.report([black, white], bundles[1]).promises[0].kept == "relaxed"


@pytest.mark.parametrize("tracks", [1, 3, 4, 5, 8, 9, 12])
def test_every_cover_of_an_album_has_its_place(tracks: int) -> None:
    colours = [f"#{17 * (k + 2):02x}0040" for k in range(tracks)]
    pictures = [Image.new("RGB", (64, 64), colour) for colour in colours]
    sheet = around(Image.new("RGB", (64, 64), "#00ff00"), "album", pictures, ["a title " * 20] * tracks, 64)
    seen = {sheet.getpixel((x, y)) for x in range(0, sheet.width, 9) for y in range(0, sheet.height, 9)}
    assert all(picture.getpixel((0, 0)) in seen for picture in pictures) and (0, 255, 0) in seen
