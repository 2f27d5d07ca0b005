"""Writing English poems: wishes become a prefix and an automaton, candidates are written, the best one is kept.

Candidates are ranked by

    log p(poem | wishes) + INSIGHT · [log p(poem | wishes) − log p(poem | form)] + IMAGERY · share of the wished words
    − REPEAT · repeated telling words − ECHO · repeated pairs of words − SAME · repeated words − WORN · worn rhymes

the logarithms in nats a token, what is repeated as a share, worn rhymes counted. The bracket is the mutual information
of poem and wishes: it ranks down what could be said on any theme. Likelihood alone chooses what repeats itself: of 24
themes, 16 candidates each, by a model in training, it kept poems of distinct-2 0.746, 0.12 of the wished words and 8.24
bits a word under a 4-gram of human verse (first drafts 0.836, 0.19, 8.55); as ranked here 0.82, 0.5, 8.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.nn.writer import Writer
from muse.poem.english.asked import Plan, plain, planned
from muse.poem.english.draft import Draft, drafts, prompt
from muse.poem.english.model import book_of, writer
from muse.poem.english.text import parts, words_of
from muse.poem.english.vocabulary import Vocabulary
from muse.poem.novelty import Index, certificate
from muse.poem.poem import Poem, first_words
from muse.poem.wishes import Wishes
from muse.seed import derive
from muse.tables.english import listing
from muse.tables.lexicon import interpret
from muse.terms import Report
from muse.work import Recipe

INSIGHT = 3.0
IMAGERY = 0.75
REPEAT = 1.0
ECHO = 2.0
SAME = 1.0
WORN = 0.1
LANES = {"cpu": 64, "cuda": 1024}
"""Candidates written in one batch, by device; Ctrl-C is heard between two of them."""
ROUNDS, AGAIN = 5, 16
"""How often candidates are written where none meets the wishes, and how many at least from the second time on."""
WORN_RHYMES = frozenset(
    frozenset(line.split())
    for line in (
        "love above", "love dove", "heart part", "heart art", "heart start", "breath death", "fire desire",
        "night light", "sight light", "bright light", "bright night", "sight night", "day away", "sky high", "sky die",
        "eyes skies", "tears years", "tears fears", "rest breast", "life strife", "sea me", "thee me", "thee be",
        "pain vain", "again pain",
    )
)  # fmt: skip


def write(wishes: Wishes, bundle: Bundle, seeds: Sequence[int], device: str = "auto") -> Iterator[Poem]:
    """A poem on one request for each seed, in order, each the best of its candidates; several are written at once.

    Raises:
        UsageError: an unknown form, era or author, or no candidate asked for.
        WishError: wishes that cannot be met; it names place and wish, and what to change.
        BundleError: the bundle writes no English verse.
    """
    if wishes.candidates < 1:
        raise UsageError("no poem was asked for", "candidates are at least 1")
    share = max(1, LANES.get(device, LANES["cpu"]) // wishes.candidates)
    for begin in range(0, len(seeds), share):
        yield from _together(wishes, bundle, seeds[begin : begin + share], device)


def rank(made: Sequence[Draft], plain: npt.NDArray[np.float64], wanted: Sequence[str]) -> npt.NDArray[np.float64]:
    """(N,) what drafts are ranked by, higher is better.

    Args:
        plain: (N,) of `plain_logprob`.
        wanted: words that a draft is praised for.
    """
    found = []
    for draft, without in zip(made, plain, strict=True):
        words = draft.words
        telling = [word for word in words if word not in listing("small")]
        imagery = sum(word in words for word in wanted) / max(1, len(wanted))
        again = REPEAT * repeated(telling) + ECHO * repeated(list(pairwise(words))) + SAME * repeated(words)
        insight = draft.wished - without
        found.append(draft.wished + INSIGHT * insight + IMAGERY * imagery - again - WORN * worn(draft))
    return np.array(found)


def repeated(some: Sequence[object]) -> float:
    """The share of words, or of pairs of them, that stood there before.

    >>> repeated("the sea and the".split())
    0.25
    """
    return 1 - len(set(some)) / len(some) if some else 0.0


def worn(draft: Draft) -> int:
    """How many of its rhymes are worn: love and above, breath and death."""
    ends: dict[str, list[str]] = {}
    for line, text in zip(draft.form.lines, draft.lines, strict=True):
        if line.rhyme:
            ends.setdefault(line.rhyme, []).append(words_of(parts(text) or ("",))[-1])
    pairs = (frozenset(pair) for group in ends.values() for pair in combinations(group, 2))
    return sum(pair in WORN_RHYMES for pair in pairs)


def plain_logprob(made: Sequence[Draft], by: Writer, vocabulary: Vocabulary) -> npt.NDArray[np.float64]:
    """(N,) nats a token of each draft, with the form as the only wish."""
    prompts = [prompt(plain(one.form).fields, vocabulary, "backward") for one in made]
    scores = by.score(prompts, [one.body for one in made])
    return np.array([score.mean() for score in scores])


def _together(wishes: Wishes, bundle: Bundle, seeds: Sequence[int], device: str) -> Iterator[Poem]:
    """The poems of some seeds, all their candidates in one batch."""
    book = book_of(bundle, wishes.strict)
    plans = [planned(wishes, book, seed) for seed in seeds]
    index = Index.thaw(bundle) if wishes.novel else Index()
    kept: dict[int, list[Draft]] = {number: [] for number in range(len(seeds))}
    for turn in range(ROUNDS):
        missing = [number for number, found in kept.items() if not found]
        if not missing:
            break
        more = max(wishes.candidates, AGAIN) if turn else wishes.candidates
        each = [(number, index) for number in missing for index in range(more)]
        made = drafts(
            writer(bundle, device), book, [plans[number] for number, _ in each],
            [derive(seeds[number], "candidate", turn, index) for number, index in each],
        )  # fmt: skip
        for (number, _), draft in zip(each, made, strict=True):
            if holds(draft, plans[number]) and unread(draft, plans[number], index):
                kept[number].append(draft)
    for number, seed in enumerate(seeds):
        if not kept[number]:
            tried = wishes.candidates + (ROUNDS - 1) * max(wishes.candidates, AGAIN)
            raise WishError(f"no poem among {tried} drafts met the wishes",
                            "each lacked a keyword, or holds a line that the model has read",
                            "ask for fewer keywords, name their lines, or allow known lines")  # fmt: skip
        best = best_of(kept[number][: wishes.candidates], plans[number], bundle, device)
        yield poem_of(wishes, plans[number], best, seed, bundle)


def best_of(made: Sequence[Draft], plan: Plan, bundle: Bundle, device: str) -> Draft:
    """The draft that ranks first."""
    if len(made) == 1:
        return made[0]
    book = book_of(bundle)
    scores = rank(made, plain_logprob(made, writer(bundle, device), book.vocabulary), plan.fields.keys)
    return made[int(scores.argmax())]


def holds(draft: Draft, plan: Plan) -> bool:
    """Whether a draft has every keyword."""
    text = " ".join(draft.words)
    return all(" ".join(words_of(parts(words) or ())) in text for words, _ in plan.keys)


def unread(draft: Draft, plan: Plan, index: Index) -> bool:
    """Whether a draft has no line that the model has read, but for those that were given."""
    return not any(line in index for at, line in enumerate(draft.lines) if at not in plan.text)


def poem_of(wishes: Wishes, plan: Plan, draft: Draft, seed: int, bundle: Bundle) -> Poem:
    """A draft as a finished poem, with the judge's report."""
    from muse.poem.english.referee import judge

    report = judge(draft.lines, plan.form.name) + Report(findings=plan.notes)
    report += certificate(draft.lines, bundle).report(promised=wishes.novel, given=plan.text)
    recipe = Recipe("poem", seed, {"theme": wishes.theme.text, "form": plan.form.name}, {bundle.name: bundle.sha256})
    said = interpret(" ".join(draft.lines)).theme.words
    imagery = tuple(dict.fromkeys((*(word for word in wishes.theme.en if word in draft.words), *said)))[:12]
    return Poem(
        plan.title or first_words(draft.lines), draft.lines, plan.form.name, "en", stanzas=plan.form.breaks,
        season=wishes.theme.season, imagery=imagery, recipe=recipe, report=report,
    )  # fmt: skip
