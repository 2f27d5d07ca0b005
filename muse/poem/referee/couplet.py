"""对联: two lines of one width that answer each other place by place.

1. At even places the tones are opposed, counted in each clause from its beginning.
2. The first line (and each clause of a long one) ends opposed to the second; the first ends oblique, the second level.
3. No character stands at the same place of both lines.

How well the words are paired is a score, not a rule: `parallel`.
"""

from __future__ import annotations

from collections.abc import Sequence

from muse.poem.referee.books import Book
from muse.poem.referee.findings import Break, Judged, named, say, unknown
from muse.poem.referee.parallel import parallelism
from muse.terms import Kept, Promise

LONGEST = 60


def halves(lines: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The clauses of the first line and those of the second, or None where the two are not of one shape."""
    middle, odd = divmod(len(lines), 2)
    upper, lower = tuple(lines[:middle]), tuple(lines[middle:])
    same = [len(clause) for clause in upper] == [len(clause) for clause in lower]
    size = sum(map(len, upper))
    return (upper, lower) if not odd and same and 2 <= size <= LONGEST else None


def judge(lines: Sequence[str], book: Book) -> Judged:
    """What holds of a couplet whose halves have one shape."""
    parts = halves(lines)
    assert parts is not None
    clauses = len(parts[0])
    kept: dict[str, Kept] = {"tone": True, "end": True, "same character": True}
    breaks: list[Break] = []
    wanted = ["".join("中" for _ in line) for line in lines]
    for number, (upper, lower) in enumerate(zip(*parts, strict=True)):
        last = len(upper) - 1
        for place, tones in enumerate(zip(book.tones(upper), book.tones(lower), strict=True)):
            closing = place == last and number == clauses - 1
            if closing:
                _ask(kept, breaks, "end", (number, place, upper[place]), tones[0], "仄")
                _ask(kept, breaks, "end", (number + clauses, place, lower[place]), tones[1], "平")
                wanted[number] = wanted[number][:-1] + "仄"
                wanted[-1] = wanted[-1][:-1] + "平"
            elif place % 2 or place == last:
                sign = {"平": "仄", "仄": "平"}.get(tones[0], "中")
                if sign == "中" or tones[1] == "中":
                    kept["tone"] = kept["tone"] and "depends"
                else:
                    _ask(kept, breaks, "tone", (number + clauses, place, lower[place]), tones[1], sign)
                row = number + clauses
                wanted[row] = wanted[row][:place] + sign + wanted[row][place + 1 :]
            if upper[place] == lower[place]:
                kept["same character"] = False
                breaks.append(
                    Break(number + clauses + 1, place + 1, lower[place], "another", "in both lines", "same character")
                )
    promises = (
        Promise("tones", "opposed at even places", say(kept["tone"]), kept["tone"]),
        Promise("ends", "oblique, then level", say(kept["end"]), kept["end"]),
        Promise(
            "characters", "none at the same place of both lines", say(kept["same character"]), kept["same character"]
        ),
    )
    score = parallelism("".join(parts[0]), "".join(parts[1]))
    notes = [f"parallelism (对仗): {score:.2f}", *unknown(lines, book)]
    return Judged(promises, tuple(sorted(breaks)), tuple(notes), tuple(wanted), ("",) * len(lines))


def _ask(kept: dict[str, Kept], breaks: list[Break], rule: str, at: tuple[int, int, str], tone: str, wish: str) -> None:
    """Take down what a place has against what it must have."""
    if tone == wish:
        return
    if kept[rule] is not False:
        kept[rule] = "depends" if tone == "中" else False
    if tone != "中":
        breaks.append(Break(at[0] + 1, at[1] + 1, at[2], named(wish == "平"), named(tone == "平"), rule))
