"""The command that composes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from muse.cli import options as o
from muse.cli.deliver import deliver, seeds
from muse.cli.say import Progress, Voice

if TYPE_CHECKING:
    from muse.work import Work

app = typer.Typer()
ASKING, GIVEN, SOUNDING = "What may be asked of it", "What it may be written to", "How it sounds and looks"


def _wish(
    help: str,
    default: str | bool = False,
    metavar: str | None = None,
    *,
    name: str = "",
    panel: str = ASKING,
    **more: Any,
) -> Any:
    names = (name,) if name else ()
    return typer.Option(*names, metavar=metavar, show_default=default, help=help, rich_help_panel=panel, **more)


@app.command(
    epilog=o.examples(
        "muse compose 'autumn river'",
        "muse compose 秋 --key 'D minor' --meter 3/4 --bars 16 --ensemble satb",
        "muse compose storm --instruments 'flute, guitar, bass, drums' --form verse-chorus",
        "muse compose --chords 'Am F C G' --tempo 96 --range C4-A5",
        "muse compose --chords 'ii7 V7 | I' --key 'Bb major' --ensemble piano",
        "muse compose --melody tune.mid --ensemble satb",
        "muse compose --continue tune.mid --bars 32",
        "muse compose --fill 'hymn.mid:bars 5-8 alto'",
        "muse compose --lyrics poem.json",
    )
)
def compose(
    theme: Annotated[
        str, typer.Argument(metavar="THEME", show_default="nothing in particular", help="What it is about.")
    ] = "",
    bars: Annotated[
        int | None, _wish("Full bars, all together.", "16, or as many as chords or form take", min=1, max=256)
    ] = None,
    key: Annotated[
        str | None, _wish("Tonic and mode, church modes and 宫商角徵羽 among them.", "from the mood", "'D minor'")
    ] = None,
    meter: Annotated[str | None, _wish("The meter.", "from the mood", "3/4")] = None,
    tempo: Annotated[float | None, _wish("Quarter notes a minute.", "from the mood", min=20, max=320)] = None,
    ensemble: Annotated[
        str | None,
        _wish("A tune, a tune with chords, four voices, piano, or a band.", "lead", "melody|lead|satb|piano|band"),
    ] = None,
    instruments: Annotated[
        str | None, _wish("By General MIDI names, the tune's first.", "from the mood", "'flute, guitar, bass, drums'")
    ] = None,
    chords: Annotated[
        str | None,
        _wish("Symbols or numerals, a chord a bar or bars between |.", False, "'Am F C G'|'ii7 V7 | I'"),
    ] = None,
    form: Annotated[
        str | None, _wish("Sections: letters, or strophic, rondo, ternary …", "drawn", "AABA|verse-chorus|…")
    ] = None,
    ending: Annotated[str | None, _wish("How it closes.", "authentic", "authentic|half|plagal|open")] = None,
    density: Annotated[str | None, _wish("Fewest and most notes of the tune in a bar.", "from the mood", "3-6")] = None,
    polyphony: Annotated[int | None, _wish("Most notes at once, drums apart.", min=1, max=32)] = None,
    range: Annotated[
        str | None, _wish("Lowest and highest note of the tune, or voice=low-high, …", "that of the voice", "C4-A5")
    ] = None,
    leap: Annotated[int | None, _wish("The widest leap of a voice, in semitones.", min=2, max=24)] = None,
    rules: Annotated[str, _wish("Whether the rules of four voices are kept.", True, "strict|free")] = "strict",
    mood: o.Mood = None,
    candidates: Annotated[int | None, _wish("How many are written for the best one to be kept.", min=1, max=64)] = None,
    title: Annotated[str | None, _wish("A title.", "the theme")] = None,
    melody: Annotated[
        Path | None, _wish("A tune to accompany or harmonise, note for note.", metavar="FILE", panel=GIVEN)
    ] = None,
    go_on: Annotated[
        Path | None, _wish("A piece to go on from.", metavar="FILE", name="--continue", panel=GIVEN)
    ] = None,
    fill: Annotated[
        str | None, _wish("Bars, or voices in them, to write anew.", metavar="'FILE:bars 5-8 alto'", panel=GIVEN)
    ] = None,
    lyrics: Annotated[
        str | None, _wish("A poem to sing; lines of verse are parted by /.", metavar="FILE|VERSE", panel=GIVEN)
    ] = None,
    lang: Annotated[str | None, _wish("The language of the lyrics.", "as they are", "zh|en", panel=GIVEN)] = None,
    melisma: Annotated[
        float, _wish("Share of long syllables sung on several notes.", True, panel=GIVEN, min=0, max=1)
    ] = 0.0,
    tones: Annotated[
        str, _wish("How the tune follows the tones of Chinese.", True, "weight|hard|free", panel=GIVEN)
    ] = "weight",
    sound: Annotated[str, _wish("The format of the sound.", True, "opus|wav", panel=SOUNDING)] = "opus",
    soundfont: Annotated[
        Path | None, _wish("A General MIDI soundfont of your own.", metavar="FILE", panel=SOUNDING)
    ] = None,
    humanise: Annotated[float, _wish("How freely it is timed and struck.", True, panel=SOUNDING, min=0, max=1)] = 0.0,
    stems: Annotated[bool, _wish("A sound file for each track too.", name="--stems", panel=SOUNDING)] = False,
    score: Annotated[str | None, _wish("An engraved score too.", metavar="svg|pdf", panel=SOUNDING)] = None,
    bundle: o.Bundle = None,
    seed: o.Seed = None,
    count: o.Count = 1,
    out: o.Out = None,
    json: o.Json = False,
    device: o.Device = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    force: o.Force = False,
) -> None:
    """Compose a piece: MIDI, MusicXML, sound and piano roll.

    What is asked is kept, and read back from the written file; what is not asked follows from the mood of the theme."""
    from muse.verbs import tune

    def works(progress: Progress) -> Iterator[Work]:
        for number, each in enumerate(seeds(seed, count)):
            progress("pieces", number, count)
            yield tune.compose(
                theme, bars=bars, key=key, meter=meter, tempo=tempo, ensemble=ensemble, instruments=instruments,
                chords=chords, form=form, ending=ending, density=density, polyphony=polyphony, range=range, leap=leap,
                rules=rules, melody=melody, continue_=go_on, fill=fill, lyrics=lyrics, lang=lang, melisma=melisma,
                tones=tones, mood=mood, candidates=candidates, sound=sound, soundfont=soundfont, humanise=humanise,
                stems=stems, score=score, title=title, seed=each, device=device, bundle=bundle,
            )  # fmt: skip

    deliver(works, count=count, out=out, as_json=json, force=force, voice=Voice(quiet, verbose, json))
