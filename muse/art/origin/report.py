"""The nearest training pictures of a picture in words: a promise, or findings."""

from __future__ import annotations

from PIL import Image

from muse.art.origin.index import Origins
from muse.terms import Promise, Report

NAME = "original"
LEAST = 1.0
"""Percentile from which on a picture is no copy: of a hundred that were held out, one lies so near to a known one."""


def report(image: Image.Image, origins: Origins, *, promised: bool = True) -> Report:
    """How far a picture lies from what a bundle's model has learned from; empty where the bundle has no index.

    It compares the square in the middle by light, dark and edges, mirrored too: it finds a picture that was repainted
    in other colours or lettered, and neither one that was turned nor a small part of one.

    Args:
        promised: the picture was to be new, and its nearest training picture is named; else this is only told, and
            the five nearest are named.

    Raises:
        BundleError: the index is damaged.
    """
    if not origins:
        return Report()
    found = origins.nearest(image)
    percent = origins.percentile(found[0].distance)
    told = f"percentile {percent:.0f} of {len(origins.held)} held-out pictures"
    if promised:
        promise = Promise(NAME, f"percentile ≥ {LEAST:.0f}", told, percent >= LEAST)
        return Report((promise,), (f"originality: {told}; nearest is {found[0].source}",))
    named = (
        f"nearest training picture {place}: {near.source}, at {near.distance:.0f}"
        for place, near in enumerate(found, 1)
    )
    return Report(findings=(f"originality: {told}", *named))
