"""The journal of a run: one JSON line a step, samples, and one page to watch them on."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from muse.errors import OutputError
from muse.files import safe_join, write_atomic

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="20">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
svg {{ width: 100%; height: auto; border: 1px solid #ddd; }}
pre {{ white-space: pre-wrap; padding: 1rem; border: 1px solid #ddd; }}
img {{ max-width: 100%; }}
figure {{ display: inline-block; width: 48%; margin: 0 1% 1rem 0; }}
td {{ padding: .1rem 1rem .1rem 0; }}
</style>
<h1>{title}</h1><p>{summary}</p>{curves}<table>{figures}</table><h2>Made now</h2>{samples}</html>
"""


class Journal:
    """Writes journal.jsonl, samples/step-…/ and index.html in the folder of a run."""

    def __init__(self, folder: Path, title: str, from_step: int) -> None:
        self.folder, self.title = folder, title
        self.path = folder / "journal.jsonl"
        self.lines = [line for line in self._read() if line["step"] <= from_step]
        write_atomic(self.path, b"".join(_line(entry) for entry in self.lines), force=True)
        self.samples = self._made(from_step)

    def write(self, entry: Mapping[str, Any]) -> None:
        """Add a line; `step` is among its keys."""
        self.lines.append(dict(entry))
        try:
            with self.path.open("ab") as stream:
                stream.write(_line(entry))
        except OSError as error:
            raise OutputError(f"cannot write {self.path}", str(error), "make room, then resume") from error

    def sample(self, step: int, files: Mapping[str, bytes]) -> None:
        """Keep what the model made at a step."""
        self.samples = files
        for name, data in files.items():
            write_atomic(safe_join(self.folder / "samples" / f"step-{step:08d}", name), data, force=True)

    def page(self, steps: int) -> None:
        """Draw index.html anew; it needs nothing beside it."""
        last = self.lines[-1] if self.lines else {"step": 0}
        figures: Mapping[str, float] = next((line["figures"] for line in reversed(self.lines) if "figures" in line), {})
        summary = f"Step {last['step']:,} of {steps:,}, {last.get('seconds', 0) / 60:.1f} minutes."
        html = PAGE.format(
            title=escape(self.title),
            summary=summary,
            curves=self._curves(figures),
            figures="".join(f"<tr><td>{escape(key)}<td>{value:.4f}" for key, value in figures.items()),
            samples="".join(_shown(name, data) for name, data in self.samples.items()),
        )
        write_atomic(self.folder / "index.html", html.encode(), force=True)

    def _curves(self, figures: Mapping[str, float]) -> str:
        """The loss by step, then each figure that was measured and has changed, two beside each other."""
        drawn = curve([(line["step"], line["loss"]) for line in self.lines if "loss" in line])
        for name in figures:
            points = [(line["step"], line["figures"][name]) for line in self.lines if name in line.get("figures", {})]
            if len({value for _, value in points}) > 1:
                drawn += f"<figure><figcaption>{escape(name)}</figcaption>{curve(points, 440, 160, name)}</figure>"
        return drawn

    def _made(self, from_step: int) -> Mapping[str, bytes]:
        """What the model made last, up to a step."""
        found = sorted(self.folder.glob("samples/step-*"))
        last = [folder for folder in found if folder.name <= f"step-{from_step:08d}"][-1:]
        return {file.name: file.read_bytes() for folder in last for file in sorted(folder.iterdir())}

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        lines = []
        for text in self.path.read_text(encoding="utf-8").splitlines():
            try:
                lines.append(json.loads(text))
            except ValueError:  # the line that a kill cut
                break
        return lines


def curve(points: Sequence[tuple[int, float]], width: int = 900, height: int = 260, name: str = "loss") -> str:
    """A line of (step, value) as SVG, each dot the mean of its share of the steps."""
    if len(points) < 2:
        return ""
    share = max(1, len(points) // 300)
    groups = [points[start : start + share] for start in range(0, len(points), share)]
    dots = [(group[-1][0], sum(loss for _, loss in group) / len(group)) for group in groups]
    low, high = min(loss for _, loss in dots), max(loss for _, loss in dots)
    last = max(1, dots[-1][0])
    path = " ".join(
        f"{50 + (width - 60) * step / last:.1f},{10 + (height - 40) * (high - loss) / (high - low or 1):.1f}"
        for step, loss in dots
    )
    labels = "".join(
        f'<text x="4" y="{y}" font-size="12">{value:.3g}</text>' for y, value in ((16, high), (height - 26, low))
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(name)} by step">{labels}'
        f'<polyline fill="none" stroke="#8c3b2e" stroke-width="2" points="{path}"/>'
        f'<text x="{width - 90}" y="{height - 6}" font-size="12">step {last:,}</text></svg>'
    )


def _line(entry: Mapping[str, Any]) -> bytes:
    return (json.dumps(entry, ensure_ascii=False) + "\n").encode()


def _shown(name: str, data: bytes) -> str:
    kind = name.rpartition(".")[2]
    if kind in ("png", "jpg", "svg"):
        mime = {"png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml"}[kind]
        return f'<p><img alt="{escape(name)}" src="data:{mime};base64,{b64encode(data).decode()}">'
    if kind in ("txt", "json"):
        return f"<pre>{escape(data.decode())}</pre>"
    return f"<p>{escape(name)}, {len(data):,} bytes, in samples/"
