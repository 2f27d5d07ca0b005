"""Making an album: poems, the music to each, covers of one family, and a page to read, look and listen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from muse.errors import UsageError, did_you_mean
from muse.seed import derive, fresh_seed, stream
from muse.terms import Mood, Report, joined
from muse.verbs import depict, place, tune, verse, wishes
from muse.verbs.disc import Album, Track
from muse.verbs.finish import MoodWish, plain_mood
from muse.verbs.library import load_kind
from muse.verbs.subject import merged, plain
from muse.work import Recipe, Work

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
SMALL = 640


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
    about = {"text": theme, "title": name, "features": plain(merged([work.features for work in (*poems, *pieces)]))}
    main = depict.cover(
        about, title=name, artist=by, mood=mood, pixels=pixels, candidates=6, seed=derive(seed, "cover"), device=device
    )
    small: list[Cover] = []
    for number, (poem, piece) in enumerate(zip(poems, pieces, strict=True)):
        tell(f"small cover {number + 1}", 2 * tracks + 1 + number, steps)
        small.append(
            depict.cover(
                (poem, piece), style=main.style, palette=main.palette, finish=main.finish, colours=main.recipe.seed,
                title="", pixels=SMALL, candidates=3, mood=mood, seed=derive(seed, "cover", number), device=device,
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
    from muse.art import family

    alike = family.report([main.image, *(cover.image for cover in small)], load_kind("image-vae", "picture"))
    report = joined(_named(work) for work in works) + alike
    reasons = dict.fromkeys([*pieces[0].plan, *main.plan])
    told = (f"{promise.name}: {promise.found} ({promise.asked})" for promise in alike.promises)
    notes = (*reading.notes, *(re.sub(r"(?<=[ (])-(?=\d)", "−", reason) for reason in reasons), *told)
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


def _named(work: Work) -> Report:
    """The report of a part, its promises named after it."""
    named = (replace(promise, name=f"{work.kind} {work.title}: {promise.name}") for promise in work.report.promises)
    return Report(tuple(named), work.report.findings)
