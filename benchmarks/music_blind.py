"""A sheet for blind listeners: pairs of pieces of one kind, key, meter and length, in a random order, the key apart.

    python benchmarks/music_blind.py --data DATA --out FOLDER [--pairs 30] [--seed 0] [--bundle composer]
    python benchmarks/music_blind.py --out FOLDER --answers answers.txt

In each pair one piece is muse's best of its candidates for the kind, key, meter and bars of a human piece of the
validation part; the other is one first draft of the same model under the same rules ("single"), a draft of an n-gram
under them ("ngram"), or the human piece ("human"). All stand bare: the tune, or four voices, on one instrument. FOLDER
gets an engraved score (where verovio is installed) and a piano roll of each, its MIDI file, and sheet.md, which tells
what can be heard in it. Answers are lines such as "7 A"; the second call counts them, with 95 % intervals.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
from blind_sheet import wilson
from music_baselines import Baseline, Markov, lessons

from muse.bundle import Bundle
from muse.errors import MissingExtraError
from muse.music import corpus, engrave, roll
from muse.music.composer import PieceRequest, drafted
from muse.music.copied import Copies
from muse.music.events import LINES, Draft
from muse.music.model import writer
from muse.music.piece import Note, Piece, Track
from muse.music.shape import shape
from muse.nn.writer import Writer
from muse.seed import derive
from muse.seed import stream as random_of

AGAINST = ("single", "ngram", "human")
METERS = ("4/4", "3/4", "6/8", "2/4")
LENGTHS = range(8, 25)
TEMPO = 84.0
ORGAN, PIANO = 19, 0
HEAD = "Which of each pair is the better piece of music? Answer in lines such as `7 A`.\n"


def chosen(data: Path, count: int, seed: int) -> Iterator[Draft]:
    """Human pieces of the validation part, a tune and four voices in turn; whole ones only."""
    random = random_of(seed, "blind")
    held = [record.draft for record in corpus.read(data / "music", "valid")]
    held = [one for one in held if one.bars in LENGTHS and str(one.meter) in METERS]
    pools = [[one for one in held if one.task == task] for task in ("melody", "satb")]
    orders = [random.permutation(len(pool)).tolist() for pool in pools]
    for number in range(count):
        pool, order = pools[number % 2], orders[number % 2]
        yield pool[order[number // 2 % len(order)]]


def bare(draft: Draft, number: str) -> Piece:
    """The voices of a draft and nothing else."""
    program = ORGAN if draft.task == "satb" else PIANO
    tracks = tuple(
        Track(line.title(), program, tuple(Note(tick, pitch, duration) for tick, duration, pitch, _ in voice))
        for line, voice in zip(LINES[draft.task], draft.voices, strict=True)
    )
    return Piece(number, draft.key, draft.meter, TEMPO, draft.bars, tracks, draft.pickup)


def heard(piece: Piece) -> str:
    """What can be heard in a piece, a line."""
    notes = piece.melody.notes
    steps = [abs(b.pitch - a.pitch) for a, b in pairwise(notes)] or [0]
    form = shape(((n.tick, n.duration, n.pitch) for n in notes), piece.meter, piece.pickup, piece.length)
    energy = " ".join(f"{value:.1f}" for value in piece.features.energy)
    return (
        f"{piece.seconds:.0f} s, {len(notes)} notes of the tune, {min(n.pitch for n in notes)} to "
        f"{max(n.pitch for n in notes)}, mean step {np.mean(steps):.1f}, widest {max(steps)}, bars that come again "
        f"{form.repeated():.0%}, rhythms {form.repeated('rhythm'):.0%}; energy by bar {energy}"
    )


def files(piece: Piece, stem: str) -> dict[str, bytes]:
    """Score, roll and MIDI."""
    found = {f"{stem}.mid": piece.midi(), f"{stem}-roll.png": roll.png(piece)}
    try:
        pages = engrave.engrave(piece).pages
    except MissingExtraError:
        return found
    return found | {f"{stem}{'' if not page else f'-{page + 1}'}.svg": data for page, data in enumerate(pages)}


def sheet(data: Path, bundle: Bundle, pairs: int, seed: int) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """(the files of the sheet, the key)."""
    pen, copies = writer(bundle), Copies.thaw(bundle)
    ngram = cast(Writer, Baseline(Markov(lessons(data, 1_500_000)).begin))
    random = random_of(seed, "order")
    rows, key, found = [], [], {}
    for number, human in enumerate(chosen(data, pairs, seed), 1):
        kind = AGAINST[(number - 1) // 2 % len(AGAINST)]
        own = derive(seed, "piece", number)
        request = PieceRequest(
            ensemble=human.task, bars=human.bars, key=str(human.key), meter=str(human.meter), pickup=human.pickup,
            seed=own,
        )  # fmt: skip
        best = drafted(pen, request, copies)[1]
        if kind == "human":
            other = human
        else:
            one = replace(request, candidates=1, seed=derive(own, "single"))
            other = drafted(ngram if kind == "ngram" else pen, one)[1]
        mine = "AB"[int(random.integers(2))]
        rows.append(f"## {number}. {human.key}, {human.meter}, {human.bars} bars\n")
        for letter in "AB":
            piece = bare(best if letter == mine else other, f"{number} {letter}")
            made = files(piece, f"{number:02}-{letter.lower()}")
            found |= made
            shown = [name for name in made if name.endswith(".svg")] or [f"{number:02}-{letter.lower()}-roll.png"]
            rows.append(f"{letter}: {heard(piece)}\n\n" + "\n".join(f"![{letter}]({name})" for name in shown) + "\n")
        key.append({"pair": str(number), "muse": mine, "against": kind, "kind": human.task})
    return {"sheet.md": "\n".join([HEAD, *rows]).encode(), **found}, key


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bundle", default="composer")
    parser.add_argument("--answers", type=Path, help="count these answers by the key beside --out")
    asked = parser.parse_args()
    key_file = asked.out.with_name(asked.out.name + "-key.json")
    if asked.answers is None:
        found, key = sheet(asked.data, Bundle.load(asked.bundle), asked.pairs, asked.seed)
        asked.out.mkdir(parents=True, exist_ok=True)
        for name, content in found.items():
            (asked.out / name).write_bytes(content)
        key_file.write_text(json.dumps(key, indent=1), "utf-8")
        return
    answers = dict(re.findall(r"^\s*(\d+)\W+([AB])\b", asked.answers.read_text("utf-8"), re.M))
    key = [one for one in json.loads(key_file.read_text("utf-8")) if one["pair"] in answers]
    for kind in AGAINST:
        won = [answers[one["pair"]] == one["muse"] for one in key if one["against"] == kind]
        if won:
            low, high = wilson(sum(won), len(won))
            print(f"against {kind}: {sum(won)} of {len(won)} won, 95 % interval {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
