"""A sheet for blind readers: pairs of poems of one title and form, in a random order, and the key apart.

    python benchmarks/blind_sheet.py --data DATA --out FOLDER [--lang en] [--pairs 40] [--seed 0]
    python benchmarks/blind_sheet.py --out FOLDER --answers answers.txt

In each pair one poem is muse's best of 16 on the title of a human poem of the validation part; the other is one first
draft of the same model under the same rules ("single"), a draft of a Kneser–Ney 4-gram under them ("ngram", Chinese
only), or the human poem ("human"; none of the well-known ones). Answers are lines such as "7 A"; the second call counts
them, with 95 % intervals (Source: Wilson 1927).
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from verse_ngram import BITS, FIRST, LINE, ORDER, OTHER, START, Level, learn, stream

from muse.bundle import Bundle
from muse.poem.corpus import PoemRecord, read
from muse.poem.layout import Verse, across
from muse.poem.plan import plan
from muse.poem.poem import Poem
from muse.poem.prefix import clean_title
from muse.poem.vocabulary import Vocabulary
from muse.poem.wishes import Wishes
from muse.seed import derive
from muse.seed import stream as random_of
from muse.tables.lexicon import interpret

FORMS = ("七绝", "五律", "七律", "五绝")
ENGLISH = ("quatrains", "sonnet", "envelope", "paired")
AGAINST = {"zh": ("single", "ngram", "human"), "en": ("single", "human")}
Drawn = npt.NDArray[np.float64]


class Ngram:
    """The 4-gram as a writer under an automaton."""

    def __init__(self, records: Sequence[PoemRecord], vocabulary: Vocabulary) -> None:
        ids = {character: FIRST + at for at, character in enumerate(sorted(set("".join(one.text for one in records))))}
        self.levels: list[Level] = learn(stream(records, ids))
        self.vocabulary = vocabulary
        self.codes = np.array([ids.get(token, OTHER) for token in vocabulary.tokens], np.int64)

    def after(self, context: Sequence[int]) -> Drawn:
        """(V,) p of each token after the last ones."""
        p = np.full(len(self.codes), 1e-5)
        for order, level in enumerate(self.levels, 1):
            head = 0
            for token in context[len(context) - order + 1 :]:
                head = head << BITS | token
            p = level.refine(head << BITS | self.codes, p)
        return p

    def write(self, wishes: Wishes, bundle: Bundle, seed: int) -> tuple[str, ...]:
        """One draft that keeps the form, by the same automaton and the same share of the tail left out."""
        asked, random = plan(wishes, bundle, seed), random_of(seed, "ngram")
        rule = asked.constraint
        state, context, text = rule.start(), [START] * (ORDER - 1), ""
        while not rule.done(state):
            allowed = rule.mask(state)
            if allowed.sum() == 1:
                token = int(allowed.argmax())
            else:
                p = np.where(allowed, self.after(context), 0.0)
                p[p < 0.003 * p.max()] = 0
                token = int(random.choice(len(p), p=p / p.sum()))
            mark = token < self.vocabulary.first
            context.append(LINE if mark else int(self.codes[token]))
            text += "" if mark else self.vocabulary.tokens[token]
            state = rule.advance(state, token)
        ends = np.cumsum([0, *asked.outline.widths])
        return tuple(text[start:end] for start, end in pairwise(ends))


def chosen(data: Path, language: str, count: int, seed: int) -> Iterator[tuple[str, str, str, int]]:
    """(form, title, text, lines) of human poems of the validation part, not of the well-known ones."""
    random = random_of(seed, "blind")
    if language == "en":
        yield from _english(data, count, random)
        return
    held = [one for one in read(data / "poetry", "valid") if one.era in ("唐", "宋") and not one.famous]
    held = [one for one in held if 2 <= len(clean_title(one.title)) <= 6]
    held = [held[at] for at in random.permutation(len(held)).tolist()]
    for number in range(count):
        form = FORMS[number % len(FORMS)]
        one = [one for one in held if one.form == form][number // len(FORMS)]
        yield form, clean_title(one.title), across(Verse(one.lines)), len(one.lines)


def _english(data: Path, count: int, random: np.random.Generator) -> Iterator[tuple[str, str, str, int]]:
    from muse.poem.english.corpus import parted
    from muse.poem.english.form import FORMS as FORMS_EN

    named = {form.label + form.scheme: form.name for form in FORMS_EN.values() if form.name in ENGLISH}
    held = [one for part, one in parted(data / "poetry") if part == "valid" and one.opening and 0 < len(one.title) < 40]
    some = [one for one in held if one.form + one.scheme in named and not one.famous and 8 <= len(one.lines) <= 24
            and (one.form == "sonnet" or len(one.lines) % 4 == 0)]  # fmt: skip
    for at in random.permutation(len(some))[:count].tolist():
        one = some[at]
        poem = Poem(one.title, one.texts, "", "en", stanzas=one.breaks)
        yield named[one.form + one.scheme], one.title, across(poem.verse), len(one.lines)


def sheet(data: Path, language: str, pairs: int, seed: int) -> tuple[str, list[dict[str, str]]]:
    """(the sheet, the key)."""
    from muse.poem.english.write import write as write_english
    from muse.poem.write import write as write_chinese

    bundle = Bundle.load(f"poem-{language}")
    write = write_english if language == "en" else write_chinese
    against = AGAINST[language]
    ngram = None
    if "ngram" in against:
        vocabulary = Vocabulary(tuple(bundle.card["vocabulary"]))
        ngram = Ngram(list(read(data / "poetry", "train")), vocabulary)
    random = random_of(seed, "order")
    rows, key = [], []
    for number, (form, title, human, lines) in enumerate(chosen(data, language, pairs, seed), 1):
        reading = interpret(title)
        kind = against[number % len(against)]
        own = derive(seed, "poem", number)
        length = str(lines) if language == "en" and "sonnet" not in form else ""
        wishes = Wishes(reading.theme, reading.mood, form, title=title, length=length)
        (best,) = write(wishes, bundle, [own])
        if kind == "human":
            other = human
        elif kind == "ngram" and ngram is not None:
            other = across(Verse(ngram.write(wishes, bundle, own)))
        else:
            (one,) = write(replace(wishes, candidates=1), bundle, [derive(own, "single", 0)])
            other = across(one.verse)
        mine = "AB"[int(random.integers(2))]
        texts = {mine: across(best.verse), "AB"["BA".index(mine)]: other}
        rows.append(f"## {number}. {title}\n\nA\n\n{texts['A']}\n\nB\n\n{texts['B']}\n")
        key.append({"pair": str(number), "muse": mine, "against": kind, "form": form})
    return "\n".join(rows), key


def wilson(wins: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share.

    >>> [round(x, 2) for x in wilson(10, 13)]
    [0.5, 0.92]
    """
    z, p = 1.96, wins / count
    middle, half = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--lang", default="zh", choices=list(AGAINST))
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--answers", type=Path, help="count these answers by the key in --out")
    asked = parser.parse_args()
    key_file = asked.out / f"key-{asked.lang}.json"
    if asked.answers is None:
        text, key = sheet(asked.data, asked.lang, asked.pairs, asked.seed)
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / f"sheet-{asked.lang}.md").write_text(text, "utf-8")
        key_file.write_text(json.dumps(key, ensure_ascii=False, indent=1), "utf-8")
        return
    answers = dict(re.findall(r"^\s*(\d+)\W+([AB])\b", asked.answers.read_text("utf-8"), re.M))
    key = [row for row in json.loads(key_file.read_text("utf-8")) if row["pair"] in answers]
    for kind in AGAINST[asked.lang]:
        won = [answers[row["pair"]] == row["muse"] for row in key if row["against"] == kind]
        if won:
            low, high = wilson(sum(won), len(won))
            print(f"against {kind}: {sum(won)} of {len(won)} won, 95 % interval {low:.2f} to {high:.2f}")


if __name__ == "__main__":
    main()
