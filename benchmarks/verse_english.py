"""English verse, first attempts: what the judge finds by rule, and how much it repeats itself, beside human verse.

    python benchmarks/verse_english.py write [--bundle poem-en] [--count 1000] [--forms sonnet ballad] --out FOLDER
    python benchmarks/verse_english.py human --data DATA --out FOLDER

Both leave one JSONL file a form in FOLDER ({"form", "lines"}) and print a JSON object a form: poems, valid, depends and
invalid (shares of poems), meter and rhyme (shares of lines and of pairs that hold plainly, and with "depends"),
distinct_2, bigram_jaccard. `verse_english_prosodic.py` reads FOLDER for a second opinion. One candidate a poem, strict
mode; themes, moods, eras, authors, titles and keywords vary with the seed. Human verse is the validation part.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from muse.bundle import Bundle
from muse.errors import MuseError
from muse.poem.english.corpus import Verse, read
from muse.poem.english.form import FORMS
from muse.poem.english.hearing import chime, scan, words
from muse.poem.english.measure import distinct
from muse.poem.english.referee import RULES, judge
from muse.poem.english.write import write
from muse.poem.wishes import Wishes
from muse.tables.lexicon import interpret

THEMES = (
    "winter sea", "lost love", "autumn rain", "a city at night", "morning in the garden", "war and peace", "old trees",
    "spring wind", "my mother's hands", "the moon over the mountains", "fire", "a child asleep", "freedom",
    "the death of a king", "the bridge", "roses", "a storm", "hope", "friendship", "snow in the forest", "stars",
    "memory of summer",
    "a soldier's farewell", "the cat on the roof", "a joyful dance", "fear of the dark", "bread and wine", "the clock",
)  # fmt: skip
AUTHORS, ERAS = ("", "", "John Keats", "Emily Dickinson", "Robert Burns"), ("", "1700", "1800", "1850", "1900")
TOGETHER, PAIRS = 8, 4000


def first_attempts(bundle: Bundle, form: str, count: int) -> Iterator[tuple[str, ...]]:
    """The lines of `count` poems, no two on one request; an error of muse counts as a poem without lines."""
    known = set(bundle.card["vocabulary"])
    for begin in range(0, count, TOGETHER):
        theme = interpret(THEMES[(begin // TOGETHER) % len(THEMES)])
        author = AUTHORS[(begin // TOGETHER) % len(AUTHORS)]
        wishes = Wishes(
            theme.theme, theme.mood, form=form, candidates=1, era=ERAS[(begin // TOGETHER) % len(ERAS)],
            author=author if f"<author:{author}>" in known else "",
            keywords=("light",) if begin % (3 * TOGETHER) == 0 else (),
        )  # fmt: skip
        seeds = range(begin, min(begin + TOGETHER, count))
        try:
            yield from (made.lines for made in write(wishes, bundle, seeds))
        except MuseError:
            yield from (() for _ in seeds)


def human(data: Path) -> dict[str, list[tuple[str, ...]]]:
    """Poems of people, by the form that muse would call theirs."""
    found: dict[str, list[tuple[str, ...]]] = {name: [] for name in FORMS}
    schemes = {"ABAB": "quatrains", "ABBA": "envelope", "AABB": "paired"}
    for verse in read(data / "poetry", "valid"):
        if name := _named(verse, schemes):
            size = len(RULES[name].scheme)
            whole = len(verse.lines) // size * size
            if whole and (not RULES[name].whole or len(verse.lines) == size):
                found[name].append(verse.texts[: min(whole, 4 * size if size > 2 else 12)])
    return found


def _named(verse: Verse, schemes: dict[str, str]) -> str:
    if verse.form == "sonnet":
        return {"shakespearean": "sonnet", "petrarchan": "petrarchan"}.get(verse.scheme, "")
    if verse.form == "quatrains" and (verse.foot, verse.length) == ("iambic", "4"):
        return schemes.get(verse.scheme, "")
    if verse.form == "couplets" and (verse.foot, verse.length) != ("iambic", "5"):
        return ""
    return verse.form if verse.form in ("ballad", "limerick", "couplets", "blank", "free") else ""


def figures(form: str, poems: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What the judge finds, and how much the poems repeat themselves and each other."""
    written = [lines for lines in poems if lines]
    rule = RULES[form]
    verdicts = [judge(lines, form).valid for lines in written] + [False] * (len(poems) - len(written))
    meter = [
        scan(line, rule.kind, rule.sizes[at % len(rule.sizes)]) for lines in written for at, line in enumerate(lines)
    ]
    pairs = [pair for lines in written for pair in _pairs(lines, rule.scheme)]
    rhyme = [chime(*pair) for pair in pairs]
    found: dict[str, Any] = {"form": form, "poems": len(poems), "failed": len(poems) - len(written)}
    for name, verdict in (("valid", True), ("depends", "depends"), ("invalid", False)):
        found[name] = round(sum(one == verdict for one in verdicts) / max(1, len(verdicts)), 4)
    for name, kept in (("meter", meter), ("rhyme", rhyme)):
        if kept and (name != "meter" or rule.sizes != (0,)):
            found[name] = round(sum(one is True for one in kept) / len(kept), 4)
            found[f"{name}_or_depends"] = round(sum(one is not False for one in kept) / len(kept), 4)
    found["distinct_2"] = round(distinct(written), 4)
    found["bigram_jaccard"] = round(jaccard(written), 6)
    return found


def _pairs(lines: Sequence[str], scheme: str) -> Iterator[tuple[str, str]]:
    for at, line in enumerate(lines):
        place = at % len(scheme)
        for back in range(place):
            if scheme[place - back - 1] == scheme[place] != "-":
                yield words(lines[at - back - 1])[-1], words(line)[-1]
                break


def jaccard(poems: Sequence[Sequence[str]]) -> float:
    """The mean over pairs of poems: word pairs that both have, over those that one has."""
    sets = [{pair for line in lines for pair in zip(words(line), words(line)[1:], strict=False)} for lines in poems]
    if len(sets) < 2:
        return 0.0
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(sets), (PAIRS, 2))
    alike = [len(sets[a] & sets[b]) / max(1, len(sets[a] | sets[b])) for a, b in drawn.tolist() if a != b]
    return float(np.mean(alike))


def kept(folder: Path, form: str, poems: Iterable[Sequence[str]]) -> list[Sequence[str]]:
    """The poems, written to the form's file on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    found = list(poems)
    rows = (json.dumps({"form": form, "lines": list(lines)}) + "\n" for lines in found)
    (folder / f"{form}.jsonl").write_text("".join(rows), encoding="utf-8")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("write", "human"))
    parser.add_argument("--bundle", default="poem-en")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    if asked.what == "human" and asked.data is None:
        parser.error("human verse needs --data")
    verse = human(asked.data) if asked.what == "human" else {}
    bundle = Bundle.load(asked.bundle) if asked.what == "write" else None
    for form in asked.forms:
        begun = time.perf_counter()
        poems = verse.get(form, [])[: asked.count] if bundle is None else first_attempts(bundle, form, asked.count)
        found = kept(asked.out, form, poems)
        seconds = time.perf_counter() - begun
        if found:
            print(json.dumps({**figures(form, found), "seconds": round(seconds, 1)}), flush=True)


if __name__ == "__main__":
    main()
