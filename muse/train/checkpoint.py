"""Checkpoints: everything needed to go on with a run, in one file that is there whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import BundleError, CheckpointError, InputError
from muse.files import canonical_json, read_capped, write_atomic
from muse.tensors import pack, unpack

if TYPE_CHECKING:
    import torch

    from muse.objective import Course

SCHEMA = 1
LARGEST = 1 << 34
# What may differ between a checkpoint and the run that goes on from it: the data order does not hang on them.
FREE = {"steps", "decay_from", "valid_every", "sample_every", "save_every", "keep", "split"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Attributes:
    step: steps done.
    seconds: time spent in training so far.
    kind, settings, run: of the course.
    figures: the last measured on the validation part.
    state: of the objective.
    """

    step: int
    seconds: float
    kind: str
    settings: Mapping[str, Any]
    run: Mapping[str, Any]
    figures: Mapping[str, float]
    state: Mapping[str, torch.Tensor]

    def save(self, folder: Path, keep: int) -> Path:
        """Write step-NNNNNNNN.safetensors; then let older ones than the last `keep` go."""
        text = canonical_json(
            {
                "schema": SCHEMA,
                "step": self.step,
                "seconds": round(self.seconds, 3),
                "kind": self.kind,
                "settings": dict(self.settings),
                "run": dict(self.run),
                "figures": dict(self.figures),
            }
        ).decode()
        arrays = {name: tensor.detach().cpu().numpy() for name, tensor in self.state.items()}
        path = write_atomic(folder / f"step-{self.step:08d}.safetensors", pack(arrays, text), force=True)
        for old in listed(folder)[:-keep]:
            old.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """A checkpoint, verified.

        Raises:
            CheckpointError: absent, cut, changed or foreign.
        """
        import torch

        try:
            arrays, text = unpack(read_capped(path, LARGEST), str(path))
            card = json.loads(text)
            if card["schema"] > SCHEMA:
                raise CheckpointError(f"{path} is of schema {card['schema']}", "this muse is older", "update muse")
            state = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
            return cls(
                card["step"], card["seconds"], card["kind"], card["settings"], card["run"], card["figures"], state
            )
        except (BundleError, InputError) as error:
            raise CheckpointError(error.what, error.why, "resume from an earlier step") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CheckpointError(f"{path} is no checkpoint of muse", str(error), "resume from another") from error

    def fits(self, course: Course) -> None:
        """Raises CheckpointError, naming the setting, where the course differs in more than its length."""
        pairs: list[tuple[str, Any, Any]] = [("kind", self.kind, course.kind)]
        pairs += [(key, self.settings.get(key), value) for key, value in course.settings.as_dict().items()]
        pairs += [(key, self.run.get(key), value) for key, value in course.run.as_dict().items() if key not in FREE]
        for key, old, new in pairs:
            if old != new:
                raise CheckpointError(
                    f"the checkpoint was made with {key} = {old!r}, not {new!r}",
                    "a run goes on only with its own settings",
                    "give the same settings, or start anew with --resume never",
                )


def listed(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first."""
    return sorted(path for path in folder.glob("step-*.safetensors") if re.fullmatch(r"step-\d{8}", path.stem))


def newest(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint of a run; a damaged one is passed over for the one before it.

    Raises:
        CheckpointError: there are checkpoints and all of them are damaged.
    """
    paths = listed(folder)
    for path in reversed(paths):
        try:
            return Checkpoint.load(path)
        except CheckpointError:
            if path == paths[0]:
                raise
    return None
