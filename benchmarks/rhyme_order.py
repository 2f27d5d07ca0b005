"""What the rules of verse cost, and whether it pays to choose the rhyme words first.

Damage: bits a character that the unmasked model, told the form alone, gives to poems written by the rules, less those
it gives to poems written free of all rules but the line breaks; same temperature, same seeds. Arms: "left", from left
to right; "rhymes", the rhyme words of all even lines drawn first, then the poem from left to right with them in view.

    python benchmarks/rhyme_order.py --bundle poem-zh2.safetensors --count 64
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.constraint import Constraint
from muse.nn.sampling import Sampling
from muse.nn.writer import Continuation, Prompt, Writer
from muse.poem.automaton import Demands, automaton
from muse.poem.form import FORMS, Form
from muse.poem.frame import GIVEN_COLUMN, Given, Outline, body, prompt
from muse.poem.model import writer
from muse.poem.prefix import Fields
from muse.poem.rhyming import rhymes_of
from muse.poem.score import regulated
from muse.poem.sounds import Characters
from muse.poem.vocabulary import BREAK, UNKNOWN, Vocabulary

SAMPLING = Sampling(temperature=1.0)


class Free:
    """Any characters, in the lines of a form."""

    def __init__(self, form: Form, vocabulary: Vocabulary) -> None:
        self.form, self.size = form, len(vocabulary)
        self.characters = np.arange(self.size) >= vocabulary.first
        self.last = form.lines * (form.width + 1) - 1

    def start(self) -> int:
        return 0

    def mask(self, state: int) -> npt.NDArray[np.bool_]:
        return np.arange(self.size) == BREAK if self.place(state)[1] == self.form.width else self.characters

    def advance(self, state: int, token: int) -> int:
        return state + 1

    def place(self, state: int) -> tuple[int, int]:
        line, place = divmod(state, self.form.width + 1)
        return line + 1, place

    def done(self, state: int) -> bool:
        return state == self.last


class Rhymes:
    """The rhyme words of the even lines: different, and of one level group."""

    def __init__(self, form: Form, characters: Characters) -> None:
        rhymes = rhymes_of(regulated(form.name), characters, {}, (), {})
        self.form, self.sets, self.fit = form, rhymes.sets, rhymes.open

    def start(self) -> tuple[int, ...]:
        return ()

    def mask(self, state: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        wanted = self.sets[state[0]] if state else np.uint64(self.fit)
        allowed: npt.NDArray[np.bool_] = (self.sets & wanted) != 0
        allowed[list(state)] = False
        return allowed

    def advance(self, state: tuple[int, ...], token: int) -> tuple[int, ...]:
        return (*state, token)

    def place(self, state: tuple[int, ...]) -> tuple[int, int]:
        return 2 * len(state) + 2, GIVEN_COLUMN + self.form.width - 1

    def done(self, state: tuple[int, ...]) -> bool:
        return 2 * len(state) == self.form.lines


def written(by: Writer, prompts: list[Prompt], rules: list[Constraint], seeds: list[int]) -> list[Continuation]:
    return by.generate(prompts, rules, SAMPLING, seeds)


def bits(by: Writer, form: Form, vocabulary: Vocabulary, made: list[Continuation]) -> float:
    """Bits a character, told the form alone."""
    outline, plain = Outline.regulated(form.name), prompt(Fields(form.name), Outline.regulated(form.name), vocabulary)
    total = 0.0
    for one in made:
        tokens = [token for token in one.tokens.tolist() if token >= vocabulary.first or token == UNKNOWN]
        placed = np.array(body(outline, tokens, vocabulary))
        (scores,) = by.score([plain], [Prompt(*map(tuple, placed.T.tolist()))])
        total -= float(scores[placed[:, 0] != BREAK].sum())
    return total / (len(made) * form.characters * float(np.log(2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--count", type=int, default=64, help="poems of each form and arm")
    asked = parser.parse_args()
    by, vocabulary = writer(Bundle.from_bytes(asked.bundle.read_bytes()))
    characters = Characters.build(vocabulary, strict=True)
    seeds = list(range(asked.count))
    for form in FORMS.values():
        outline = Outline.regulated(form.name)
        plain = [prompt(Fields(form.name), outline, vocabulary)] * asked.count
        free = bits(by, form, vocabulary, written(by, plain, [Free(form, vocabulary)] * asked.count, seeds))
        score = regulated(form.name)
        rule = automaton(score, characters)
        found = {
            "free": free,
            "left": bits(by, form, vocabulary, written(by, plain, [rule] * asked.count, seeds)) - free,
        }
        places = tuple((line, form.width - 1) for line in range(1, form.lines, 2))
        head = plain[0].tokens[:-1]
        opened = Prompt(
            (*head, vocabulary.ids["<rhymes>"]), (0,) * (len(head) + 1), (*plain[0].col[:-1], GIVEN_COLUMN - 1)
        )
        words = [
            tuple(one.tokens.tolist())
            for one in written(by, [opened] * asked.count, [Rhymes(form, characters)] * asked.count, seeds)
        ]
        prompts = [prompt(Fields(form.name), outline, vocabulary, [Given(places, word, True)]) for word in words]
        rules: list[Constraint] = []
        for word in words:
            fixed = dict(zip(places, map(vocabulary.tokens.__getitem__, word), strict=True))
            rules.append(automaton(score, characters, Demands(fixed)))
        found["rhymes"] = bits(by, form, vocabulary, written(by, prompts, rules, seeds)) - free
        print(
            json.dumps(
                {"form": form.name, **{name: round(value, 3) for name, value in found.items()}}, ensure_ascii=False
            )
        )


if __name__ == "__main__":
    main()
