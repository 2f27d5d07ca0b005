"""Makes muse/tables/english_letters.bin, how letters are said in context, from the table of pronunciations.

    python corpora/make_letters.py           # the table from all words
    python corpora/make_letters.py --judge   # leaves out a twentieth of the words, and says how many it then gets right

Each letter is said as no, one or two phones. Words are aligned by expectation and maximisation, and the pairs (letter,
phones) counted as n-grams. Source: Bisani & Ney 2008, "Joint-sequence models for grapheme-to-phoneme conversion",
with one letter a pair, and Kneser-Ney's absolute discounting in the reader.
"""

from __future__ import annotations

import sys
import zlib
from collections import Counter, defaultdict
from pathlib import Path

from muse.tables.english import PHONE, Pronunciation, listed, settled, words
from muse.tables.english_letters import EDGE, FIRST, ORDER, Letters, pack

Pair = tuple[str, str]
LEAST = (0, 1, 1, 2, 3, 3, 4)
ROUNDS, SAMPLE = 5, 12_000


def aligned(words: list[tuple[str, str]], costs: dict[Pair, float]) -> tuple[list[list[Pair]], dict[Pair, float]]:
    """The pairs of each word by the best path, and how often each pair is expected over all paths."""
    expected: defaultdict[Pair, float] = defaultdict(float)
    best_paths = []
    for word, code in words:
        m, n = len(word), len(code)
        forward = [[0.0] * (n + 1) for _ in range(m + 1)]
        best: list[list[tuple[float, int]]] = [[(0.0, 0)] * (n + 1) for _ in range(m + 1)]
        forward[0][0], best[0][0] = 1.0, (1.0, 0)
        low = [max(0, n - 2 * (m - i)) for i in range(m + 1)]
        for i in range(1, m + 1):
            letter = word[i - 1]
            for j in range(low[i], min(n, 2 * i) + 1):
                total, top = 0.0, (0.0, 0)
                for taken in range(min(2, j) + 1):
                    if forward[i - 1][j - taken]:
                        share = costs.get((letter, code[j - taken : j]), 1e-9)
                        total += forward[i - 1][j - taken] * share
                        top = max(top, (best[i - 1][j - taken][0] * share, taken))
                forward[i][j], best[i][j] = total, top
        if not forward[m][n]:
            best_paths.append([])
            continue
        backward = [[0.0] * (n + 1) for _ in range(m + 1)]
        backward[m][n] = 1.0
        for i in range(m, 0, -1):
            letter = word[i - 1]
            for j in range(low[i], min(n, 2 * i) + 1):
                if backward[i][j]:
                    for taken in range(min(2, j) + 1):
                        if forward[i - 1][j - taken]:
                            pair = (letter, code[j - taken : j])
                            share = costs.get(pair, 1e-9)
                            backward[i - 1][j - taken] += backward[i][j] * share
                            expected[pair] += forward[i - 1][j - taken] * share * backward[i][j] / forward[m][n]
        path, j = [], n
        for i in range(m, 0, -1):
            taken = best[i][j][1]
            path.append((word[i - 1], code[j - taken : j]))
            j -= taken
        best_paths.append(path[::-1])
    return best_paths, expected


def learned(words: list[tuple[str, str]]) -> bytes:
    """The table, packed."""
    sample = words[:: max(1, len(words) // SAMPLE)]
    shares: dict[Pair, float] = {}
    for word, code in sample:
        parts = {code[at : at + taken] for at in range(len(code) + 1) for taken in range(3)}
        shares |= {(letter, part): (0.1, 1.0, 0.02)[len(part)] for letter in set(word) for part in parts}
    for _ in range(ROUNDS):
        _, expected = aligned(sample, shares)
        total: defaultdict[str, float] = defaultdict(float)
        for (letter, _), number in expected.items():
            total[letter] += number
        shares = {pair: number / total[pair[0]] for pair, number in expected.items() if number > 0.5}
    paths, _ = aligned(words, shares)
    pairs = [pair for pair, number in Counter(pair for path in paths for pair in path).most_common() if number >= 3]
    unit = {pair: chr(FIRST + at) for at, pair in enumerate(pairs)}
    grams: list[Counter[str]] = [Counter() for _ in range(ORDER + 1)]
    for path in paths:
        if path and all(pair in unit for pair in path):
            text = EDGE + "".join(unit[pair] for pair in path) + EDGE
            for size in range(1, ORDER + 1):
                grams[size].update(text[at : at + size] for at in range(len(text) - size + 1))
    kept: dict[str, int] = {}
    for size in range(1, ORDER + 1):
        found = {gram: number for gram, number in grams[size].items() if number >= LEAST[size]}
        kept |= {gram: number for gram, number in found.items() if size == 1 or gram[:-1] in kept}
    return pack(pairs, kept)


def judged(model: Letters, words: list[tuple[str, tuple[str, ...]]]) -> dict[str, float]:
    """Shares of words of which all phones, phones without stress, the stress and the rime are those of a reading."""
    right: Counter[str] = Counter()
    for word, codes in words:
        made, listed = settled(model.said(word)), [Pronunciation(code) for code in codes]
        guess = Pronunciation(made, "guess")
        right["phones and stress"] += made in codes
        right["phones"] += plain(made) in map(plain, codes)
        right["syllables"] += len(guess.stress) in {len(one.stress) for one in listed}
        right["stress"] += guess.stress.replace("2", "0") in {one.stress.replace("2", "0") for one in listed}
        right["rime"] += guess.rime in {one.rime for one in listed}
    return {name: number / len(words) for name, number in right.items()}


def plain(code: str) -> str:
    return "".join(PHONE[char].rstrip("012") + " " for char in code)


if __name__ == "__main__":
    every = [(word, listed(word)) for word in words() if "'" not in word and len(word) > 1]
    apart = [zlib.crc32(word.encode()) % 20 == 0 for word, _ in every]
    judge = "--judge" in sys.argv
    taken = [
        (word, code) for (word, codes), out in zip(every, apart, strict=True) for code in codes if not (judge and out)
    ]
    table = learned(taken)
    if judge:
        held = [one for one, out in zip(every, apart, strict=True) if out][::4]
        print(len(table), "bytes,", len(held), "words:", judged(Letters(table), held))
    else:
        Path(__file__).parents[1].joinpath("muse", "tables", "english_letters.bin").write_bytes(table)
