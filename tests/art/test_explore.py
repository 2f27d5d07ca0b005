"""Exploring the generator: near a seed, mixes, directions, grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from muse.art import grid as grids
from muse.art import paint, sketch
from muse.art.gan import directions, explore, generator
from muse.art.sizes import size_of
from muse.errors import UsageError
from muse.tables.lexicon import interpret

GAN, VAE = generator.random_bundles()
MODEL = generator.load(GAN)


def start(seed: int, label: int = 0) -> generator.Start:
    return generator.start(MODEL, label, None, None, seed, 1.0)


def asked(seed: int = 5, **look: object) -> paint.CoverRequest:
    reading = interpret("秋江夜泊")
    made = sketch.Look(**look)  # type: ignore[arg-type]
    return paint.CoverRequest(reading.theme, reading.mood, size=size_of(512), seed=seed, candidates=1, look=made)


def far(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def test_a_walk_begins_and_ends_where_it_should() -> None:
    one, other = start(1), start(2, 1)
    for end, amount in ((one, 0.0), (other, 1.0)):
        got = explore.toward(one, other, amount)
        assert all(
            torch.allclose(getattr(got, part), getattr(end, part), atol=1e-5) for part in ("w", "layout", "noise")
        )
    middle = explore.toward(one, other, 0.5)
    assert 0.8 < float(middle.noise.std()) < 1.2
    assert float(middle.layout.norm()) == pytest.approx(float((one.layout.norm() + other.layout.norm()) / 2), rel=1e-3)


def test_a_mix_has_the_layout_of_one_and_the_colours_of_the_other() -> None:
    one, other = start(1), start(2)
    mix = explore.mixed(one, other)
    assert mix.layout is one.layout and mix.noise is one.noise and mix.w is other.w
    (content, code), (_, same) = (explore.filled(MODEL, [each]) for each in (mix, other))
    assert torch.equal(code, same) and content.shape[1:] == (8, 16, 16)


def test_a_picture_is_the_same_whatever_is_painted_beside_it() -> None:
    both = explore.filled(MODEL, [start(1), start(2)])
    alone = explore.filled(MODEL, [start(2)])
    assert all(torch.equal(a[1:], b) for a, b in zip(both, alone, strict=True))


def test_a_start_takes_other_sides() -> None:
    tall = explore.shaped(start(1), 28, 16, 1)
    assert tall.layout.shape == (8, 28, 16) and tall.noise.shape == (2, 28, 16)
    assert generator.render(VAE, *explore.filled(MODEL, [tall])).shape == (1, 224, 128, 3)
    assert explore.shaped(tall, 28, 16, 2) is tall


def test_components_are_the_widest_ways_of_w_and_the_same_each_time() -> None:
    steps = directions.components(MODEL, 4)
    length = steps.norm(dim=1)
    assert torch.equal(steps, directions.components(MODEL, 4)) and (length[:-1] >= length[1:]).all()
    unit = steps / length[:, None]
    assert torch.allclose(unit @ unit.T, torch.eye(4), atol=1e-4)


def test_a_direction_takes_the_name_of_what_it_moves_most_surely() -> None:
    effect = np.zeros((8, 4, 5))
    effect[:, 0, 3], effect[:, 0, 0] = -0.9, 0.5  # component 1 cools, and lightens a little less
    effect[:, 1, 0] = 0.3
    effect[:, 2, 2] = [0.5, -0.5] * 4  # component 3 agrees with nobody
    effect[:, 3, 0], effect[:, 3, 4] = 0.2, 0.08  # component 4 fills, but lightens more
    found = directions.named(torch.eye(4), effect)
    assert list(found) == ["warmth", "light", "3", "4"]
    assert found["warmth"].step.tolist() == [-1, 0, 0, 0] and found["warmth"].effect[3] == pytest.approx(0.9)
    assert found["light"].step.tolist() == [0, 1, 0, 0]


def test_directions_are_found_once_for_a_bundle() -> None:
    known = directions.directions(GAN, VAE)
    assert len(known) == directions.COUNT and directions.directions(GAN, VAE) is known
    name = next(iter(known))
    there = directions.moved(start(1), known, {name: 2.0})
    assert torch.allclose(directions.moved(there, known, {name: -2.0}).w, start(1).w, atol=1e-5)
    with pytest.raises(UsageError, match="unknown direction"):
        directions.moved(start(1), known, {"sweetness": 1})


@pytest.mark.parametrize("wish", ["light", "light=much", "light=9", {"light": float("nan")}])
def test_directions_that_are_none_are_refused(wish: object) -> None:
    with pytest.raises(UsageError):
        directions.read_directions(wish)  # type: ignore[arg-type]


def test_nearer_is_more_alike_and_no_amount_is_the_picture_itself() -> None:
    home = sketch.sketch(asked(5), GAN, VAE).picture
    steps = [sketch.sketch(asked(9, like=5, amount=amount), GAN, VAE).picture for amount in (0.0, 0.2, 1.0)]
    assert (steps[0] == home).all() and 0 < far(steps[1], home) < far(steps[2], home)


def test_colours_of_another_seed_and_a_direction_change_the_picture() -> None:
    home = sketch.sketch(asked(5), GAN, VAE)
    other = sketch.sketch(asked(5, colours=8), GAN, VAE)
    assert far(home.picture, other.picture) > 0 and torch.equal(home.begun.layout, other.begun.layout)
    name = next(iter(directions.directions(GAN, VAE)))
    moved = sketch.sketch(asked(5, directions=((name, 3.0),)), GAN, VAE)
    assert far(home.picture, moved.picture) > 0 and f"{name} +3" in moved.plan.reasons


def test_the_palette_follows_the_picture() -> None:
    dark, light = np.full((8, 8, 3), 60, np.uint8), np.full((8, 8, 3), 120, np.uint8)
    tones = sketch.followed(("#303030", "#606060"), dark, light)
    assert all(int(tone[1:3], 16) > before for tone, before in zip(tones, (0x30, 0x60), strict=True))


def test_the_best_of_several_seeds_is_the_picture_of_its_own_seed() -> None:
    chosen = sketch.best(replace(asked(5), candidates=3), GAN, VAE)
    assert (sketch.sketch(asked(chosen.seed), GAN, VAE).picture == chosen.picture).all()
    cover = paint.paint(replace(asked(5), candidates=3), GAN, VAE)
    assert cover.recipe.seed == chosen.seed
    assert paint.paint(asked(chosen.seed), GAN, VAE).image.tobytes() == cover.image.tobytes()


def test_a_grid_shows_what_the_covers_begin_from() -> None:
    made = grids.grid(asked(), range(3, 6), GAN, VAE)
    assert made.seeds == (3, 4, 5) and made.image.size == (3 * 136 + 8, 128 + 22 + 16)
    alone = sketch.sketch(asked(4), GAN, VAE)
    shown = np.asarray(made.image)[8 : 8 + 128, 8 + 136 : 8 + 136 + 128]
    assert (shown == sketch.coloured(alone.picture, alone.plan, asked=False)).all()
    assert list(made.files()) == ["grid.png"] and "3 to 5" in made.text() and "<img" in made._repr_html_()
