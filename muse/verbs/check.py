"""Proving the promises of a work from its files, by referees that share no code with the generators."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path, PurePosixPath
from typing import Any

from muse.errors import InputError
from muse.files import read_capped
from muse.terms import Promise, Report, joined
from muse.verbs import pictures
from muse.verbs.library import LARGEST, MUSIC, PICTURES
from muse.verbs.make import piece_of
from muse.work import Recipe, Work

MIDI = (".mid", ".midi", ".kar")
FILMS = (".mp4", ".gif")
COVERS = ("cover.png", "cover.jpg")
JUDGED = ("poem.txt", "piece.mid", *COVERS, "canvas.mp4", "canvas.gif")
_LINK = re.compile(r'\b(?:src|href|poster|data)="([^"]*)"|url\(\s*[\'"]?([^\'")]*)|@import\s+[\'"]([^\'"]*)')


def check(work: Work | str | Path, *, form: str | None = None, bar: int | None = None, full: bool = True) -> Report:
    """Every promise of a work and whether it is kept, read from the finished files.

    Music that muse did not write has promised nothing: it is described, and judged by the rules of part-writing.

    >>> check("outputs/秋江夜泊").valid  # doctest: +SKIP
    True

    Args:
        work: a work, the folder of one, or a poem, piece of music, picture or recipe.
        form: the form asked of a poem that stands in a text file.
        bar: of a piece of music, a bar to explain instead: its notes, chords, cadence and broken rules.
        full: name every place where music breaks a rule; else count them.

    Raises:
        InputError: it cannot be read.
        UsageError: there is no such bar.
    """
    if bar is not None:
        return Report(findings=_explained(work, bar))
    if isinstance(work, Work):
        return check_files(work.files(), work.recipe)
    path = Path(work)
    if not path.exists():
        raise InputError(f"cannot read {path}", "there is no such file or folder", "check the path")
    if path.is_file() and path.name == "recipe.json":
        path = path.parent
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        files = {file.relative_to(path).as_posix(): read_capped(file, LARGEST) for file in found[:1000]}
        drawn = {name: data for name, data in files.items() if Path(name).suffix.lower() in PICTURES}
        if "recipe.json" not in files and drawn:
            return pictures.alike(drawn)
        if "recipe.json" not in files:
            raise InputError(
                f"no recipe in {path}", "a work of muse has a recipe.json", "give one of its files instead"
            )
        return check_files(files, Recipe.load(path / "recipe.json"))
    if (path.suffix.lower() in MUSIC and path.suffix.lower() not in MIDI) or path.name == "piece.json":
        return _other(path, full)
    return check_file(path.name, read_capped(path, LARGEST), _recipe_beside(path), form, full=full)


def _explained(work: Work | str | Path, bar: int) -> tuple[str, ...]:
    """A bar of a piece in words."""
    from muse.music.piece import Piece
    from muse.music.referee.explain import explain

    if isinstance(work, Work) and not isinstance(work, Piece):
        raise InputError(f"a {work.kind} has no bars", "", "give a piece of music")
    if isinstance(work, str | Path) and Path(work).suffix.lower() in MIDI:
        return explain(Path(work), bar)
    return explain(piece_of(work).midi(), bar)


def _other(path: Path, full: bool) -> Report:
    """Music in another format than MIDI, judged as the MIDI file that it would be."""
    from muse.music import referee
    from muse.verbs.copies import copies

    piece = piece_of(path)
    return referee.check(piece.midi(), full=full) + copies(piece)


def check_files(files: Mapping[str, bytes], recipe: Recipe) -> Report:
    """The promises of a whole work, given its files and its recipe."""
    if recipe.verb == "album":
        return _album(files, recipe)
    judged = [name for name in JUDGED if name in files]
    if not judged:
        raise InputError("no work to check", f"none of {', '.join(JUDGED)} is there", "give the folder of a work")
    covers = {name: files[name] for name in judged if name in COVERS}
    reports = [check_file(name, files[name], recipe) for name in judged if name not in covers]
    return joined([*reports, pictures.judged(covers) if covers else Report(), _agreement(files)])


def check_file(
    name: str, data: bytes, recipe: Recipe | None = None, form: str | None = None, *, full: bool = True
) -> Report:
    """The promises of one file; its recipe, where there is one, says what was asked.

    Raises:
        InputError: muse judges no such file, or it is damaged.
    """
    suffix = Path(name).suffix.lower()
    request = dict(recipe.request) if recipe is not None else {}
    if suffix in MIDI:
        from muse.music import referee as music
        from muse.verbs import asked
        from muse.verbs.copies import in_midi

        wishes = asked.promises(recipe) if recipe is not None and recipe.verb == "compose" else None
        return music.check(data, wishes, full=full) + in_midi(name, data, recipe)
    if suffix in PICTURES:
        return pictures.judged({name: data})
    if suffix in FILMS:
        from muse.art.referee import loops

        return loops.check(data)
    if suffix in (".txt", ".json"):
        from muse.verbs.novelty import novelty
        from muse.verbs.verdict import judged

        return judged(name, data, request, form) + novelty(name, data, recipe)
    raise InputError(
        f"muse judges no {suffix or 'such'} files",
        "",
        "give a .mid, .musicxml, .abc, .krn, .txt, .png or .jpg, or a folder",
    )


def _agreement(files: Mapping[str, bytes]) -> Report:
    """Whether files that tell the same thing in two ways agree."""
    promises = []
    if "poem.txt" in files and "poem.json" in files:
        from muse.verbs.verdict import read

        verses = [read(name, files[name]) for name in ("poem.txt", "poem.json")]
        texts = ["".join(filter(str.isalnum, "".join(verse.lines))) for verse in verses]
        same = texts[0] == texts[1]
        promises.append(Promise("poem.json", "the verse of poem.txt", "the same" if same else "other verse", same))
    if "piece.mid" in files and "piece.json" in files:
        from muse.music import midi
        from muse.music.piece import Piece

        written = midi.read(files["piece.mid"])
        try:
            told = Piece.from_dict(json.loads(files["piece.json"]))
        except (ValueError, RecursionError) as error:
            raise InputError("cannot read piece.json", str(error)) from error
        same = [(n.tick, n.pitch, n.duration) for n in written.notes] == [
            (n.tick, n.pitch, n.duration) for n in told.notes
        ]
        promises.append(Promise("piece.json", "the notes of piece.mid", "the same" if same else "other notes", same))
    return Report(tuple(promises))


def _album(files: Mapping[str, bytes], recipe: Recipe) -> Report:
    """The promises of the cover, of each track, and of the page."""
    reports = [_page(files, recipe)]
    track = 0
    for part in recipe.parts:
        if part.verb == "poem":
            track += 1
        folder = f"track-{track}/" if track else ""
        names = {"poem": JUDGED[:1], "compose": JUDGED[1:2], "cover": COVERS}.get(part.verb, ())
        here = [name for name in names if folder + name in files]
        if not here:
            label = f"{folder}{names[-1] if names else part.verb}"
            reports.append(Report((Promise(label, "in the album", "missing", False),)))
        for name in here:
            drawn = part.verb == "cover"
            report = pictures.kept(files[folder + name]) if drawn else check_file(name, files[folder + name], part)
            reports.append(_labelled(report, folder + name))
        if part.verb == "compose":
            own = {name: files[folder + name] for name in ("piece.mid", "piece.json") if folder + name in files}
            reports.append(_labelled(_agreement(own), folder.rstrip("/")))
    main = {name: files[name] for name in COVERS if name in files}
    small = {name: data for name, data in files.items() if PurePosixPath(name).name == "cover.jpg"}
    told = pictures.offered(main) + pictures.originality(next(iter(main.values()))) if main else Report()
    return joined([*reports, told, pictures.alike(small)])


def _page(files: Mapping[str, bytes], recipe: Recipe) -> Report:
    """Whether the page needs nothing from outside the folder, and shows every track."""
    if "index.html" not in files:
        return Report((Promise("page", "index.html", "missing", False),))
    page = files["index.html"].decode("utf-8", "replace")
    links = [unescape(next(filter(None, found), "")) for found in _LINK.findall(page)]
    outside, missing = [], []
    for link in links:
        if link.startswith(("#", "data:")) or not link:
            continue
        path = PurePosixPath(link.split("#")[0].split("?")[0])
        if ":" in link.split("/")[0] or path.is_absolute() or ".." in path.parts:
            outside.append(link)
        elif str(path) not in files and str(path) != "recipe.json":
            missing.append(link)
    tracks = len(re.findall(r'<article class="track"', page))
    asked = sum(part.verb == "poem" for part in recipe.parts)
    told, lost = " ".join([f"{len(outside)} links", *outside[:3]]), " ".join([f"{len(missing)} missing", *missing[:3]])
    return Report(
        (
            Promise("page needs nothing from outside", "0 links", told, not outside),
            Promise("page finds its files", "0 missing", lost, not missing),
            Promise("tracks", str(asked), str(tracks), tracks == asked),
        )
    )


def _labelled(report: Report, label: str) -> Report:
    return Report(
        tuple(replace(promise, name=f"{label}: {promise.name}") for promise in report.promises), report.findings
    )


def _recipe_beside(path: Path) -> Recipe | None:
    """The recipe of the work that a file belongs to, if it lies beside it, or above it in an album."""
    if (path.parent / "recipe.json").is_file():
        return Recipe.load(path.parent / "recipe.json")
    track = re.fullmatch(r"track-(\d+)", path.parent.name)
    above = path.parent.parent / "recipe.json"
    if track is None or not above.is_file():
        return None
    verb = {".txt": "poem", ".json": "poem", ".mid": "compose"}.get(path.suffix, "cover")
    parts: list[Any] = [part for part in Recipe.load(above).parts if part.verb == verb]
    number = int(track[1]) - (0 if verb == "cover" else 1)
    return parts[number] if 0 <= number < len(parts) else None
