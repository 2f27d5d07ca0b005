"""Requests for music over all controls at random: which promises are kept, read from the written MIDI with mido alone.

Each request asks for some of key and mode, meter, tempo, bars, range, ensemble, instruments, density, polyphony, widest
leap, chords, form and ending; some give a tune to harmonise, a piece to continue, or one with bars to fill, taken from
the validation part of --data. Beside them the keys that a finder hears (Albrecht and Shanahan's; it took no part in
writing) in pieces asked for in major or minor, and in human pieces of the validation part, whose key is that of their
edition.

    python benchmarks/music_controls.py --count 500 --data corpora-folder
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from music_rules import midi
from table import table, write

from muse.errors import MuseError
from muse.music import corpus, referee
from muse.music.heard import hear
from muse.music.midi import read
from muse.music.records import Record
from muse.music.referee.names import tonality
from muse.seed import stream
from muse.terms import Kept
from muse.verbs import asked as recipes
from muse.verbs.tune import compose

TONICS = ("C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "B", "F#", "C#")
MODES = ("major", "minor") * 6 + ("dorian", "phrygian", "lydian", "mixolydian", "宫", "商", "角", "徵", "羽")
METERS = ("4/4", "4/4", "3/4", "2/4", "6/8", "2/2", "9/8", "12/8", "5/4")
ENSEMBLES = ("melody", "lead", "satb", "piano", "band")
INSTRUMENTS = ("flute, guitar, bass, drums", "violin, piano", "clarinet, strings, bass", "oboe, harp",
               "trumpet, piano, bass, drums")  # fmt: skip
CHORDS = {
    "major": ("I vi IV V", "I IV V I", "ii7 V7 I I", "I V vi IV", "I | vi | ii V | I"),
    "minor": ("i iv V7 i", "i VI III VII", "i | iv V | i | V7", "i VII VI V"),
}
FORMS = ("AABA", "ABAB", "AA'", "ABA", "verse-chorus", "strophic", "rondo")
ENDINGS = ("authentic", "half", "plagal", "open")
RANGES = {
    "melody": ("C4-A5", "G3-E5", "E4-C6", "A3-D5"),
    "satb": ("soprano=C4-G5, bass=E2-C4", "alto=G3-C5", "tenor=C3-G4"),
}
GIVEN = ("melody", "continue_", "fill")


def request(seed: int, held: Sequence[Record]) -> dict[str, Any]:
    """What the request of a seed asks for, as arguments of compose."""
    draw = stream(seed, "music_controls")

    def one(choices: Sequence[Any]) -> Any:
        return choices[int(draw.integers(len(choices)))]

    def wished(chance: float = 0.5) -> bool:
        return bool(draw.random() < chance)

    found: dict[str, Any] = {"ensemble": one(ENSEMBLES)}
    satb = found["ensemble"] == "satb"
    if wished():
        found["tempo"] = float(draw.integers(50, 180))
    if wished(0.3):
        found["range"] = one(RANGES["satb" if satb else "melody"])
    if wished(0.25):
        found["leap"] = int(draw.integers(7, 13))
    if found["ensemble"] == "band" and wished(0.7):
        found["instruments"] = one(INSTRUMENTS)
    if held and wished(0.25):
        found.pop("range", None)
        return found | given(draw, one(held), found["ensemble"])
    mode = one(MODES)
    if wished(0.7):
        found["key"] = f"{one(TONICS)} {mode}"
    if wished(0.7):
        found["meter"] = one(METERS)
    if wished(0.8):
        found["bars"] = int(draw.integers(4, 33))
    if wished(0.25) and not satb:
        low = int(draw.integers(1, 4))
        found["density"] = f"{low}-{low + int(draw.integers(2, 5))}"
    if wished(0.2) and found["ensemble"] in ("lead", "piano", "band"):
        found["polyphony"] = int(draw.integers(3, 7))
    if wished(0.3) and mode in CHORDS and "key" in found:
        found["chords"] = one(CHORDS[mode])
        found["bars"] = 4 * int(draw.integers(2, 9))
    if wished(0.3) and found.get("bars", 16) >= 10 and not satb:
        found["form"] = one(FORMS)
    if wished(0.3) and "chords" not in found:
        found["ending"] = one(ENDINGS)
    return found


def given(draw: np.random.Generator, record: Record, ensemble: str) -> dict[str, Any]:
    """A human piece that the training has not seen, to harmonise, continue or fill."""
    piece = read(midi(record.draft), record.title or "Given").as_dict()
    how = GIVEN[int(draw.integers(len(GIVEN)))]
    if how == "melody":
        return {"melody": piece} if ensemble != "melody" else {"melody": piece, "ensemble": "lead"}
    if how == "continue_":
        return {"continue_": piece, "bars": int(piece["bars"]) + 8, "ensemble": None}
    return {"fill": (piece, f"bars {max(1, piece['bars'] // 2)}-{max(1, piece['bars'] // 2) + 1}"), "ensemble": None}


def human(path: Path, count: int) -> Iterator[tuple[str, Record]]:
    """(kind, piece) of so many melodies and four-part pieces of the validation part."""
    found: Counter[str] = Counter()
    for record in corpus.read(path, "valid"):
        kind = "satb" if record.draft.task == "satb" else "melody"
        if found[kind] < count:
            found[kind] += 1
            yield kind, record


def by_ear(data: bytes, key: str) -> bool:
    """Whether the finder hears that key first."""
    return referee.finder(hear(data))[0] == str(tonality(key))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="requests, and human pieces of each kind")
    parser.add_argument(
        "--candidates", type=int, help="pieces written, of which the best is kept; compose's own if not given"
    )
    parser.add_argument("--bundle", type=Path, help="another composer than the shipped one")
    parser.add_argument("--data", type=Path, required=True, help="corpora, for human pieces")
    asked = parser.parse_args()
    people = list(human(asked.data, asked.count))
    held = [record for _, record in people if record.draft.bars <= 24 and record.bars_known]
    promises: dict[str, Counter[Kept]] = defaultdict(Counter)
    keys: dict[str, list[bool]] = defaultdict(list)
    refused: list[str] = []
    broken: list[str] = []
    for seed in range(asked.count):
        wish = request(seed, held)
        try:
            piece = compose(seed=seed, candidates=asked.candidates, bundle=asked.bundle, device="cpu", **wish)
        except MuseError as error:
            refused.append(f"{seed}: {type(error).__name__}: {error}")
            continue
        data = piece.midi()
        for promise in referee.check(data, recipes.promises(piece.recipe)).promises:
            name = promise.name.partition(" of the ")[0]
            promises[name][promise.kept] += 1
            if promise.kept is False:
                broken.append(f"{seed}: {promise.name}: asked {promise.asked}, found {promise.found} ({_short(wish)})")
        key = str(wish.get("key", ""))
        if key.endswith((" major", " minor")):
            keys["satb" if wish["ensemble"] == "satb" else "melody"].append(by_ear(data, key))
    theirs: dict[str, list[bool]] = defaultdict(list)
    for kind, record in people:
        theirs[kind].append(by_ear(midi(record.draft), str(record.draft.key)))
    rows = [[name, sum(kept.values()), kept[True], kept["depends"], kept["relaxed"], kept[False]]
            for name, kept in sorted(promises.items())]  # fmt: skip
    print(table(["promise", "asked", "kept", "depends", "relaxed", "broken"], rows))
    ears = [[kind, _share(keys[kind]), _share(theirs[kind])] for kind in ("melody", "satb")]
    print("\n" + table(["key by ear", "ours", "human, held out"], ears))
    print(f"\n{asked.count - len(refused)} pieces; {len(refused)} requests refused", *refused, sep="\n")
    print("\nbroken:", *broken, sep="\n")
    told = {name: {str(kept): number for kept, number in counts.items()} for name, counts in promises.items()}
    write("music_controls", {"count": asked.count, "promises": told, "key_by_ear": ears, "refused": refused,
                             "broken": broken})  # fmt: skip


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found)} of {len(found)} ({sum(found) / len(found):.1%})" if found else "–"


def _short(wish: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" if name not in GIVEN else name for name, value in wish.items())


if __name__ == "__main__":
    main()
