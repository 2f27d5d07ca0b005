"""A canvas whole, from untrained weights at the smallest size."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from test_explore import GAN, MODEL, VAE, asked, start

from muse.art import canvas as canvases
from muse.art import loop
from muse.art.gan import explore


@pytest.fixture(scope="module")
def made() -> canvases.Canvas:
    return canvases.canvas(asked(5), GAN, VAE, seconds=3, width=360, beats=[0.5 * k for k in range(20)])


def test_a_canvas_keeps_its_promises(made: canvases.Canvas) -> None:
    assert made.report.valid is True, made.report
    assert {promise.name for promise in made.report.promises} == {"size", "length", "closed", "safe"}
    assert made.poster.size == (360, 640) and made.seconds == pytest.approx(3.0, abs=0.05)
    assert "6 beats move it" in made.plan and "largest step" in made.report.findings[0]
    assert "360 × 640" in made.text() and "<img" in made._repr_html_()


def test_its_file_closes(made: canvases.Canvas) -> None:
    files = made.files()
    assert set(files) == {"canvas.gif", "poster.jpg"}
    film = Image.open(io.BytesIO(files["canvas.gif"]))
    first = np.asarray(film.convert("RGB"))
    film.seek(film.n_frames // 2)
    middle = np.asarray(film.convert("RGB"))
    film.seek(film.n_frames - 1)
    assert (np.asarray(film.convert("RGB")) == first).all() and (middle != first).any()


def test_an_orbit_goes_through_its_start_and_closes() -> None:
    at = loop.orbit(start(1), start(2), start(3))
    assert torch.allclose(at(0.0).w, start(1).w) and torch.allclose(at(1.0).layout, start(1).layout, atol=1e-5)
    assert not torch.allclose(at(0.25).w, start(1).w) and at(0.3).noise is not None


def test_a_round_trip_passes_its_stops() -> None:
    one = explore.shaped(start(1), *loop.SIZE.cells, 1)
    other = explore.shaped(start(2), *loop.SIZE.cells, 2)
    ends = [explore.filled(MODEL, [stop]) for stop in (one, other)]
    for way, end in ((0.0, ends[0]), (1.0, ends[1])):
        for stops in ((one, other), (one, ends[1]), tuple(ends)):
            got = loop.between(MODEL, *stops, way)
            assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(got, end, strict=True))
    time = loop.Clock(3.0, 0, np.array([0.0, 0.25, 0.5, 0.75]), np.zeros(4))
    frames = loop.round_trip(
        [replace(asked(3), size=loop.SIZE), ends[1]], time, GAN, VAE, lambda what, done, total: None
    )
    assert frames.shape == (4, 224, 128, 3)
