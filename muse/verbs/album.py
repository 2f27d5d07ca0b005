"""An album: poems, the music to each, covers of one family, and a page to read, look and listen."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from muse.errors import RecipeError, UsageError, did_you_mean
from muse.seed import derive, fresh_seed, stream
from muse.terms import Features, Mood, Report, joined
from muse.verbs import depict, page, place, tune, verse, wishes
from muse.verbs.finish import MoodWish, plain_mood
from muse.work import Recipe, Work, image_html

if TYPE_CHECKING:
    from muse.art.cover import Cover
    from muse.music.piece import Piece
    from muse.poem.poem import Poem
    from muse.tables.lexicon import Reading

Progress = Callable[[str, int, int], None]
FORMS = {
    "zh": ("七绝", "五律", "五绝", "七律"),
    "en": ("quatrains", "haiku", "sonnet", "couplets", "envelope", "blank"),
}
ENSEMBLES = ("band", "piano", "lead")
ENSEMBLE_NAMES = {"lead": "tune and chords", "piano": "piano", "band": "tune and band"}
SMALL = 640


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
        return self.tracks[0].piece.features if self.tracks else Features()

    @cached_property
    def _files(self) -> dict[str, bytes]:
        files = dict(self.cover.files())
        for number, track in enumerate(self.tracks, 1):
            files.update({f"track-{number}/{name}": data for name, data in track.files().items()})
        return {"index.html": page.render(self.view(files)), **files}

    def files(self) -> dict[str, bytes]:
        return dict(self._files)

    def view(self, files: Mapping[str, bytes]) -> page.PageView:
        """What the page shows, given the files beside it."""
        from dataclasses import replace

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


def album(
    theme: str,
    *,
    tracks: int = 3,
    title: str | None = None,
    artist: str = "",
    mood: MoodWish = None,
    lang: str | None = None,
    pixels: int = 3000,
    seed: int | None = None,
    device: str = "auto",
    progress: Progress | None = None,
) -> Album:
    """An album on a theme: for each track a poem, its music and a small cover, and one cover for the whole.

    The first track bears the theme; the others are named after images of the same season and a like mood.
    Forms, ensembles and keys change from track to track; the keys are related to the first.

    >>> len(album("秋江夜泊", tracks=3, seed=7).tracks)  # doctest: +SKIP
    3

    Args:
        title: by default the theme.
        artist: stands on the cover.
        lang: "zh" or "en"; by default that of the theme.
        pixels: side of the album's cover.
        progress: called with what is being made, how many steps are done, and how many there are.

    Raises:
        UsageError, BundleError.
    """
    tell = progress or (lambda what, done, total: None)
    wishes.whole("tracks", tracks, 1, 12)
    seed = fresh_seed() if seed is None else wishes.whole("seed", seed, 0, 2**63 - 1)
    reading = wishes.read_theme(theme, mood)
    name = wishes.clean(title, "title", 80) if title is not None else reading.theme.text
    by = wishes.clean(artist, "artist", 80) if artist else ""
    steps = 3 * tracks + 1
    tongue = lang or ("en" if reading.theme.language == "en" else "zh")
    if tongue not in FORMS:
        raise UsageError(f"no verse in {tongue!r}", "an album is in zh or en", did_you_mean(tongue, FORMS))
    names, turn = track_names(reading, tracks, seed, tongue), derive(seed, "form")
    forms = FORMS[tongue]
    poems: list[Poem] = []
    pieces: list[Piece] = []
    for number, image in enumerate(names):
        tell(f"poem {number + 1}", 2 * number, steps)
        own = derive(seed, "track", number)
        text = theme if number == 0 else f"{theme} {image}"
        poems.append(
            verse.poem(
                text, form=forms[(number + turn) % len(forms)], lang=tongue, title=image or None, mood=mood, seed=own,
                device=device,
            )
        )  # fmt: skip
        tell(f"music {number + 1}", 2 * number + 1, steps)
        key = related(str(pieces[0].key), number) if pieces else None
        pieces.append(
            tune.compose(
                text, ensemble=ENSEMBLES[number % len(ENSEMBLES)], key=key, mood=mood, title=poems[-1].title, seed=own,
                device=device,
            )
        )  # fmt: skip
    tell("cover", 2 * tracks, steps)
    main = depict.cover(
        theme, title=name, artist=by, mood=mood, pixels=pixels, candidates=6, seed=derive(seed, "cover"), device=device
    )
    small: list[Cover] = []
    for number, poem in enumerate(poems):
        tell(f"small cover {number + 1}", 2 * tracks + 1 + number, steps)
        small.append(
            depict.cover(
                poem, style=main.style, palette=main.palette, title="", pixels=SMALL, candidates=3, mood=mood,
                seed=derive(seed, "cover", number), device=device,
            )
        )  # fmt: skip
    tell("page", steps, steps)
    made = [Track(*parts) for parts in zip(poems, pieces, small, strict=True)]
    works: list[Work] = [main, *(work for track in made for work in (track.poem, track.piece, track.cover))]
    recipe = Recipe(
        "album",
        seed,
        {
            "theme": theme,
            "tracks": tracks,
            "title": title,
            "artist": artist,
            "mood": plain_mood(mood),
            "lang": tongue,
            "pixels": pixels,
        },
        {name: digest for work in works for name, digest in work.recipe.bundles.items()},
        credits=tuple(dict.fromkeys(credit for work in works for credit in work.recipe.credits)),
        parts=tuple(work.recipe for work in works),
        version=main.recipe.version,
        machine=place.machine(place.settle(device)),
    )
    report = joined(_named(work) for work in works)
    reasons = dict.fromkeys([*pieces[0].plan, *main.plan])
    notes = (*reading.notes, *(re.sub(r"(?<=[ (])-(?=\d)", "−", reason) for reason in reasons))
    return Album(name, by, reading.theme.text, reading.mood, notes, tuple(made), main, recipe, report)


def track_names(reading: Reading, tracks: int, seed: int, language: str) -> list[str]:
    """The image each track is named after: "" for the first, which bears the theme, then words near to it in mood."""
    from muse.tables.lexicon import concepts

    def distance(mood: Mood) -> float:
        mine, theirs = reading.mood.as_dict(), mood.as_dict()
        return sum((mine[axis] - theirs[axis]) ** 2 for axis in mine)

    taken = {*reading.theme.words, *reading.theme.zh, *reading.theme.en}
    near = sorted(
        (distance(concept.mood), word if language == "zh" else word.replace("_", " ").capitalize())
        for concept in concepts()
        if concept.season in ("", reading.theme.season)
        for word in (concept.zh[:2] if language == "zh" else concept.en[:1])
        if word not in taken and (language == "en" or len(word) == 2)
    )[: 12 * tracks]
    order = stream(seed, "track names").permutation(len(near))
    return ["", *(near[int(place)][1] for place in order[: tracks - 1])]


def related(key: str, number: int) -> str:
    """A key near to the first track's: its relative, then those a fifth up and a fifth down.

    >>> related("D minor", 1), related("D minor", 2), related("F major", 1)
    ('F major', 'A minor', 'D minor')
    """
    from muse.music.theory import Key

    home = Key.parse(key)
    if number % 3 == 1:
        minor = home.mode == "minor"
        return str(Key((home.tonic + (3 if minor else 9)) % 12, "major" if minor else "minor"))
    return str(Key((home.tonic + (7 if number % 3 == 2 else 5)) % 12, home.mode))


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


def _named(work: Work) -> Report:
    """The report of a part, its promises named after it."""
    from dataclasses import replace

    named = (replace(promise, name=f"{work.kind} {work.title}: {promise.name}") for promise in work.report.promises)
    return Report(tuple(named), work.report.findings)


def read_album(folder: Path) -> Album:
    """An album from its folder.

    Raises:
        RecipeError, InputError: it is not whole.
    """
    from dataclasses import replace

    from muse.art.cover import Cover
    from muse.music.piece import Piece
    from muse.poem.poem import Poem
    from muse.verbs.library import read

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
