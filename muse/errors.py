"""The error family: every mistake that muse foresees is one of these.

MuseError                   exit 1   something foreseen went wrong
├── UsageError              exit 2   a name or value that muse does not know
│   ├── SettingsError       exit 2   a setting that is unknown or out of bounds
│   └── WishError           exit 2   a request that contradicts itself, or that no work can meet
├── InputError              exit 1   a user's file cannot be read
├── OutputError             exit 1   a result cannot be written, or would overwrite something
├── BundleError             exit 1   a weight file is missing, corrupt or foreign
├── CheckpointError         exit 1   a training state cannot be resumed
├── RecipeError             exit 1   a recipe cannot be read or rebuilt
├── CorpusError             exit 1   a corpus is absent, or differs from its checksum
├── TrainingError           exit 1   a training run went wrong (a loss that is not a number)
└── MissingExtraError       exit 1   an optional package is needed
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class MuseError(Exception):
    """Say what happened, why, and what to do next.

    Attributes:
        what: one short sentence.
        why: the cause, or "".
        next_step: what the user can do now, or "".
    """

    exit_code = 1

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        self.what, self.why, self.next_step = what, why, next_step
        super().__init__(what, why, next_step)

    def __str__(self) -> str:
        return " ".join(part.rstrip(".") + "." for part in (self.what, self.why, self.next_step) if part)


class UsageError(MuseError):
    exit_code = 2


class SettingsError(UsageError):
    pass


class WishError(UsageError):
    pass


class InputError(MuseError):
    pass


class OutputError(MuseError):
    pass


class BundleError(MuseError):
    pass


class CheckpointError(MuseError):
    pass


class RecipeError(MuseError):
    pass


class CorpusError(MuseError):
    pass


class TrainingError(MuseError):
    pass


class MissingExtraError(MuseError):
    pass


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A next step for an unknown word: the closest choice, or all of them.

    >>> did_you_mean("mnor", ["minor", "major"])
    'did you mean "minor"?'
    >>> did_you_mean("zzz", ["minor", "major"])
    'choose one of minor, major'
    """
    known = list(choices)
    close = get_close_matches(word.lower(), [choice.lower() for choice in known], n=1, cutoff=0.6)
    if close:
        return f'did you mean "{next(choice for choice in known if choice.lower() == close[0])}"?'
    return "choose one of " + ", ".join(known)
