"""Settings: frozen values with bounds, read from TOML and written back; an unknown key is refused by name.

Order: default < size < TOML file < key=value.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from muse.errors import SettingsError, UsageError, did_you_mean
from muse.files import read_capped

Size = Literal["tiny", "small", "base"]
S = TypeVar("S", bound="Settings")


class Settings(BaseModel):
    """The base of every group of settings; `sizes` says what the one dial changes in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Settings from a mapping.

        Raises:
            SettingsError: an unknown key ("did you mean"), or a value out of its bounds.
        """
        for key in values:
            if key not in cls.model_fields:
                raise SettingsError(f"unknown setting {key!r}", "", did_you_mean(key, cls.model_fields))
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"setting {place!r} does not fit", first["msg"], "see muse train --dry-run") from error

    @classmethod
    def load(cls, size: str | None = None, values: Mapping[str, Any] | None = None) -> Self:
        """Settings of a size with some values changed."""
        if size is not None and size not in Size.__args__:  # type: ignore[attr-defined]
            raise UsageError(f"unknown size {size!r}", "", did_you_mean(size, Size.__args__))  # type: ignore[attr-defined]
        return cls.of({**cls.sizes.get(size or "", {}), **(values or {})})

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return self.model_dump(mode="json")


class RunSettings(Settings):
    """How a training run goes; a room gives its own defaults for each size."""

    steps: int = Field(2000, ge=1, description="optimizer steps in all")
    learning_rate: float = Field(2e-3, gt=0, le=1)
    warmup: int = Field(200, ge=0, description="steps of linear warm-up")
    decay_from: float = Field(
        0.4, ge=0, le=1, description="share of the steps after which the rate falls linearly to 0"
    )
    weight_decay: float = Field(0.05, ge=0)
    clip: float = Field(1.0, gt=0, description="largest gradient norm")
    batch: int = Field(64, ge=1, description="records (or tokens, where the kind says so) a micro-batch")
    accumulation: int = Field(1, ge=1, description="micro-batches a step")
    seed: int = Field(0, ge=0)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: bool = False
    split: bool = Field(False, description="split weights, gradients and moments over the processes (FSDP)")
    ema: float = Field(0.0, ge=0, lt=1, description="decay of the weight average a step; 0 is off")
    valid_every: int = Field(500, ge=1)
    sample_every: int = Field(500, ge=1)
    save_every: int = Field(200, ge=1)
    keep: int = Field(2, ge=1, description="checkpoints kept")


def read_toml(path: Path | str) -> dict[str, Any]:
    """The tables of a TOML file of at most 1 MiB.

    Raises:
        SettingsError: it is not TOML.
    """
    try:
        return tomllib.loads(read_capped(path, 1 << 20).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"cannot read {path}", f"it is not TOML: {error}", "mend the file") from error


def resolve(
    model: type[S],
    run: Mapping[str, Mapping[str, Any]],
    *,
    size: str | None = None,
    toml: Path | str | None = None,
    sets: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
) -> tuple[S, RunSettings]:
    """The settings of a model and of its run, by the order of the page.

    Args:
        model: the settings class of the model.
        run: what each size changes in the run settings; "" holds the kind's defaults.
        size: "tiny", "small" or "base".
        toml: a file with the tables [model] and [run].
        sets: "key=value", or "run.key=value" where both have the key.
        values: of the model, in the place of those of the size.
    """
    tables: dict[str, dict[str, Any]] = {"model": {}, "run": {}}
    if toml is not None:
        for name, table in read_toml(toml).items():
            if name not in tables or not isinstance(table, dict):
                raise SettingsError(f"unknown table {name!r} in {toml}", "", did_you_mean(name, tables))
            tables[name].update(table)
    for pair in sets:
        path, mark, text = pair.partition("=")
        if not mark:
            raise SettingsError(f"cannot read {pair!r}", "a setting is given as key=value")
        group, _, key = path.strip().rpartition(".")
        if not group:
            group = "model" if key in model.model_fields else "run"
        if group not in tables:
            raise SettingsError(f"unknown group {group!r}", "", did_you_mean(group, tables))
        tables[group][key] = _value(text.strip())
    known = {*model.model_fields, *RunSettings.model_fields}
    for table in tables.values():
        for key in table:
            if key not in known:
                raise SettingsError(f"unknown setting {key!r}", "", did_you_mean(key, known))
    defaults = {**run.get("", {}), **run.get(size or "", {})}
    return model.load(size, {**(values or {}), **tables["model"]}), RunSettings.of({**defaults, **tables["run"]})


def to_toml(groups: Mapping[str, Settings]) -> str:
    """The TOML text that `resolve` reads back to the same settings."""
    lines: list[str] = []
    for name, settings in groups.items():
        lines.append(f"[{name}]")
        for key, value in settings.as_dict().items():
            if value is not None:
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        lines.append("")
    return "\n".join(lines)


def _value(text: str) -> Any:
    """A value as TOML would read it; a bare word is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
