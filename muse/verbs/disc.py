"""An album as a work: its tracks and covers, its files with a page and a contact sheet, and how it is read back."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from muse.errors import RecipeError
from muse.terms import Features, Mood, Report
from muse.verbs import page, wishes
from muse.verbs.subject import merged
from muse.work import Recipe, Work, image_html

if TYPE_CHECKING:
    from muse.art.cover import Cover
    from muse.music.piece import Piece
    from muse.poem.poem import Poem

ENSEMBLE_NAMES = {"lead": "tune and chords", "piano": "piano", "band": "tune and band"}
CELL = 320


@dataclass(frozen=True, eq=False, repr=False)
class Track:
    """One poem, its music, and its small cover."""

    poem: Poem
    piece: Piece
    cover: Cover

    def files(self) -> dict[str, bytes]:
        """The files of the three, without the small cover's PNG."""
        found = {**self.poem.files(), **self.piece.files()}
        return {**found, "cover.jpg": self.cover.jpg()}


@dataclass(frozen=True, eq=False, repr=False)
class Album(Work):
    """A finished album.

    Attributes:
        theme: as the user wrote it, cleaned.
        mood: that of the whole.
        notes: what followed from the theme, one line each.
    """

    title: str
    artist: str
    theme: str
    mood: Mood
    notes: tuple[str, ...]
    tracks: tuple[Track, ...]
    cover: Cover
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)

    kind: ClassVar[str] = "album"

    @property
    def plan(self) -> tuple[str, ...]:
        return self.notes

    @property
    def features(self) -> Features:  # type: ignore[override]
        return merged([work.features for track in self.tracks for work in (track.poem, track.piece)])

    @cached_property
    def _files(self) -> dict[str, bytes]:
        files = dict(self.cover.files()) | {"contact.jpg": self._contact()}
        for number, track in enumerate(self.tracks, 1):
            files.update({f"track-{number}/{name}": data for name, data in track.files().items()})
        return {"index.html": page.render(self.view(files)), **files}

    def files(self) -> dict[str, bytes]:
        return dict(self._files)

    def _contact(self) -> bytes:
        """The album's cover and those of its tracks with their titles, on one sheet."""
        from muse.art.contact import around
        from muse.art.referee import provenance

        small = [track.cover.image for track in self.tracks]
        labels = [f"{number}  {track.poem.title}" for number, track in enumerate(self.tracks, 1)]
        by = f"{self.title} · {self.artist}" if self.artist else self.title
        return provenance.jpeg(around(self.cover.image, by, small, labels, CELL))

    def view(self, files: Mapping[str, bytes]) -> page.PageView:
        """What the page shows, given the files beside it."""
        from muse.music.roll import GROUND
        from muse.verbs.typeface import subset

        kept = sum(promise.kept is True for promise in self.report.promises)
        total = len(self.report.promises)
        view = page.PageView(
            title=self.title,
            artist=self.artist,
            theme=self.theme,
            seed=self.recipe.seed,
            version=self.recipe.version,
            cover="cover.jpg",
            cover_alt=self.cover.alt,
            contact="contact.jpg",
            palette=self.cover.palette,
            mood=self.mood.as_dict(),
            notes=self.notes,
            tracks=[_view(number, track, files) for number, track in enumerate(self.tracks, 1)],
            credits=self.recipe.credits,
            roll_ground=GROUND,
            promises=f"{kept} of {total} promises kept, each read again from the files (muse check).",
        )
        return replace(view, font=subset(page.characters(view)))

    def text(self) -> str:
        lines = [self.title, *([self.artist] if self.artist else []), ""]
        for number, track in enumerate(self.tracks, 1):
            piece = track.piece
            lines += [
                f"{number}. {track.poem.title} · {track.poem.form} · {piece.key} · {piece.meter} · {piece.tempo:g} BPM"
            ]
            lines += ["   " + line for line in track.poem.lines]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        picture = io.BytesIO()
        self.cover.image.resize((320, 320)).save(picture, "PNG")
        tracks = "".join(track.poem._repr_html_() + track.piece._repr_html_() for track in self.tracks)
        return image_html(picture.getvalue(), self.title) + tracks


def _view(number: int, track: Track, files: Mapping[str, bytes]) -> page.TrackView:
    from muse.music import roll

    piece, poem = track.piece, track.poem
    folder = f"track-{number}/"
    sounds = [
        (folder + f"piece.{form}", kind) for form, kind in (("opus", "audio/ogg; codecs=opus"), ("wav", "audio/wav"))
    ]
    links = [
        ("MIDI", "piece.mid"),
        ("MusicXML", "piece.musicxml"),
        ("Opus", "piece.opus"),
        ("WAV", "piece.wav"),
        ("Poem", "poem.txt"),
    ]
    ensemble = str(piece.recipe.request.get("ensemble", ""))
    return page.TrackView(
        title=poem.title,
        form=poem.form,
        lines=poem.lines,
        language=poem.language,
        stanzas=poem.stanzas,
        facts=[
            str(piece.key),
            str(piece.meter),
            f"{piece.tempo:g} BPM",
            f"{piece.bars} bars",
            ENSEMBLE_NAMES.get(ensemble, ensemble),
        ],
        sounds=[(name, kind) for name, kind in sounds if name in files],
        links=[(label, folder + name) for label, name in links if folder + name in files],
        roll=folder + "roll.svg",
        roll_span=roll.span(piece),
        seconds=round(piece.seconds, 2),
        pinyin=poem.pinyin() if poem.language == "zh" else (),
        cover=folder + "cover.jpg",
        cover_alt=track.cover.alt,
    )


def read_album(folder: Path, read: Callable[[Path], Work]) -> Album:
    """An album from its folder.

    Args:
        read: reads the file of a work.

    Raises:
        RecipeError, InputError: it is not whole.
    """
    from muse.art.cover import Cover
    from muse.music.piece import Piece
    from muse.poem.poem import Poem

    recipe = Recipe.load(folder / "recipe.json")
    if recipe.verb != "album" or not recipe.parts:
        raise RecipeError(
            f"{folder} holds no album", f"its recipe is of the verb {recipe.verb!r}", "give an album's folder"
        )
    found: list[Work] = []
    track = 0
    for part in recipe.parts:
        track += part.verb == "poem"
        name = {"poem": "poem.json", "compose": "piece.mid"}.get(part.verb, "cover.jpg")
        work = read(folder / f"track-{track}" / name if track else folder / name)
        found.append(replace(work, recipe=part))  # type: ignore[type-var]
    main, rest = found[0], found[1:]
    tracks = []
    for poem, piece, cover in zip(rest[::3], rest[1::3], rest[2::3], strict=False):
        if not (isinstance(poem, Poem) and isinstance(piece, Piece) and isinstance(cover, Cover)):
            raise RecipeError(
                f"{folder} holds no album", "its parts are in another order", "make it again: muse remake"
            )
        tracks.append(Track(poem, piece, cover))
    if not isinstance(main, Cover):
        raise RecipeError(f"{folder} holds no album", "its first part is no cover", "make it again: muse remake")
    request = recipe.request
    reading = wishes.read_theme(str(request.get("theme", "")), request.get("mood"))
    name = str(request.get("title") or reading.theme.text)
    return Album(
        name, str(request.get("artist", "")), reading.theme.text, reading.mood, (), tuple(tracks), main, recipe
    )
