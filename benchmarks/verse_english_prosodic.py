"""A second opinion on English verse: what prosodic, a scanner with a dictionary and a theory of its own, hears in it.

    python benchmarks/verse_english_prosodic.py FOLDER [FOLDER …] [--limit 200]

Runs in an environment of its own (`pip install prosodic`, Apache-2.0; it needs no muse), on the JSONL files of
`verse_english.py`, and prints a JSON object a file: lines (those whose every word its dictionary knows, so that no
program that guesses is needed), beats (share of lines of which a best parse has as many syllables and beats where the
form wants them, a turned first foot and a weak syllable more at the end allowed), violations a syllable, rhyme (share
of pairs whose sounds agree from the last stressed vowel on in some reading; a word that its dictionary lacks is a
failure), known (share of words in its dictionary). Sentences are lines here, so that nothing has to be downloaded.

Source: Heuser, Falk & Anttila, "Prosodic", 2010 and later; Hanson & Kiparsky 1996 for its constraints.
"""

from __future__ import annotations

import argparse
import json
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

FEET = {
    "sonnet": (5,), "petrarchan": (5,), "couplets": (5,), "blank": (5,), "ballad": (4, 3), "quatrains": (4,),
    "envelope": (4,), "paired": (4,), "limerick": (3, 3, 2, 2, 3),
}  # fmt: skip
SCHEMES = {
    "sonnet": "ABABCDCDEFEFGG", "petrarchan": "ABBAABBACDECDE", "couplets": "AA", "ballad": "-A-A",
    "quatrains": "ABAB", "envelope": "ABBA", "paired": "AABB", "limerick": "AABBA",
}  # fmt: skip
_VOWEL = re.compile("[aeiouæɑɒɔəɛɜɪʊʌɝɚ]")


def courses(form: str, at: int) -> set[str]:
    """Every way the beats of a line may fall, "+" on the beat."""
    feet = FEET[form][at % len(FEET[form])]
    triple, iambic = {"-+" + "--+" * (feet - 1), "--+" * feet}, {"-+" * feet, "+-" + "-+" * (feet - 1)}
    plain = triple if form == "limerick" else iambic
    return plain | {one + "-" for one in plain}


def dictionary() -> dict[str, list[str]]:
    """The scanner's own pronunciations."""
    import prosodic

    file = Path(prosodic.__file__).parent / "langs" / "english" / "english.tsv"
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in file.read_text(encoding="utf-8").splitlines():
        word, _, said = row.partition("\t")
        found[word.lower()].append(said)
    return found


def rime(said: str) -> tuple[str, str]:
    """(the sounds before, the sounds from the last stressed vowel on) of a word, syllables parted by dots."""
    syllables = said.split(".")
    stressed = [at for at, one in enumerate(syllables) if one.startswith("'")] or [len(syllables) - 1]
    rest = "".join(one.strip("'`ˈˌ") for one in syllables[stressed[-1] :])
    begin = match.start() if (match := _VOWEL.search(rest)) else 0
    return rest[:begin], rest[begin:]


def chimes(one: str, other: str, known: dict[str, list[str]]) -> bool:
    ways = [(rime(a), rime(b)) for a in known.get(one, []) for b in known.get(other, [])]
    return any(a[1] == b[1] and a[0] != b[0] for a, b in ways)


def pairs(lines: Sequence[str], form: str) -> Iterator[tuple[str, str]]:
    scheme = SCHEMES.get(form, "-")
    ends = [(re.findall("[a-z']+", line.lower()) or [""])[-1] for line in lines]
    for at in range(len(lines)):
        place = at % len(scheme)
        for back in range(1, place + 1):
            if scheme[place - back] == scheme[place] != "-":
                yield ends[at - back], ends[at]
                break


def judged(poems: Sequence[Sequence[str]], form: str, known: dict[str, list[str]]) -> dict[str, object]:
    import prosodic

    total = fits = syllables = 0
    violations = 0.0
    for lines in poems if form in FEET else ():
        for at, line in enumerate(lines):
            plain = " ".join(re.findall("[a-z']+", line.lower()))
            if not all(word in known for word in plain.split()):
                continue
            text = prosodic.Text(plain)
            text.parse()
            best = [one.best_parse for one in text.lines]
            if not best or best[0] is None:
                total += 1
                continue
            beats = best[0].meter_str
            ways = {one.meter_str for one in (text.lines[0].parses or []) if one.score == best[0].score} | {beats}
            total += 1
            fits += bool(ways & courses(form, at))
            syllables += len(beats)
            violations += float(best[0].score)
    rhymes = [chimes(*pair, known) for lines in poems for pair in pairs(lines, form)]
    said = [word for lines in poems for line in lines for word in re.findall("[a-z']+", line.lower())]
    found: dict[str, object] = {"form": form, "poems": len(poems)}
    if total:
        found |= {"lines": total, "beats": round(fits / total, 4), "violations": round(violations / syllables, 4)}
    if rhymes:
        found["rhyme"] = round(sum(rhymes) / len(rhymes), 4)
    return found | {"known": round(sum(word in known for word in said) / max(1, len(said)), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=200)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    from prosodic.words import tokenizers

    tokenizers.get_sent_tokenizer = lambda: str.splitlines
    known = dictionary()
    for folder in asked.folders:
        for file in sorted(folder.glob("*.jsonl")):
            poems = [json.loads(row)["lines"] for row in file.read_text(encoding="utf-8").splitlines()]
            poems = [lines for lines in poems if lines][: asked.limit]
            if poems:
                print(json.dumps({"folder": folder.name, **judged(poems, file.stem, known)}), flush=True)


if __name__ == "__main__":
    main()
