"""The composer beside other writers on the same prompts: controls, rules, distance to held-out music, form, speed.

    python benchmarks/music_peers.py --data DATA --keep FOLDER [--bundle composer] [--count 4] [--minutes 10]

Sixteen prompts (ensemble, bars, key, meter), `--count` seeds each. Beside muse (the best of its candidates, and one
draft) stand an n-gram and an LSTM over the same events, learned from the same pieces (`music_baselines.py`; the LSTM
learns for `--minutes`, once, and is kept in `--keep`): under the composer's own automaton, and free. "human" is one
half of the held-out pieces of the prompts' kinds, meters and modes; the other half is what all are compared with.

- bars, key: how often they are as asked; the key by an outside finder (correlation with the profiles of Krumhansl &
  Kessler 1982) that took no part in generation; tonic: how often the lowest voice ends on it
- parallels, crossings: per 100 moments of four voices; leaps: per 100 notes of any
- Jensen–Shannon divergence, bits: intervals, durations, pitch classes above the tonic, onsets in the bar
- form: see `muse.music.shape`; CPU s: a piece

MIDI-GPT (`midigpt` on PyPI) is not in the table: its wheel holds no weights, and those it fetches are for
non-commercial research only.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
from music_baselines import Baseline, Loose, Markov, lessons, lstm
from table import machine, table, write

from muse.bundle import Bundle
from muse.errors import CorpusError
from muse.music import corpus, drafting, rules
from muse.music.composer import PieceRequest, prepare
from muse.music.events import Draft, decode
from muse.music.model import writer
from muse.music.shape import by_distance, error, shape
from muse.music.theory import Key
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt, Writer
from muse.seed import derive

PROMPTS = (
    ("melody", 8, "G major", "4/4"), ("melody", 16, "D minor", "3/4"), ("melody", 16, "A major", "6/8"),
    ("melody", 8, "E minor", "2/4"), ("melody", 24, "F major", "4/4"), ("melody", 16, "Bb major", "3/4"),
    ("lead", 16, "C major", "4/4"), ("lead", 16, "A minor", "3/4"), ("lead", 8, "D major", "6/8"),
    ("lead", 12, "Eb major", "4/4"), ("lead", 32, "G minor", "4/4"), ("satb", 8, "G major", "4/4"),
    ("satb", 12, "A minor", "4/4"), ("satb", 16, "F major", "4/4"), ("satb", 8, "E minor", "4/4"),
    ("satb", 10, "D major", "4/4"),
)  # fmt: skip
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
HISTOGRAMS = ("intervals", "durations", "pitch classes", "onsets")
HUMAN = "human"
Write = Callable[[PieceRequest], Draft | None]


def key_by_ear(draft: Draft) -> tuple[int, str]:
    """(tonic, mode) whose profile correlates best with the time of each pitch class."""
    time_of = np.zeros(12)
    for voice in draft.voices:
        for _, duration, pitch, _ in voice:
            time_of[pitch % 12] += duration
    ranked = [(float(np.corrcoef(np.roll(profile, tonic), time_of)[0, 1]), tonic, mode)
              for mode, profile in PROFILES.items() for tonic in range(12)]  # fmt: skip
    return max(ranked)[1:]


def histograms(draft: Draft) -> dict[str, Counter[Any]]:
    """What is compared of a draft; the tune, or all four voices."""
    found: dict[str, Counter[Any]] = {name: Counter() for name in HISTOGRAMS}
    for voice in draft.voices:
        found["intervals"].update(max(-13, min(13, b[2] - a[2])) for a, b in pairwise(voice))
        found["durations"].update(duration for _, duration, _, _ in voice)
        found["pitch classes"].update((pitch - draft.key.tonic) % 12 for _, _, pitch, _ in voice)
        bar = draft.meter.bar
        found["onsets"].update((str(draft.meter), (tick - draft.pickup) % bar) for tick, _, _, _ in voice)
    return found


def divergence(mine: Counter[Any], theirs: Counter[Any]) -> float:
    """Jensen–Shannon, in bits.

    >>> divergence(Counter("aab"), Counter("aab")), divergence(Counter("a"), Counter("b"))
    (0.0, 1.0)
    """
    names = sorted(mine | theirs, key=str)
    p, q = (np.array([one[name] / max(1, one.total()) for name in names]) for one in (mine, theirs))
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0).sum() for side in (p, q)]
    return float(sum(parts) / 2)


def people(data: Path) -> tuple[list[Draft], list[Draft]]:
    """Two halves of the held-out pieces of the kinds, meters and modes that are asked for, in that proportion."""
    held = [record.draft for record in corpus.read(data / "music", "valid")]
    held += [one.draft for one in corpus.read(data / "music", "test") if one.corpus == "jsb-chorales"]
    halves: tuple[list[Draft], list[Draft]] = ([], [])
    for ensemble, bars, key, meter in PROMPTS:
        four, mode = ensemble == "satb", Key.parse(key).mode
        able = [one for one in held if (one.task == "satb") == four and str(one.meter) == meter
                and one.key.mode == mode and one.bars >= min(bars, 8)]  # fmt: skip
        for half, some in zip(halves, (able[::2], able[1::2]), strict=True):
            half += [first_bars(one, bars) for one in some[:24]]
    return halves


def first_bars(draft: Draft, bars: int) -> Draft:
    """The beginning of a draft; what sounds over its end is cut."""
    end = min(draft.length, draft.pickup + bars * draft.meter.bar)
    voices = tuple(tuple((t, min(d, end - t), p, v) for t, d, p, v in voice if t < end) for voice in draft.voices)
    return replace(draft, voices=voices, length=end)


def figures(drafts: Sequence[tuple[Draft, int, str]], others: Sequence[Draft]) -> dict[str, Any]:
    """The row of a contestant: (draft, bars asked, mode asked) each."""
    pieces = [draft for draft, _, _ in drafts]
    counts = [(rules.count(draft), draft) for draft in pieces]
    four = [count for count, draft in counts if draft.task == "satb"]
    moments, notes = max(1, sum(one.moments for one in four)), sum(len(v) for one in pieces for v in one.voices)
    said = {
        "bars": np.mean([draft.bars == bars for draft, bars, _ in drafts]),
        "key": np.mean([key_by_ear(draft) == (draft.key.tonic, mode) for draft, _, mode in drafts]),
        "tonic": np.mean([bool(draft.voices[-1]) and draft.voices[-1][-1][2] % 12 == draft.key.tonic
                          for draft in pieces]),
        "parallels": 100 * sum(one.parallels for one in four) / moments,
        "crossings": 100 * sum(one.crossings for one in four) / moments,
        "leaps": 100 * sum(count.leaps for count, _ in counts) / max(1, notes),
    }  # fmt: skip
    mine, theirs = _summed(pieces), _summed(others)
    said |= {name: divergence(mine[name], theirs[name]) for name in HISTOGRAMS}
    forms = [[shape(one.voices[0], one.meter, one.pickup, one.length) for one in some] for some in (pieces, others)]
    said["similarity error"] = error(by_distance(forms[0]), by_distance(forms[1]))
    said["bars again"] = float(np.nanmean([one.repeated() for one in forms[0]]))
    said["rhythms again"] = float(np.nanmean([one.repeated("rhythm") for one in forms[0]]))
    said["loop"] = float(np.mean([one.loop for one in forms[0]]))
    return said


def _summed(drafts: Sequence[Draft]) -> dict[str, Counter[Any]]:
    found: dict[str, Counter[Any]] = {name: Counter() for name in HISTOGRAMS}
    for draft in drafts:
        for name, one in histograms(draft).items():
            found[name].update(one)
    return found


def ruled(pen: Writer, candidates: int | None) -> Write:
    """Writing as muse does, with any writer."""

    def write_one(request: PieceRequest) -> Draft:
        plan, scheme, _ = prepare(request)
        return drafting.write(pen, replace(request, candidates=candidates), plan, scheme)[0]

    return write_one


def free(pen: Baseline) -> Write:
    """Writing whatever can be read back, from the same header; None where even that fails."""

    def write_one(request: PieceRequest) -> Draft | None:
        plan, scheme, _ = prepare(request)
        head = tuple(drafting.header_of(plan, scheme))
        rule, nowhere = Loose(scheme.task, scheme.meter, scheme.bars), (0,) * len(head)
        (found,) = pen.generate([Prompt(head, nowhere, nowhere)], [rule], Sampling(0.98, top_p=0.95), [request.seed])
        try:
            return decode([*head, *found.tokens.tolist()], key=Key(0, plan.key.mode), meter=scheme.meter)
        except CorpusError:
            return None

    return write_one


def contestants(data: Path, keep: Path, bundle: Bundle, minutes: float) -> Iterator[tuple[str, Write]]:
    """All writers by name."""
    kept = keep / "lessons.npy"
    if not kept.exists():
        keep.mkdir(parents=True, exist_ok=True)
        np.save(kept, lessons(data, 2_000_000))
    tokens = np.load(kept)
    pen = writer(bundle)
    yield "muse", ruled(pen, None)
    yield "muse, one draft", ruled(pen, 1)
    models = {"LSTM": Baseline(lstm(tokens, keep / "lstm.pt", minutes)), "n-gram": Baseline(Markov(tokens).begin)}
    for name, model in models.items():
        yield f"{name}, same rules", ruled(cast(Writer, model), 1)
        yield f"{name}, free", free(model)


def row(write_one: Write, count: int, others: Sequence[Draft]) -> dict[str, Any]:
    """The figures of one writer on all prompts."""
    found, unread, begun = [], 0, time.process_time()
    for number, (ensemble, bars, key, meter) in enumerate(PROMPTS):
        for turn in range(count):
            seed = derive(11, "peers", number, turn)
            draft = write_one(PieceRequest(ensemble=ensemble, bars=bars, key=key, meter=meter, seed=seed))
            if draft is None or not any(draft.voices):
                unread += 1
            else:
                found.append((draft, bars, Key.parse(key).mode))
    spent = (time.process_time() - begun) / (count * len(PROMPTS))
    return {**figures(found, others), "unread": unread, "CPU s": spent}


def printed(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """One table, a column a writer."""
    names = list(next(iter(rows.values())))
    cells = [[name, *(f"{one.get(name, float('nan')):.3g}" for one in rows.values())] for name in names]
    return table(("", *rows), cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True, help="folder where the baselines are kept")
    parser.add_argument("--bundle", default="composer")
    parser.add_argument("--count", type=int, default=4, help="pieces a prompt")
    parser.add_argument("--minutes", type=float, default=10.0, help="CPU minutes for which the LSTM learns")
    parser.add_argument("--name", default="music_peers")
    asked = parser.parse_args()
    others, mine = people(asked.data)
    rows: dict[str, dict[str, Any]] = {}
    for name, write_one in contestants(asked.data, asked.keep, Bundle.load(asked.bundle), asked.minutes):
        rows[name] = row(write_one, asked.count, others)
        print(name, {key: round(float(value), 4) for key, value in rows[name].items()}, flush=True)
    rows[HUMAN] = figures([(one, one.bars, one.key.mode) for one in mine], others)
    print(printed(rows))
    write(asked.name, {"prompts": PROMPTS, "pieces_a_prompt": asked.count, "rows": rows, "machine": machine()})


if __name__ == "__main__":
    main()
