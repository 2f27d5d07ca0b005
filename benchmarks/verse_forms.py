"""Every form of Chinese verse: what the referee says of first attempts, what the rules cost, how varied the poems are.

One JSON line a kind of request: the verdicts of the referee, which shares no code with the generator, over first
attempts on varied themes in strict and in normal mode; exceptions; damage; and diversity beside human poems.

- Damage: bits a character that the unmasked model, told the form alone, gives to poems written by the rules with the
  form as the only prefix, less those it gives to poems written free of all rules but the lines; same seeds and
  temperature.
- distinct: different pairs of neighbouring characters, as a share of all. jaccard: of the pairs of two poems the share
  that both have, in percent, a mean over all twos. Human: as many poems of the validation part of
  --data, whose titles are then the themes.

    python benchmarks/verse_forms.py --bundle poem-zh.safetensors --count 20 --data corpora-folder
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from muse.bundle import Bundle
from muse.errors import MuseError
from muse.poem.automaton import Demands, automaton
from muse.poem.corpus import PoemRecord, read
from muse.poem.draft import Draft, drafts, plain
from muse.poem.given import Text
from muse.poem.measure import distinct
from muse.poem.model import contents
from muse.poem.plan import Plan, characters_of, plan
from muse.poem.prefix import Fields, clean_title
from muse.poem.referee import verdict
from muse.poem.score import Line, Score
from muse.poem.sounds import LEVEL, NEVER, Characters
from muse.poem.vocabulary import SONG
from muse.poem.wishes import Wishes
from muse.poem.write import report_of
from muse.tables.lexicon import interpret
from muse.tables.tunes import tunes

THEMES = ("秋江夜泊", "春日", "边塞", "送别", "梅花", "月夜思乡", "田园", "怀古", "雨中", "山寺", "闺怨", "咏雪")
TUNES = 30
FORMS = ("五绝", "七绝", "五律", "七律", "五排", "七排", "对联", SONG)
ACROSTICS = ("春江花月", "山高水长", "风花雪月", "平安喜乐")
LOCKS = (("＿＿明月＿",), ("", "＿＿秋月＿"), ("", "", "＿＿人＿＿"), ("", "", "", "＿＿＿＿家"))


def requests(kind: str, count: int, strict: bool, themes: Sequence[str]) -> Iterable[tuple[Wishes, int]]:
    """So many wishes of a kind, on themes in turn, with their seeds."""
    names = list(tunes())[:TUNES]
    for seed in range(count):
        reading = interpret(themes[seed % len(themes)])
        more: dict[str, Any] = {"form": kind}
        if kind == SONG:
            more = {"tune": names[seed % TUNES]}
        elif kind == "acrostic":
            more = {"acrostic": ACROSTICS[seed % len(ACROSTICS)]}
        elif kind == "lock":
            more = {"form": "五绝", "lock": LOCKS[seed % len(LOCKS)]}
        yield Wishes(reading.theme, reading.mood, candidates=1, strict=strict, **more), seed


def verdicts(
    kind: str, count: int, strict: bool, bundle: Bundle, themes: Sequence[str]
) -> tuple[dict[str, int], list[Draft]]:
    """How many first attempts are valid, depend on the reading, are invalid, or end in an exception."""
    found: Counter[str] = Counter()
    made: list[Draft] = []
    for wishes, seed in requests(kind, count, strict, themes):
        try:
            (draft,) = drafts([plan(wishes, bundle, seed)], [seed], bundle)
            made.append(draft)
            found[verdict(report_of(draft, wishes))] += 1
        except MuseError as error:
            found[f"{type(error).__name__}: {error.what}"] += 1
    return dict(found), made


def free(ruled: Plan) -> Plan:
    """The same lines without any rule."""
    vocabulary = ruled.characters.vocabulary
    classes = np.full(len(vocabulary), LEVEL, np.uint8)
    classes[: vocabulary.first] = NEVER
    characters = Characters(vocabulary, "pingshui", False, classes, {}, {}, np.zeros(len(vocabulary), np.bool_))
    lines = tuple(Line((1 << (1 << width)) - 1) for width in ruled.score.widths)
    score = Score(ruled.score.form, ruled.outline, (lines,), once=False)
    return Plan(score, characters, ruled.fields, ruled.text, Demands(), automaton(score, characters))


def damage(kind: str, count: int, bundle: Bundle) -> float:
    """Bits a character, see above."""
    ruled, unruled, seeds = [], [], []
    for wishes, seed in requests(kind, count, True, THEMES):
        one = plan(wishes, bundle, seed)
        bare = Plan(one.score, one.characters, Fields(one.outline.form), Text({}, {}), Demands(),
                    automaton(one.score, characters_of(bundle, one.characters.book, True)))  # fmt: skip
        ruled.append(bare)
        unruled.append(free(bare))
        seeds.append(seed)
    bits = []
    for plans in (ruled, unruled):
        made = drafts(plans, seeds, bundle)
        nats = [figure[draft.own] for draft, figure in zip(made, plain(made, bundle), strict=True)]
        bits.append(-float(np.concatenate(nats).mean()) / np.log(2))
    return bits[0] - bits[1]


def jaccard(poems: Sequence[Sequence[str]]) -> float:
    """In percent, see above."""
    pairs = [{line[at : at + 2] for line in poem for at in range(len(line) - 1)} for poem in poems]
    shares = [len(one & other) / max(1, len(one | other)) for one, other in combinations(pairs, 2)]
    return 100 * float(np.mean(shares)) if shares else 0.0


def human(held: Sequence[PoemRecord], form: str, count: int) -> list[tuple[str, ...]]:
    """Poems of a form that the training has not seen."""
    every = sorted((record for record in held if record.form == form), key=lambda one: one.text)
    return [record.lines for record in every[:: max(1, len(every) // count)][:count]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20, help="poems of each kind")
    parser.add_argument("--data", type=Path, help="a corpus, for figures of human poems")
    asked = parser.parse_args()
    bundle = Bundle.from_bytes(asked.bundle.read_bytes())
    contents(bundle)
    held = list(read(asked.data, "valid", songs=True)) if asked.data else []
    titles = {clean_title(record.title): None for record in sorted(held, key=lambda one: one.text) if record.title}
    themes = [title for title in titles if 2 <= len(title) <= 8] or THEMES
    for kind in (*FORMS, "acrostic", "lock"):
        strict, made = verdicts(kind, asked.count, True, bundle, themes)
        normal, _ = verdicts(kind, asked.count, False, bundle, themes)
        found: dict[str, Any] = {"kind": kind, "strict": strict, "normal": normal}
        if kind in FORMS:
            lines = [draft.lines for draft in made]
            found |= {"damage": round(damage(kind, asked.count, bundle), 3), "distinct": round(distinct(lines), 3),
                      "jaccard": round(jaccard(lines), 4)}  # fmt: skip
        if asked.data and (theirs := human(held, kind, len(made))):
            found |= {"human_distinct": round(distinct(theirs), 3), "human_jaccard": round(jaccard(theirs), 4)}
        print(json.dumps(found, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
