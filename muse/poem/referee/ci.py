"""词 by its tune: the tone of each place, the rhymes, the stanzas.

A tune has shapes (`tunes`); of those that a poem can be laid upon the one that it breaks least is taken.

1. Lines end where the tune's do; where they end elsewhere between the rhymes, it depends on how the poem is cut.
2. Each place has the tone that the shape asks for: level, oblique, or either.
3. Lines with one rhyme letter end in one part of 词林正韵 (or one group of another book): all level, or all 上 and 去,
   or all 入. Which of them is free where the shape says 中.
4. Where the poem parts its stanzas, it parts them where the tune does.

Where poets pair two lines of the shape (对句, `tunes.paired`), their score of 对仗 is told; nothing hangs on it.

Every reading is tried, so the verdict is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise

from muse.poem.referee.books import Book, Reading
from muse.poem.referee.findings import Break, Judged, named, say, told, unknown, worst
from muse.poem.referee.parallel import parallelism
from muse.poem.referee.tunes import Shape, cut_alike, fitting, paired, shapes_of
from muse.terms import Kept, Promise


def judge(lines: Sequence[str], book: Book, tune: str, stanzas: Sequence[int] = ()) -> Judged:
    """What holds of a 词 under the shape of its tune that it breaks least.

    Args:
        stanzas: the lines, from 0, that begin another stanza; () where the poem does not part them.
    """
    fits = fitting(lines, tune)
    if not fits:
        asked = " or ".join(shape.widths for shape in shapes_of(tune)[:3])
        found = " ".join(str(len(line)) for line in lines[:40])
        return Judged((Promise("shape", f"{tune}: lines of {asked}", f"lines of {found}", False),))
    return min((_under(lines, book, shape, stanzas) for shape in fits), key=_order)


def nearest(lines: Sequence[str], book: Book) -> Shape | None:
    """The shape of any tune that a poem can be laid upon and breaks least; None if it breaks a fourth of the places."""
    trials = [(_order(_under(lines, book, shape, ())), -shape.poems, shape) for shape in fitting(lines)]
    if not trials:
        return None
    (_, broken), _, best = min(trials, key=lambda trial: trial[:2])
    return best if broken * 4 < sum(tone != "中" for line in best.lines for tone in line) else None


def _order(judged: Judged) -> tuple[bool, int]:
    """Shapes that the poem is cut like go before others, then those that it breaks least."""
    return judged.promises[0].kept is not True, sum(one.sure for one in judged.breaks)


@cache
def _places(widths: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Line and place, from 1, of each character of a poem."""
    return tuple((line + 1, place + 1) for line, width in enumerate(widths) for place in range(width))


def _under(lines: Sequence[str], book: Book, shape: Shape, stanzas: Sequence[int]) -> Judged:
    text, asked = "".join(lines), "".join(shape.lines)
    where = _places(tuple(map(len, lines)))
    tones: Kept = True
    breaks: list[Break] = []
    hanging: list[Break] = []
    for at, (tone, wish) in enumerate(zip(book.tones(text), asked, strict=True)):
        if wish == "中" or tone == wish:
            continue
        tones = False if tone != "中" or tones is False else "depends"
        found = named(wish != "平") + (" in one reading" if tone == "中" else "")
        one = Break(*where[at], text[at], named(wish == "平"), found, "tone", tone != "中")
        (hanging if tone == "中" else breaks).append(one)
    rhyme, groups, rhymes = _rhyme(text, book, shape, where)
    alike = cut_alike(lines, shape)
    widths = "the same" if alike else " ".join(str(len(line)) for line in lines)
    promises = [
        Promise("shape", f"{shape.tune}: lines of {shape.widths}", widths, True if alike else "depends"),
        Promise("tones", f"the tones of {shape.tune}", say(tones), tones),
        Promise("rhyme", f"{_scheme(shape)} in {book.name}", say(rhyme, " ".join(groups.values())), rhyme),
    ]
    starts = list(accumulate(map(len, shape.lines)))
    if stanzas and shape.stanzas:
        own = list(accumulate(map(len, lines)))
        same = [own[at - 1] for at in stanzas] == [starts[at - 1] for at in shape.stanzas]
        asked_at = "before line " + " and ".join(str(at + 1) for at in shape.stanzas)
        promises.append(Promise("stanzas", asked_at, "the same" if same else "elsewhere", same))
    ends = [text[at - 1] for at, letter in zip(starts, shape.rhyme, strict=True) if letter]
    notes = unknown(lines, book)
    if alike and len(lines) == len(shape.lines):
        notes += [
            f"parallelism (对句) of lines {at + 1} and {at + 2}: {parallelism(*lines[at : at + 2]):.2f}"
            for at in paired(shape)
        ]
    notes += [f"the rhyme word {word} comes back" for word in dict.fromkeys(ends) if ends.count(word) > 1]
    letters = dict(zip(starts, shape.rhyme, strict=True))
    cuts = [0, *accumulate(map(len, lines))]
    return Judged(
        tuple(promises), tuple(sorted({*(breaks or hanging), *rhymes})), tuple(notes),
        tuple(asked[a:b] for a, b in pairwise(cuts)),
        tuple(groups.get(letters.get(cut, ""), "") for cut in cuts[1:]),
    )  # fmt: skip


def _scheme(shape: Shape) -> str:
    """How many lines rhyme, and in how many rhymes."""
    sizes = Counter(letter for letter in shape.rhyme if letter)
    if len(sizes) == 1:
        return "one rhyme of {} lines".format(*sizes.values())
    return "rhymes " + "".join(letter or "." for letter in shape.rhyme)


def _rhyme(
    text: str, book: Book, shape: Shape, where: tuple[tuple[int, int], ...]
) -> tuple[Kept, dict[str, str], list[Break]]:
    """What holds of the rhymes, the group of each letter, and the places that break one."""
    either = (Reading(True, ""), Reading(False, ""))
    ends: dict[str, list[tuple[int, str]]] = {}
    for cut, line, letter in zip(accumulate(map(len, shape.lines)), shape.lines, shape.rhyme, strict=True):
        if letter:
            ends.setdefault(letter, []).append((cut - 1, line[-1]))
    verdicts: list[Kept] = []
    groups: dict[str, str] = {}
    breaks: list[Break] = []
    for letter, places in ends.items():
        known = [book.readings(text[at]) or either for at, _ in places]
        allowed = [
            {one for one in readings if sign == "中" or one.level == (sign == "平")}
            for readings, (_, sign) in zip(known, places, strict=True)
        ]
        votes = Counter(one for readings in allowed for one in readings if one.group)
        best = max(sorted(votes, key=lambda one: one.group), key=lambda one: votes[one], default=None)
        if best is None:
            verdicts.append("depends" if all(allowed) else False)
            continue
        groups[letter] = best.group
        free = Reading(best.level, "")
        fits = [best in readings or free in readings for readings in allowed]
        sure = [set(readings) == {best} for readings in known]
        verdicts.append(True if all(sure) else "depends" if all(fits) else False)
        wanted = f"{best.group} ({named(best.level)})"
        for good, (at, _), readings in zip(sure if all(fits) else fits, places, known, strict=True):
            if not good:
                breaks.append(Break(*where[at], text[at], wanted, told(readings), "rhyme", not all(fits)))
    return worst(verdicts), groups, breaks
