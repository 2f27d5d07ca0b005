"""Other builds of the native library: under sanitizers, and with the tile unit emulated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from models import SIZES, random_model, reference, text, weights_of

from muse.engine import Engine, build, instruction_sets

pytestmark = pytest.mark.skipif(build.compiler() is None, reason="there is no C++ compiler")

WORK = """
import sys
from pathlib import Path
from muse.engine import Engine, instruction_sets
from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt
from muse.walk import Walk
from models import SIZES, random_tables
import numpy as np
from muse.engine.engine import _shapes
path = Path(sys.argv[1])
for settings in SIZES.values():
    draw = np.random.default_rng(0)
    weights = {name: draw.standard_normal(shape).astype(np.float32) * 0.2 for name, shape in _shapes(settings).items()}
    walk = Walk(random_tables(1, settings.vocabulary))
    for name in instruction_sets(path):
        for storage in ("fp32", "fp16", "bf16", "int8"):
            for cache in ("fp32", "bf16", "int8"):
                how = {"storage": storage, "cache": cache, "threads": 2, "instruction_set": name, "path": path}
                engine = Engine(weights, settings, **how)
                prompts = [Prompt((1, 2, 3), (0, 0, 1), (0, 1, 0)), Prompt((4,) * 20, (0,) * 20, (0,) * 20)]
                engine.generate(prompts, [walk] * 2, Sampling(1.0, top_k=20, top_p=0.9, min_p=0.01), [1, 2])
                engine.score(prompts, prompts)
                try:
                    engine.logits(Prompt((10**6,), (0,), (0,)))
                except Exception as error:
                    assert "vocabulary" in str(error), error
print("clean")
"""


def test_under_the_address_and_undefined_behaviour_sanitizers(tmp_path: Path) -> None:
    library = tmp_path / "sanitized.so"
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-g1")
    known = {"generic", next(name for name in instruction_sets() if name != "amx")}
    try:
        build.build(library, extra=flags, sets=sorted(known))
    except RuntimeError as error:
        pytest.skip(f"the compiler has no sanitizers: {error}")
    cxx = build.compiler()
    assert cxx is not None
    loaders = [
        subprocess.run([cxx, f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libstdc++.so")
    ]
    # Python itself leaves memory to the system at its end: leaks are not looked for.
    settings = {
        "LD_PRELOAD": " ".join(loaders),
        "ASAN_OPTIONS": "detect_leaks=0",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(library)], env={**os.environ, **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0 and "clean" in done.stdout, done.stderr[-4000:]


def test_tiles_by_an_emulation_of_their_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = {"generic": (), "amx": ("-DMUSE_AMX",)}
    monkeypatch.setattr(build, "INSTRUCTION_SETS", flags)
    library = tmp_path / "tiles.so"
    build.build(library, extra=("-DMUSE_AMX_EMULATED",))
    assert "amx" in instruction_sets(library)
    for size, settings in SIZES.items():
        model = random_model(settings)
        how = {"storage": "bf16", "path": library, "threads": 1}
        for length in (5, 16, 23, 49, 60):
            read = text(model, length)
            wanted = reference(model, read)[-1]
            found = Engine(weights_of(model), settings, instruction_set="amx", **how).logits(read)
            assert np.sqrt(np.mean((found - wanted) ** 2)) < 3e-2 * wanted.std(), (size, length)
