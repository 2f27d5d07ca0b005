"""Writing verse or prose with a model of one's own corpus: lines, stanzas and length as wished, no line of the corpus.

Candidates are written in one batch; the best one copies least, then has the highest

    log p(text | wishes) + INSIGHT · [log p(text | wishes) − log p(text | form)], a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from muse.bundle import Bundle
from muse.errors import UsageError, WishError, did_you_mean
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt, Writer
from muse.poem.novelty import Index
from muse.poem.poem import Poem
from muse.poem.script.lay import Fields, Placed, body, prefix
from muse.poem.script.model import CONTEXT, contents, writer
from muse.poem.script.prose import split
from muse.poem.script.shape import Prose, State, Verse
from muse.poem.script.spelling import BREAK, END, STANZA, Flags, Spelling
from muse.poem.wishes import Wishes
from muse.seed import derive, stream
from muse.terms import Promise, Report
from muse.work import Recipe

SAMPLING = Sampling(temperature=0.9, top_p=0.92)
INSIGHT = 2.0
TOGETHER = 8
"""Candidates of prose at most, which is long."""
LENGTH, CHARACTERS, MOST_LENGTH = 200, 400, 5000
"""Words, or characters where words do not stand apart, of a story of which no length was asked; the most of either."""
MOST_LINES = 40
TAIL = 400
"""Tokens of what was written that are read again before more is written."""
NOT_KEPT = ("tune", "rhyme", "rhyme_book", "acrostic", "lock", "reply_to")
FREE = "free"


@dataclass(frozen=True, slots=True)
class Draft:
    """One candidate: its tokens and, of each, the log-probability in nats among all."""

    tokens: tuple[int, ...]
    logprob: float


def write(wishes: Wishes, bundle: Bundle, seeds: Sequence[int], device: str = "auto") -> Iterator[Poem]:
    """A poem or story for each seed, each the best of its candidates.

    Raises:
        UsageError: an unknown form.
        WishError: a wish that a model of this kind cannot keep, or that no candidate kept.
        BundleError: the bundle is of another kind.
    """
    _, spelling = contents(bundle)
    card = bundle.card
    for name in NOT_KEPT:
        if getattr(wishes, name):
            raise WishError(f"{bundle.name} keeps no {name.replace('_', ' ')}", "it knows lines and lengths only",
                            f"leave {name.replace('_', ' ')} out, or write with poem-zh or poem-en")  # fmt: skip
    prose = _is_prose(wishes.form, card)
    by, _ = writer(bundle, device)
    known = Index.thaw(bundle) if wishes.novel else None
    for seed in seeds:
        shape, form = ((), "prose") if prose else _shape(wishes, card, seed)
        made = candidates(by, spelling, card, wishes, shape, seed, prose)
        texts = [_lines(draft.tokens, spelling) for draft in made]
        copied = [_copied(lines, known, prose) for lines, _ in texts]
        kept = [
            at for at, (lines, _) in enumerate(texts) if not any(word in "\n".join(lines) for word in wishes.forbid)
        ]
        if not kept:
            raise WishError(
                "every candidate held a forbidden word", ", ".join(wishes.forbid), "ask for more candidates"
            )
        plain = _plain(by, made, spelling, prose)
        best = min(kept, key=lambda at: (copied[at], -made[at].logprob - INSIGHT * (made[at].logprob - plain[at])))
        lines, starts = texts[best]
        report = _report(wishes, lines, starts, shape, copied[best], spelling, prose)
        recipe = Recipe("poem", seed, {"theme": wishes.theme.text, "form": form}, {bundle.name: bundle.sha256})
        yield Poem(wishes.title or wishes.theme.text, lines, form, language=str(card.get("language", "")),
                   stanzas=starts, recipe=recipe, report=report)  # fmt: skip


def candidates(
    by: Writer,
    spelling: Spelling,
    card: Mapping[str, Any],
    wishes: Wishes,
    shape: tuple[int, ...],
    seed: int,
    prose: bool,
) -> list[Draft]:
    """The drafts of one seed."""
    theme = wishes.theme.text
    keys = tuple(dict.fromkeys(word.split(":")[-1] for word in (*wishes.keywords, *re.findall(r"\w{2,}", theme))))
    fields = Fields(prose, sum(shape) or _count(wishes, prose), keys, wishes.title or theme)
    forbidden = _forbidden(spelling, wishes.forbid)
    given = [spelling.encode(wishes.first_line)] if wishes.first_line else []
    count = min(wishes.candidates, TOGETHER) if prose else wishes.candidates
    own = [derive(seed, "candidate", index) for index in range(count)]
    if prose:
        return _stories(by, spelling, fields, given, forbidden, _wished(wishes, spelling), own)
    asked = _count(wishes, prose)
    begun = _begun(given, spelling, shape)
    rule = Verse(spelling, forbidden, begun, shape, int(card.get("line_tokens", 24)), asked or 4, asked or 24)
    asking = _prompt(prefix(fields, spelling) + _placed(begun.written))
    return [
        Draft((*begun.written, *one.tokens.tolist()), float(one.logprob_free.mean()))
        for one in by.generate([asking] * count, [rule] * count, SAMPLING, own)
    ]


def _stories(
    by: Writer,
    spelling: Spelling,
    fields: Fields,
    given: list[list[int]],
    forbidden: Flags,
    wished: int,
    seeds: list[int],
) -> list[Draft]:
    """Prose of any length: what does not fit into the context goes on from its own last paragraphs."""
    states = [_begun(given, spelling, ())] * len(seeds)
    spent: list[list[float]] = [[] for _ in seeds]
    part = 0
    while going := [at for at, state in enumerate(states) if not state.over]:
        prompts, rules = [], []
        for at in going:
            state = states[at]
            tail = _tail(state.written)
            lines = sum(token in (BREAK, STANZA) for token in tail)
            rules.append(Prose(spelling, forbidden, state._replace(line=lines), wished, CONTEXT // 2))
            more = Fields(True, 0, fields.keys, fields.title, len(tail) < len(state.written))
            prompts.append(_prompt(prefix(more, spelling) + _placed(tail)))
        made = by.generate(prompts, rules, SAMPLING, [derive(seeds[at], "part", part) for at in going])
        for at, rule, one in zip(going, rules, made, strict=True):
            state = rule.start()
            for token in one.tokens.tolist():
                state = rule.advance(state, token)
            states[at] = state
            spent[at] += one.logprob_free.tolist()
        part += 1
    return [Draft(state.written, float(np.mean(each))) for state, each in zip(states, spent, strict=True)]


def look(by: Writer, spelling: Spelling, card: Mapping[str, Any], seed: int) -> str:
    """One text as a model writes it now; for the training page."""
    from muse.terms import Theme

    prose = card.get("form") == "prose"
    wishes = Wishes(Theme(""), candidates=1)
    shape = () if prose else _shape(wishes, card, seed)[0]
    (one,) = candidates(by, spelling, card, wishes, shape, seed, prose)
    lines, starts = _lines(one.tokens, spelling)
    return "\n".join(("\n" if at in starts else "") + line for at, line in enumerate(lines)) + "\n"


def units(line: str, prose: bool) -> list[str]:
    """What is compared with the corpus: a line, of prose its sentences of five words or ten characters and more.

    >>> units("It rained. The old fox came out of the wood.", True)
    ['The old fox came out of the wood.']
    """
    found = [sentence.strip() for sentence in split(line)] if prose else [line]
    return [unit for unit in found if not prose or len(unit.split()) >= 5 or (len(unit) >= 10 and " " not in unit)]


def _is_prose(form: str | None, card: Mapping[str, Any]) -> bool:
    own = card.get("form") == "prose"
    if form is not None and (form == "prose") != own:
        why, shapes = f"the corpus of this bundle was of {'stories' if own else 'poems'}", card.get("shapes", {})
        raise UsageError(
            f"unknown form {form!r}", why, "leave --form out" if own else did_you_mean(form, [FREE, *shapes])
        )
    return own


def _shape(wishes: Wishes, card: Mapping[str, Any], seed: int) -> tuple[tuple[int, ...], str]:
    """(the lines of each stanza, the form's name): as asked, or drawn from the corpus's shapes."""
    shapes: Mapping[str, int] = card.get("shapes", {})
    name = wishes.form
    if name is None and (wishes.length or not shapes):
        name = FREE
    if name is None:
        names = [shape for shape in shapes if sum(map(int, shape.split("-"))) <= MOST_LINES] or [FREE]
        weights = np.array([shapes.get(shape, 1) for shape in names], np.float64)
        name = names[int(stream(seed, "form").choice(len(names), p=weights / weights.sum()))]
    if name == FREE:
        return (), FREE
    if not re.fullmatch(r"[1-9]\d?(-[1-9]\d?)*", name) or sum(map(int, name.split("-"))) > MOST_LINES:
        raise UsageError(f"unknown form {name!r}", f"a form is free, or the lines of each stanza, {MOST_LINES} at most",
                         did_you_mean(name, [FREE, *shapes]))  # fmt: skip
    return tuple(map(int, name.split("-"))), name


def _count(wishes: Wishes, prose: bool) -> int:
    """The lines that were asked for, 0 for none."""
    if prose or not wishes.length:
        return 0
    if not wishes.length.isdecimal() or not 1 <= int(wishes.length) <= MOST_LINES:
        raise UsageError(f"a length of {wishes.length!r}", f"it is a number of lines, 1 to {MOST_LINES}")
    return int(wishes.length)


def _wished(wishes: Wishes, spelling: Spelling) -> int:
    usual = LENGTH if spelling.spaced else CHARACTERS
    if not wishes.length:
        return usual
    if not wishes.length.isdecimal() or not 10 <= int(wishes.length) <= MOST_LENGTH:
        what = "words" if spelling.spaced else "characters"
        raise UsageError(f"a length of {wishes.length!r}", f"it is a number of {what}, 10 to {MOST_LENGTH:,}")
    return int(wishes.length)


def _forbidden(spelling: Spelling, words: Sequence[str]) -> Flags:
    """(V,) the tokens that hold a forbidden word."""
    return np.array([any(word and word in token for word in words) for token in spelling.tokens])


def _begun(given: list[list[int]], spelling: Spelling, shape: tuple[int, ...]) -> State:
    """The state after a first line that was given."""
    if not given or not given[0]:
        return State()
    mark = STANZA if shape and shape[0] == 1 else BREAK
    rule = Verse(spelling, np.zeros(len(spelling), np.bool_))
    state = State()
    for token in [*given[0], mark]:
        state = rule.advance(state, token)
    return state


def _tail(written: tuple[int, ...]) -> tuple[int, ...]:
    """The last TAIL tokens at most, from the beginning of a paragraph if it can be."""
    tail = written[-TAIL:]
    if len(tail) == len(written):
        return tail
    starts = [at + 1 for at, token in enumerate(tail[:-1]) if token == BREAK]
    return tail[starts[0] :] if starts else tail


def _placed(written: Sequence[int]) -> list[Placed]:
    """Tokens that were written, with their places."""
    lines: list[list[int]] = [[]]
    for token in written:
        if token in (BREAK, STANZA):
            lines.append([])
        else:
            lines[-1].append(token)
    found = body(lines, (), False)[:-1]
    return [(token, row, col) for token, (_, row, col) in zip(written, found, strict=True)]


def _prompt(placed: Sequence[Placed]) -> Prompt:
    token, row, col = zip(*placed, strict=True)
    return Prompt(token, row, col)


def _plain(by: Writer, made: Sequence[Draft], spelling: Spelling, prose: bool) -> list[float]:
    """Nats a token of each draft with the form as the only prefix; of a long one, of its beginning."""
    before = _prompt(prefix(Fields(prose), spelling))
    texts = [_prompt(_placed(draft.tokens[: CONTEXT - 8])) for draft in made]
    return [float(score.mean()) for score in by.score([before] * len(made), texts)]


def _lines(tokens: Sequence[int], spelling: Spelling) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """(the lines, those from 0 that begin another stanza)."""
    lines: list[str] = []
    starts: list[int] = []
    held: list[int] = []
    for token in tokens:
        if token in (BREAK, STANZA, END):
            lines.append(spelling.decode(held))
            held = []
            if token == STANZA:
                starts.append(len(lines))
        else:
            held.append(token)
    return tuple(lines), tuple(starts)


def _copied(lines: Sequence[str], known: Index | None, prose: bool) -> int:
    """How many lines, or sentences, stand in the corpus."""
    return 0 if known is None else sum(unit in known for line in lines for unit in units(line, prose))


def _report(
    wishes: Wishes,
    lines: Sequence[str],
    starts: Sequence[int],
    shape: tuple[int, ...],
    copied: int,
    spelling: Spelling,
    prose: bool,
) -> Report:
    """What was asked, read from the finished text."""
    bounds = [0, *starts, len(lines)]
    found = "-".join(str(end - begin) for begin, end in pairwise(bounds))
    promises = []
    if shape:
        asked = "-".join(map(str, shape))
        promises.append(Promise("lines of each stanza", asked, found, asked == found))
    elif not prose:
        count = _count(wishes, prose)
        promises.append(Promise("lines", str(count or "free"), str(len(lines)), not count or count == len(lines)))
    else:
        text = " ".join(lines)
        size = len(text.split()) if spelling.spaced else len(re.sub(r"\s", "", text))
        wished = _wished(wishes, spelling)
        what = "words" if spelling.spaced else "characters"
        promises.append(Promise("length", f"about {wished} {what}", str(size), 0.75 * wished <= size <= 1.6 * wished))
        promises.append(Promise("ends with a sentence", "yes", lines[-1][-12:], _ends(lines[-1])))
    if wishes.novel:
        unit = "sentences" if prose else "lines"
        promises.append(Promise(f"{unit} of the corpus", "none", str(copied), copied == 0))
    held = [word for word in wishes.keywords if word.split(":")[-1].lower() not in "\n".join(lines).lower()]
    return Report(tuple(promises), tuple(f"the keyword {word} is not in it" for word in held))


def _ends(line: str) -> bool:
    """Whether a line ends a sentence, read from its text alone."""
    from muse.poem.script.spelling import CLOSERS, STOPS

    return bool(line) and (bare := line.rstrip("".join(CLOSERS))) != "" and bare[-1] in STOPS
