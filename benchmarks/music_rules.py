"""The rules of part-writing in chorales: written under strict rules, written freely, and Bach's own.

Every piece is read from its MIDI file by the referee, which shares no code with the composer. Breaks of each rule are
told in 100 chords (moments at which a note begins), with their number. Range: the usual ranges of four voices.

    python benchmarks/music_rules.py --count 500 --data Jsb16thSeparated.json.gz
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from table import table, write

from muse.bundle import Bundle
from muse.music import corpus
from muse.music.composer import PieceRequest, compose_with
from muse.music.events import LINES, Draft
from muse.music.heard import hear
from muse.music.model import writer
from muse.music.piece import Note, Piece, Track
from muse.music.referee import counterpoint, keys, rules
from muse.music.referee.places import Bars
from muse.seed import stream
from muse.verbs.library import load_kind

KEYS = ("C major", "G major", "D major", "F major", "Bb major", "A minor", "E minor", "D minor", "G minor", "B minor")
METERS = ("4/4", "4/4", "4/4", "3/4")
GUARANTEED = (*counterpoint.PARALLELS, counterpoint.CROSSING, counterpoint.RANGE)


def written(bundle: Bundle, count: int, bars: int, strict: bool, candidates: int) -> Iterator[bytes]:
    """MIDI files of chorales, their keys and meters by their seeds."""
    engine = writer(bundle, "cpu")
    for seed in range(count):
        draw = stream(seed, "music_rules")
        key, meter = (names[int(draw.integers(len(names)))] for names in (KEYS, METERS))
        request = PieceRequest(ensemble="satb", key=key, meter=meter, bars=bars, seed=seed, strict=strict,
                               candidates=candidates)  # fmt: skip
        yield compose_with(engine, request).midi()


def human(path: Path, split: corpus.Split, count: int) -> Iterator[bytes]:
    """MIDI files of the chorales of a split, at most so many."""
    for index, record in enumerate(corpus.read_jsb(path, split)):
        if index < count:
            yield midi(record.draft)


def midi(draft: Draft) -> bytes:
    """The MIDI file of a draft, its voices as tracks."""
    tracks = tuple(
        Track(name.title(), 0, tuple(Note(tick, pitch, ticks) for tick, ticks, pitch, _ in voice))
        for name, voice in zip(LINES[draft.task], draft.voices, strict=False)
    )
    return Piece("", draft.key, draft.meter, 90, draft.bars, tracks, draft.pickup).midi()


def judged(files: Iterator[bytes]) -> list[rules.Part]:
    """What the referee says of each file."""
    found = []
    for data in files:
        heard = hear(data)
        found.append(rules.judge(heard, Bars(heard), keys.likeliest(heard)))
    return found


def told(parts: Sequence[rules.Part], rule: str) -> str:
    return f"{float(rules.rates(parts)[rule]):.2f} ({sum(part.count(rule) for part in parts)})" if parts else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20, help="chorales of each kind")
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--candidates", type=int, default=1, help="pieces written, of which the best is kept")
    parser.add_argument("--bundle", type=Path, help="another composer than the shipped one")
    parser.add_argument("--data", type=Path, required=True, help="the JSB chorales")
    asked = parser.parse_args()
    bundle = load_kind(asked.bundle or "composer", "music")
    kinds = {
        "strict": judged(written(bundle, asked.count, asked.bars, True, asked.candidates)),
        "free": judged(written(bundle, asked.count, asked.bars, False, asked.candidates)),
        "Bach, train": judged(human(asked.data, "train", asked.count)),
        "Bach, valid": judged(human(asked.data, "valid", asked.count)),
    }
    rows = [[rule, *(told(parts, rule) for parts in kinds.values())] for rule in rules.RULES]
    rows.append(["chords", *(sum(part.chords for part in parts) for parts in kinds.values())])
    rows.append(["pieces", *(len(parts) for parts in kinds.values())])
    print(table(["in 100 chords (number)", *kinds], rows))
    broken = {rule: sum(part.count(rule) for part in kinds["strict"]) for rule in GUARANTEED}
    print(f"\nguaranteed: {sum(broken.values())} breaks in {len(kinds['strict'])} chorales {broken}")
    rates = {kind: {rule: float(rate) for rule, rate in rules.rates(parts).items()} for kind, parts in kinds.items()}
    write("music_rules", {"count": asked.count, "bars": asked.bars, "candidates": asked.candidates, "rates": rates,
                          "strict": broken})  # fmt: skip


if __name__ == "__main__":
    main()
