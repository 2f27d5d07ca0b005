"""Compiling the native engine: plain C++17 into one shared library with a C interface.

`python -m muse.engine.build` makes it beside this file, for work in a source tree; `pip install` does the same.
This file imports nothing of muse, so that the installer can run it alone.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = "libmuse_engine.so"
SOURCES = ("model.cpp", "session.cpp", "api.cpp")
_COMMON = ("-std=c++17", "-O3", "-fPIC", "-fvisibility=hidden", "-ffp-contract=fast", "-fno-math-errno", "-pthread")
_AVX512 = ("-mavx2", "-mfma", "-mf16c", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vnni")
INSTRUCTION_SETS: dict[str, tuple[str, ...]] = {
    "generic": (),
    "avx2": ("-mavx2", "-mfma", "-mf16c"),
    "avx512": _AVX512,
    "avx512bf16": (*_AVX512, "-mavx512bf16"),
    "amx": (*_AVX512, "-mavx512bf16", "-mamx-tile", "-mamx-bf16", "-DMUSE_AMX"),
}
"""Flags of each; kernels.cpp is compiled once for every one of them."""


def compiler() -> str | None:
    """The C++ compiler: $CXX, or the first that is there."""
    names = [os.environ.get("CXX", ""), "c++", "g++", "clang++"]
    return next((found for name in names if name and (found := shutil.which(name.split()[0]))), None)


def build(target: Path, *, extra: Sequence[str] = (), sets: Sequence[str] | None = None) -> list[str]:
    """Compile into the file `target`; returns the instruction sets that went in.

    Args:
        extra: flags for every file, such as "-fsanitize=address".
        sets: only these instruction sets; by default all that the compiler knows for this processor family.

    Raises:
        RuntimeError: there is no compiler, or it fails; with what it said.
    """
    cxx = compiler()
    if cxx is None:
        raise RuntimeError("no C++ compiler was found")
    intel = platform.machine().lower() in ("x86_64", "amd64")
    wanted = [name for name in (sets or INSTRUCTION_SETS) if name == "generic" or intel]
    native = HERE / "native"
    with tempfile.TemporaryDirectory() as scratch:
        objects, made = [], []
        for name in wanted:
            at = str(Path(scratch, f"{name}.o"))
            flags = (*INSTRUCTION_SETS[name], f"-DMUSE_ISA={name}", *extra)
            failed = _run([cxx, *_COMMON, *flags, "-c", str(native / "kernels.cpp"), "-o", at])
            if not failed:
                objects.append(at)
                made.append(name)
            elif name == "generic":
                raise RuntimeError(failed)  # an old compiler may lack the newest sets, but not this one
        defines = [f"-DMUSE_WITH_{name.upper()}" for name in made]
        for source in SOURCES:
            at = str(Path(scratch, f"{source}.o"))
            failed = _run([cxx, *_COMMON, *defines, *extra, "-c", str(native / source), "-o", at])
            if failed:
                raise RuntimeError(failed)
            objects.append(at)
        whole = str(Path(scratch, LIBRARY))
        static = [] if sys.platform == "darwin" or extra else ["-static-libstdc++", "-static-libgcc"]
        failed = _run([cxx, "-shared", "-pthread", *extra, *objects, *static, "-o", whole])
        if failed:
            raise RuntimeError(failed)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(whole, beside)
        os.replace(beside, target)  # a library that is in use stays whole
    return made


def _run(command: list[str]) -> str:
    """What a command that failed has said; empty where it did not fail."""
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{' '.join(command)}\n{done.stderr.strip() or 'failed'}"


if __name__ == "__main__":
    print("built with", ", ".join(build(HERE / LIBRARY)))
