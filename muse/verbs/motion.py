"""Moving pictures: the canvas loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import MissingExtraError, UsageError, did_you_mean
from muse.files import read_capped, sha256
from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, plain_mood, seed_of
from muse.verbs.finish import finish as complete
from muse.verbs.library import LARGEST, PICTURES, load_kind
from muse.verbs.look import DirectionWish, look_of, plain_look
from muse.verbs.subject import About, PaletteWish, palette_wish, subject
from muse.work import Work

if TYPE_CHECKING:
    from muse.art.canvas import Canvas
    from muse.art.loop import Latents
    from muse.art.paint import CoverRequest
    from muse.bundle import Bundle

Through = str | int | Path | tuple[str, bytes]
FORMATS = ("auto", "gif", "mp4")


def canvas(
    theme: About = "",
    *,
    seconds: float = 6.0,
    through: Sequence[Through] = (),
    style: str | None = None,
    palette: PaletteWish = None,
    mood: MoodWish = None,
    truncation: float = 0.8,
    like: int | None = None,
    amount: float = 0.3,
    colours: int | None = None,
    direction: DirectionWish = None,
    beats: Sequence[float] | None = None,
    width: int = 720,
    format: str = "auto",
    seed: int | None = None,
    device: str = "auto",
    progress: Callable[[str, int, int], None] | None = None,
) -> Canvas:
    """A loop for a phone's whole screen, 9:16, that ends on the frame it began with.

    What is made from a piece or an album moves with its beats, for a whole number of them; what is made from a cover is
    that cover's picture, in motion.

    >>> canvas("秋江夜泊", seconds=6, seed=7).form  # doctest: +SKIP
    'mp4'

    Args:
        theme: as for `cover`.
        seconds: 3 to 8.
        through: stops of a round trip, two to eight: styles, seeds of the theme, or files of pictures. Without them the
            picture of the seed moves a little.
        beats: in seconds, the first at the loop's beginning; by default those of the work.
        width: 360 to 1080 pixels; the height follows.
        format: "mp4", which needs ffmpeg, or "gif"; "auto" is mp4 where ffmpeg is there.

    All else is that of `cover`.

    Raises:
        UsageError, BundleError, InputError.
        MissingExtraError: an MP4 was asked for and there is no ffmpeg.
        OutputError: ffmpeg failed.
    """
    given = inherited(theme)
    style, palette, mood = style or given.get("style"), palette or given.get("palette"), mood or given.get("mood")
    seed = given.get("seed") if seed is None else seed
    candidates = 6 if seed is None and not through else 1
    seed = seed_of(seed)
    stops = [(stop, _kind(stop)) for stop in through]
    if stops and not 2 <= len(stops) <= 8:
        raise UsageError(f"{len(stops)} stops", "a round trip has two to eight", "give them with commas: ink,cosmic")
    files = {name: data for stop, kind in stops if kind == "picture" for name, data in [_file(stop)]}
    if files and not theme:
        theme = " – ".join(Path(name).stem for name in files)
    about = subject(given.get("theme", theme), mood)
    heard = beats if beats is not None else theme.features.beats if isinstance(theme, Work) else ()
    if beats is None and not heard and about.features:
        heard = about.features.beats
    heard = [round(float(beat), 4) for beat in heard if beat <= heard[0] + 8]
    look = look_of(truncation, like, amount, colours, direction)
    wishes.whole("width", width, 360, 1080)
    target = place.settle(device)
    from muse.art import canvas as canvases
    from muse.art import film
    from muse.art.paint import CoverRequest

    ffmpeg = _encoder(format)
    request = CoverRequest(
        theme=about.theme,
        mood=about.mood,
        asked=about.asked,
        features=about.features,
        style=style,
        palette=palette_wish(palette),
        title=about.title,
        seed=seed,
        candidates=candidates,
        look=look,
    )
    gan, vae = load_kind("cover-gan", "cover"), load_kind("image-vae", "picture")
    made = canvases.canvas(
        request, gan, vae, seconds=seconds, beats=heard, width=width,
        stops=[_stop(stop, kind, request, vae) for stop, kind in stops], ffmpeg=ffmpeg,
        progress=progress or (lambda what, done, total: None),
    )  # fmt: skip
    asked = {
        "theme": about.plain,
        "seconds": seconds,
        "through": [_file(stop)[0] if kind == "picture" else stop for stop, kind in stops],
        "style": style,
        "palette": list(request.palette) if request.palette else None,
        "mood": plain_mood(mood),
        **plain_look(look),
        "beats": heard,
        "width": width,
        "format": made.form,
    }
    notes = about.notes
    if ffmpeg is None and format == "auto":
        notes = (*notes, "no ffmpeg was found, so the loop is a GIF")
    hashes = {name: sha256(data) for name, data in files.items()}
    whole = complete(made, "canvas", made.recipe.seed, asked, [gan, vae], target, notes, inputs=hashes)
    if ffmpeg is None:
        return whole
    machine = {**whole.recipe.machine, "ffmpeg": film.encoder_version(ffmpeg)}
    return replace(whole, recipe=replace(whole.recipe, machine=machine))


def inherited(theme: About) -> dict[str, Any]:
    """What a loop takes over from a cover, or from the cover of an album: theme, style, palette, mood and seed."""
    if not isinstance(theme, Work):
        return {}
    covers = [recipe for recipe in (theme.recipe, *theme.recipe.parts) if recipe.verb == "cover"]
    if not covers:
        return {}
    asked = {name: covers[0].request.get(name) for name in ("theme", "style", "palette", "mood")}
    return {**asked, "seed": covers[0].seed}


def _kind(stop: Through) -> str:
    """Whether a stop is a seed, a style or a picture.

    Raises:
        UsageError: it is none of these.
    """
    from muse.art.corpus import STYLES

    if isinstance(stop, int) or (isinstance(stop, str) and stop.isdigit()):
        return "seed"
    if isinstance(stop, tuple) or Path(stop).suffix.lower() in PICTURES:
        return "picture"
    if stop in STYLES:
        return "style"
    raise UsageError(
        f"unknown stop {str(stop)!r}", "a stop is a seed, a style or a picture", did_you_mean(str(stop), STYLES)
    )


def _file(stop: Through) -> tuple[str, bytes]:
    """Name and bytes of a picture."""
    if isinstance(stop, tuple):
        return stop
    return Path(str(stop)).name, read_capped(str(stop), LARGEST)


def _stop(stop: Through, kind: str, request: CoverRequest, vae: Bundle) -> CoverRequest | Latents:
    """A stop as the loop knows it."""
    if kind == "picture":
        from muse.art.loop import SIZE
        from muse.art.vae.morph import latents_of

        return latents_of(vae, _file(stop)[1], *SIZE.cells)
    if kind == "style":
        return replace(request, style=str(stop))
    return replace(request, seed=wishes.whole("seed", int(str(stop)), 0, 2**63 - 1))


def _encoder(format: str) -> str | None:
    """The path of ffmpeg where the loop is to be an MP4, None for a GIF.

    Raises:
        UsageError: an unknown format.
        MissingExtraError: an MP4 was asked for and there is no ffmpeg.
    """
    from muse.art import film

    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}", "", did_you_mean(format, FORMATS))
    found = None if format == "gif" else film.encoder()
    if format == "mp4" and found is None:
        raise MissingExtraError("an MP4 needs ffmpeg", "it is not on the PATH", "install ffmpeg, or ask for a gif")
    return found
