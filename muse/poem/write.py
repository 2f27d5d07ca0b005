"""Writing Chinese poems: wishes become a plan, the automaton keeps every candidate in form, the best one is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import numpy as np

from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.nn.writer import Writer
from muse.poem.automaton import Demands, automaton
from muse.poem.choose import book_of
from muse.poem.draft import LANES, SAMPLING, Draft, draft_of, drafts
from muse.poem.fields import title_of
from muse.poem.form import FORMS
from muse.poem.given import Text
from muse.poem.layout import Verse, across
from muse.poem.melody import OWN
from muse.poem.novelty import certificate
from muse.poem.plan import Plan, plan
from muse.poem.poem import Poem
from muse.poem.prefix import Fields
from muse.poem.rank import score
from muse.poem.score import Score, regulated, song
from muse.poem.sounds import Characters
from muse.poem.vocabulary import COUPLET, SONG, Vocabulary
from muse.poem.wishes import Wishes
from muse.seed import derive
from muse.tables.lexicon import interpret
from muse.tables.tunes import shapes
from muse.terms import Report, Theme
from muse.work import Recipe

UNTITLED = "无题"


def write(wishes: Wishes, bundle: Bundle, seeds: Sequence[int], device: str = "auto") -> Iterator[Poem]:
    """A poem on the same wishes for each seed, in order, each the best of its candidates; several are written at once.

    Raises:
        UsageError: a name that muse does not know, or no candidate asked for.
        WishError: wishes that cannot be met together; it names the place and what to change.
        BundleError: the bundle writes no poems.
    """
    if wishes.candidates < 1:
        raise UsageError("no poem was asked for", "candidates are at least 1")
    share = max(1, LANES.get(device, LANES["cpu"]) // wishes.candidates)
    for begin in range(0, len(seeds), share):
        yield from _together(wishes, bundle, seeds[begin : begin + share], device)


def look(by: Writer, vocabulary: Vocabulary, seed: int, title: str = "秋江夜泊") -> str:
    """One poem of each form as a model writes it now, first draft, in normal mode; for the training page."""
    parts = [title]
    scores = [*(regulated(form) for form in FORMS), song(shapes("浣溪沙")[0])[0]]
    for form in scores:
        characters = Characters.build(vocabulary, strict=False, book="cilin" if form.form == SONG else "pingshui")
        try:
            rule = automaton(form, characters)
        except WishError as error:
            return str(error)
        told = Fields(form.outline.form, title=title, tune=form.tune)
        asked = Plan(form, characters, told, Text({}, {}), Demands(), rule)
        (one,) = by.generate([asked.prompt()], [rule], SAMPLING, [seed])
        verse = Verse(draft_of(asked, one, vocabulary).lines, "zh", form.outline.stanzas, form.outline.closes)
        parts.append(across(verse))
    return "\n\n".join(parts) + "\n"


def _together(wishes: Wishes, bundle: Bundle, seeds: Sequence[int], device: str) -> Iterator[Poem]:
    """The poems of some seeds, all their candidates in one batch."""
    each = wishes.candidates
    plans = [plan(wishes, bundle, seed) for seed in seeds]
    made = drafts(
        [one for one in plans for _ in range(each)],
        [derive(seed, "candidate", index) for seed in seeds for index in range(each)],
        bundle,
        device,
    )
    worth = np.zeros(len(made))
    if each > 1:
        worth = score(
            made, bundle, "".join(dict.fromkeys("".join((*wishes.theme.zh[:3], *plans[0].fields.keys)))), device
        )
    for number, seed in enumerate(seeds):
        best = made[each * number + int(worth[each * number : each * (number + 1)].argmax())]
        yield poem_of(best, wishes, bundle, seed)


def poem_of(draft: Draft, wishes: Wishes, bundle: Bundle, seed: int) -> Poem:
    """A draft as a finished poem, with the referee's report."""
    form, outline = draft.plan.score, draft.plan.outline
    asked = {"theme": wishes.theme.text, "form": form.form} | ({"tune": form.tune} if form.tune else {})
    closes = outline.closes if form.form in (SONG, OWN) else ()
    title = title_of(wishes) or form.tune or (COUPLET if form.form == COUPLET else UNTITLED)
    return Poem(
        title, draft.lines, form.form, "zh", form.tune, outline.stanzas, closes, wishes.pinyin,
        wishes.theme.season, imagery_of(draft.lines, wishes.theme),
        Recipe("poem", seed, asked, {bundle.name: bundle.sha256}),
        report_of(draft, wishes) + new_of(draft, wishes, bundle),
    )  # fmt: skip


def report_of(draft: Draft, wishes: Wishes) -> Report:
    """What the referee says of the form and of the wishes.

    A keyword that is not there is said to be relaxed, and so is the form where given text stands against it.
    """
    from muse.poem.referee import judge
    from muse.poem.referee.wished import promises

    form: Score = draft.plan.score
    found = judge(draft.lines, form.form, book_of(wishes, form.form), tune=form.tune, stanzas=form.outline.stanzas)
    told = promises(draft.lines, {one.name: getattr(wishes, one.name) for one in fields(wishes)})
    loose = {"keyword", *(("tones", "tail", "lone level", "ends", "rhyme") if draft.plan.against else ())}
    promises_kept = tuple(replace(one, kept="relaxed") if one.kept is False and one.name in loose else one
                          for one in (found + told).promises)  # fmt: skip
    return Report(promises_kept, (*found.findings, *told.findings, *draft.plan.notes))


def new_of(draft: Draft, wishes: Wishes, bundle: Bundle) -> Report:
    """What the draft shares with the poems that the model has read."""
    given = {line for line, _ in draft.plan.text.characters}
    return certificate(draft.lines, bundle).report(promised=wishes.novel, given=given)


def imagery_of(lines: Sequence[str], theme: Theme) -> tuple[str, ...]:
    """Words of the lexicon that stand in a poem, in their order, at most twelve; the theme's own first."""
    text = "，".join(lines)
    found = [word for word in theme.zh if word in text]
    return tuple(dict.fromkeys((*found, *interpret(text).theme.words)))[:12]
