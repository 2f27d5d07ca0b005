"""Prose in passages that a model can take in at once, cut between paragraphs, else after sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from muse.poem.script.spelling import CLOSERS, STOPS

WIDE, NARROW = 700, 2000
"""Characters of a passage where a character is a syllable (from U+2E80 on), and of others."""
_SENTENCE = re.compile(
    f"[^{''.join(STOPS)}]*[{''.join(STOPS)}]+[{re.escape(''.join(sorted(CLOSERS)))}]*|[^{''.join(STOPS)}]+$"
)


def split(paragraph: str) -> list[str]:
    """Its sentences, with the spaces before them.

    >>> split('"Well!" he said. It rained…')
    ['"Well!"', ' he said.', ' It rained…']
    """
    return _SENTENCE.findall(paragraph)


def passages(paragraphs: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The paragraphs in passages, each with at least one.

    >>> [len(part) for part in passages(["A fox came. " * 100, "It went.", "It went."])]
    [1, 2]
    """
    text = "".join(paragraphs)
    wide = sum(ord(char) >= 0x2E80 for char in text[:2000]) * 3 > min(len(text), 2000)
    most = WIDE if wide else NARROW
    held: list[str] = []
    for paragraph in (piece for whole in paragraphs for piece in sentences(whole, most)):
        if held and sum(map(len, held)) + len(paragraph) > most:
            yield tuple(held)
            held = []
        held.append(paragraph)
    if held:
        yield tuple(held)


def sentences(paragraph: str, most: int) -> Iterator[str]:
    """The paragraph, or where it is long its parts of at most so many characters, cut after sentences if it can be."""
    held = ""
    for sentence in [paragraph] if len(paragraph) <= most else split(paragraph):
        while len(sentence) > most:
            if held:
                yield held.strip()
            yield sentence[:most].strip()
            held, sentence = "", sentence[most:]
        if held and len(held) + len(sentence) > most:
            yield held.strip()
            held = ""
        held += sentence
    if held.strip():
        yield held.strip()
