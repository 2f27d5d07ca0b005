"""Makes muse/tables/english.bin from the CMU Pronouncing Dictionary.

    python corpora/make_pronunciations.py cmudict.dict.xz

Kept: words of letters and apostrophes. Dropped: abbreviations, digits, the comments after "#".
"""

from __future__ import annotations

import lzma
import re
import sys
import zlib
from pathlib import Path

from muse.tables.english import CODE

WORD = re.compile(r"'?[a-z]+(?:'[a-z]+)*'?")


def table(text: str) -> bytes:
    """The table: sorted words, a NUL, then the pronunciations of each, one character a phone, all deflated."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        head, _, phones = line.partition("#")[0].strip().partition(" ")
        word = re.sub(r"\(\d\)$", "", head)
        if phones and WORD.fullmatch(word):
            code = "".join(CODE[phone] for phone in phones.split())
            readings = found.setdefault(word, [])
            if code not in readings:
                readings.append(code)
    words = sorted(found)
    lines = "\n".join(words), "\n".join(" ".join(found[word]) for word in words)
    return zlib.compress("\0".join(lines).encode("ascii"), 9)


if __name__ == "__main__":
    packed = table(lzma.decompress(Path(sys.argv[1]).read_bytes()).decode("utf-8"))
    Path(__file__).parents[1].joinpath("muse", "tables", "english.bin").write_bytes(packed)
