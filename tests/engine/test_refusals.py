"""What does not fit is refused with a word for it, and nothing reaches native code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import SIZES, random_model, random_tables, weights_of

from muse.bundle import Bundle
from muse.engine import Engine, choose, explain, writer_of
from muse.engine import library as native
from muse.errors import BundleError, MuseError, UsageError, WishError
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt
from muse.walk import Walk

SETTINGS = SIZES["odd"]
PROMPT = Prompt((1, 2), (0, 0), (0, 1))


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    return weights_of(random_model(SETTINGS))


@pytest.fixture(scope="module")
def engine(weights: dict[str, np.ndarray]) -> Engine:
    return Engine(weights, SETTINGS)


def test_weights_that_do_not_fit(weights: dict[str, np.ndarray]) -> None:
    with pytest.raises(BundleError, match=r"blocks.1.out.weight is missing"):
        Engine({name: value for name, value in weights.items() if name != "blocks.1.out.weight"}, SETTINGS)
    with pytest.raises(BundleError, match=r"row_bias is \(2, 2\)"):
        Engine({**weights, "row_bias": np.zeros((2, 2), np.float32)}, SETTINGS)
    with pytest.raises(BundleError, match="int32"):
        Engine({**weights, "row_bias": weights["row_bias"].astype(np.int32)}, SETTINGS)


def test_native_code_counts_again(weights: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse.engine.engine._shapes", lambda settings: {name: v.shape for name, v in weights.items()})
    with pytest.raises(UsageError, match="does not fit"):
        Engine(weights, SETTINGS.model_copy(update={"vocabulary": 72}))


@pytest.mark.parametrize("wrong", [{"storage": "fp8"}, {"cache": "fp16"}, {"instruction_set": "mmx"}])
def test_unknown_choices(weights: dict[str, np.ndarray], wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong.values()))):
        Engine(weights, SETTINGS, **wrong)  # type: ignore[arg-type]


def test_tokens_and_lengths(engine: Engine) -> None:
    walk = Walk(random_tables(0, SETTINGS.vocabulary))
    with pytest.raises(UsageError, match="vocabulary"):
        engine.logits(Prompt((SETTINGS.vocabulary,), (0,), (0,)))
    with pytest.raises(UsageError, match="negative"):
        engine.logits(Prompt((1,), (-1,), (0,)))
    with pytest.raises(UsageError, match="context is 90"):
        engine.logits(Prompt((1,) * 90, (0,) * 90, (0,) * 90))
    with pytest.raises(UsageError, match="context"):
        engine.generate([Prompt((1,) * 80, (0,) * 80, (0,) * 80)], [walk], Sampling(), [0])
    with pytest.raises(UsageError, match="2 prompts, 1 constraints"):
        engine.generate([PROMPT, PROMPT], [walk], Sampling(), [0, 1])
    with pytest.raises(UsageError, match="1 prompts and 0 texts"):
        engine.score([PROMPT], [])


def test_tables_that_lead_astray(engine: Engine) -> None:
    good = random_tables(0, SETTINGS.vocabulary)
    for bad in (
        replace(good, plain=np.where(good.plain >= 0, 10_000, -1).astype(np.int32)),
        replace(good, begin=-1),
        replace(good, classes=(good.classes + 9).astype(np.uint8)),
        replace(good, left=good.left[:-1]),
        replace(good, place=good.place - 1),
    ):
        with pytest.raises(UsageError):
            engine.generate([PROMPT], [Walk(bad)], Sampling(), [0])


def test_a_wall_is_told(engine: Engine) -> None:
    good = random_tables(0, SETTINGS.vocabulary)
    plain = good.plain.copy()
    plain[7] = -1
    with pytest.raises(WishError, match="row 1, column 2"):
        engine.generate([PROMPT], [Walk(replace(good, plain=plain))], Sampling(), [0])


def test_no_number_is_no_token(weights: dict[str, np.ndarray]) -> None:
    broken = Engine({**weights, "final_norm.gain": weights["final_norm.gain"] * np.nan}, SETTINGS)
    walk = Walk(random_tables(0, SETTINGS.vocabulary))
    with pytest.raises(MuseError, match="not numbers"):
        broken.generate([PROMPT], [walk], Sampling(), [0])
    with pytest.raises(MuseError, match="not numbers"):
        broken.score([PROMPT], [PROMPT])


def test_a_watcher_may_stop_it(engine: Engine) -> None:
    seen: list[int] = []

    def watch(written: int) -> None:
        seen.append(written)
        if written >= 6:
            raise KeyboardInterrupt

    walk = Walk(random_tables(0, SETTINGS.vocabulary))
    with pytest.raises(KeyboardInterrupt):
        engine.generate([PROMPT] * 2, [walk] * 2, Sampling(), [0, 1], watch=watch)
    assert seen == [0, 2, 4, 6]


def test_without_the_library_pytorch_writes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = random_model(SETTINGS)
    bundle = Bundle(weights_of(model), {"name": "small", "kind": "poem"})
    walk = Walk(random_tables(0, SETTINGS.vocabulary))
    (ours,) = writer_of(bundle, SETTINGS).generate([PROMPT], [walk], Sampling(), [0])

    def absent(path: Path | None = None) -> None:
        raise OSError("no library")

    monkeypatch.setattr(native, "load", absent)
    monkeypatch.setattr(choose, "_told", False)
    (theirs,) = writer_of(bundle, SETTINGS).generate([PROMPT], [walk], Sampling(), [0])
    writer_of(bundle, SETTINGS)
    assert capsys.readouterr().err.count("the native engine is not built") == 1
    assert "PyTorch" in explain()
    assert ours.tokens.tolist() == theirs.tokens.tolist()
