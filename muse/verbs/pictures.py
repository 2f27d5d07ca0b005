"""What holds of pictures: the referee's promises, what stores say, whether they are new, and whether two are alike."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from muse.bundle import available
from muse.errors import BundleError
from muse.terms import Promise, Report, joined
from muse.verbs.library import load

MODEL = "cover-gan"


def judged(files: Mapping[str, bytes]) -> Report:
    """The report on a picture that lies in one or more files: promises of each, then findings.

    Raises:
        InputError: one is no picture, or is damaged.
    """
    first = next(iter(files.values()))
    return joined(map(kept, files.values())) + offered(files) + originality(first)


def kept(data: bytes) -> Report:
    """What one file keeps of its promises.

    Raises:
        InputError: as `judged`.
    """
    from muse.art.referee import covers

    return covers.check(data)


def offered(files: Mapping[str, bytes]) -> Report:
    """Which stores take a picture, in which of its files, and what the others want."""
    from muse.art.referee import covers, stores

    found = {name: subject for name, data in files.items() if (subject := covers.subject(data)) is not None}
    return Report(findings=stores.told(found) if found else ())


def originality(data: bytes) -> Report:
    """The training pictures of the shipped generator that a picture is most like; empty where muse ships none."""
    if MODEL not in available():
        return Report()
    from muse.art.origin import Origins, report
    from muse.art.reading import open_picture

    try:
        return report(open_picture(data), Origins.thaw(load(MODEL)), promised=False)
    except BundleError as error:
        return Report(findings=(f"originality was not judged: {error.what}",))


def alike(files: Mapping[str, bytes]) -> Report:
    """Whether each of some pictures is a picture of its own: how many bits of their hashes the nearest two share."""
    from muse.art.reading import open_picture
    from muse.art.referee.likeness import ALIKE, distance, phash

    hashes = {name: phash(open_picture(data, name)) for name, data in files.items()}
    pairs = sorted((distance(hashes[a], hashes[b]), a, b) for a, b in combinations(hashes, 2))
    if not pairs:
        return Report()
    near = [f"{a} and {b} ({bits} of 64 bits differ)" for bits, a, b in pairs if bits <= ALIKE]
    bits, a, b = pairs[0]
    found = "; ".join(near[:5]) or f"the nearest, {a} and {b}, differ in {bits}"
    asked = f"more than {ALIKE} of 64 bits differ"
    return Report((Promise("pictures differ", asked, found, "relaxed" if near else True),))
