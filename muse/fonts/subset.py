"""Builds the font subsets of this folder from the families' own files; for maintainers (needs fonttools, cffsubr).

    python -m muse.fonts.subset --noto NotoSerifCJK-Regular.ttc --calligraphy "ma-shan-zheng/*.woff2" \\
        --latin "Playfair=playfair-600*.woff2" --common common.txt --out muse/fonts

``common.txt`` holds Han characters, the most frequent first. Every outline becomes CFF (a third smaller than TrueType
here), and the families' GPOS pair kerning becomes a plain ``kern`` table, because the basic text layout, the only one
that is the same on every machine, reads no other.
"""

from __future__ import annotations

import argparse
import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LATIN = "".join(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x180)])) + "ȘșȚțẞ‐–—‘’‚“”„…•†‹›€™−×"
PUNCTUATION = "·，。、；：！？（）《》〈〉「」『』—…“”‘’"
ASIAN = (
    "".join(map(chr, [*range(0x3000, 0x3020), *range(0x3041, 0x3100)]))
    + "".join(map(chr, [*range(0xFE10, 0xFE1A), *range(0xFE30, 0xFE45), *range(0xFF01, 0xFF5F)]))
    + "".join(map(chr, [*range(0x391, 0x3CA), *range(0x401, 0x452)]))
    + "〇○●□■◇◆☆★"
    + "ǎǐǒǔǖǘǚǜǹḿ"  # pinyin; its other letters are in LATIN
)


def gb2312() -> str:
    """The 6,763 Han characters of GB 2312, levels 1 and 2."""
    raw = (bytes([0xA0 + row, 0xA0 + cell]) for row in range(16, 88) for cell in range(1, 95))
    return "".join(pair.decode("gb2312", errors="ignore") for pair in raw)


def convert(paths: Iterable[str], chars: str, target: Path, family: str, error: float = 0.8) -> None:
    """Merge slices of one family and write the wanted characters as a CFF font called ``family``."""
    import cffsubr  # type: ignore[import-not-found]
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.qu2cuPen import Qu2CuPen
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.t2CharStringPen import T2CharStringPen
    from fontTools.ttLib import TTFont, newTable
    from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

    blank = T2CharStringPen(500, None).getCharString()
    shapes: dict[str, Any] = {".notdef": blank}
    advance, codes, pairs = {".notdef": (500, 0)}, {}, {}
    first = None
    for path in paths:
        font = TTFont(path)
        first = first or font
        glyphs, names = font.getGlyphSet(), {}
        for code, glyph in font.getBestCmap().items():
            if chr(code) not in chars:
                continue
            name = f"u{code:04X}"
            names[glyph] = name
            if code in codes:
                continue
            record = DecomposingRecordingPen(glyphs)
            glyphs[glyph].draw(record)
            pen = T2CharStringPen(glyphs[glyph].width, None, roundTolerance=0.5)
            try:
                record.replay(Qu2CuPen(pen, max_err=error, all_cubic=True))
            except NotImplementedError:  # a contour without a point on the curve
                pen = T2CharStringPen(glyphs[glyph].width, None, roundTolerance=0.5)
                record.replay(pen)
            shapes[name], advance[name], codes[code] = pen.getCharString(), (round(glyphs[glyph].width), 0), name
        for (left, right), value in kerning(font).items():
            if abs(value) >= 10 and ord_of(names.get(left)) < 0x100 and ord_of(names.get(right)) < 0x100:
                pairs[names[left], names[right]] = value
    assert first is not None
    build = FontBuilder(first["head"].unitsPerEm, isTTF=False)
    build.setupGlyphOrder(list(shapes))
    build.setupCharacterMap(codes)
    build.setupCFF(family.replace(" ", ""), {"FullName": family}, shapes, {})
    build.setupHorizontalMetrics(advance)
    build.setupHorizontalHeader(ascent=first["hhea"].ascent, descent=first["hhea"].descent)
    build.setupNameTable(
        {
            "familyName": family,
            "styleName": "Regular",
            "copyright": first["name"].getDebugName(0),
            "licenseDescription": "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
            "licenseInfoURL": "https://openfontlicense.org",
        }
    )
    build.setupOS2()
    build.setupPost(keepGlyphNames=False)
    cffsubr.subroutinize(build.font, keep_glyph_names=False)
    if pairs:
        order = {f"u{code:04X}": new for code, new in build.font.getBestCmap().items()}
        table = KernTable_format_0(apple=False)
        table.coverage, table.format, table.tupleIndex = 1, 0, None
        table.kernTable = {(order[a], order[b]): v for (a, b), v in pairs.items()}
        build.font["kern"] = newTable("kern")
        build.font["kern"].version, build.font["kern"].kernTables = 0, [table]
    build.font["head"].created = build.font["head"].modified = 0
    build.font.recalcTimestamp = False
    build.save(target)


def ord_of(name: str | None) -> int:
    """The code point in a glyph name made here; beyond every table when there is no name."""
    return int(name[1:], 16) if name else 0x110000


def kerning(font: Any) -> dict[tuple[str, str], int]:
    """Pair kerning (glyph, glyph) -> units of a font's GPOS ``kern`` feature."""
    out: dict[tuple[str, str], int] = {}
    if "GPOS" not in font:
        return out
    table = font["GPOS"].table
    wanted = {i for r in table.FeatureList.FeatureRecord if r.FeatureTag == "kern" for i in r.Feature.LookupListIndex}
    for index in sorted(wanted):
        for sub in table.LookupList.Lookup[index].SubTable:
            sub = getattr(sub, "ExtSubTable", sub)
            if sub.LookupType != 2:
                continue
            for k, left in enumerate(sub.Coverage.glyphs):
                if sub.Format == 1:
                    for record in sub.PairSet[k].PairValueRecord:
                        out.setdefault((left, record.SecondGlyph), getattr(record.Value1, "XAdvance", 0) or 0)
                    continue
                row = sub.Class1Record[sub.ClassDef1.classDefs.get(left, 0)].Class2Record
                for right in font.getGlyphOrder():
                    value = row[sub.ClassDef2.classDefs.get(right, 0)].Value1
                    amount = getattr(value, "XAdvance", 0) or 0
                    if amount:
                        out.setdefault((left, right), amount)
    return out


def noto(source: str, chars: str, target: Path) -> None:
    """Write the Simplified Chinese face of a Noto Serif CJK collection, cut to ``chars``."""
    from fontTools import subset
    from fontTools.ttLib import TTCollection

    faces = TTCollection(source).fonts
    number = next(i for i, face in enumerate(faces) if " SC" in face["name"].getDebugName(4))
    options = subset.Options(
        hinting=False,
        layout_features=["kern"],
        glyph_names=False,
        font_number=number,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        notdef_outline=True,
    )
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GPOS", "GSUB", "GDEF"]
    font = subset.load_font(source, options)
    font.recalcTimestamp = False
    cut = subset.Subsetter(options)
    cut.populate(text=chars)
    cut.subset(font)
    subset.save_font(font, str(target), options)


def main() -> None:
    """Write every subset named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noto")
    parser.add_argument("--calligraphy", help="glob of Ma Shan Zheng slices")
    parser.add_argument("--latin", action="append", default=[], metavar="NAME=GLOB")
    parser.add_argument("--common", type=Path, required=True, help="Han characters, most frequent first")
    parser.add_argument(
        "--further",
        type=Path,
        help="further Han characters for Noto",
    )
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    common = args.common.read_text("utf-8").strip()
    more = args.further.read_text("utf-8").strip() if args.further else ""
    if args.noto:
        noto(args.noto, LATIN + ASIAN + PUNCTUATION + common[:6500] + gb2312() + more, args.out / "NotoSerifCJKsc.otf")
    if args.calligraphy:
        convert(
            sorted(glob.glob(args.calligraphy)),
            LATIN + PUNCTUATION + common[:1900],
            args.out / "MaShanZheng.otf",
            "Ma Shan Zheng",
            error=2.0,
        )
    for item in args.latin:
        name, _, pattern = item.partition("=")
        convert(sorted(glob.glob(pattern)), LATIN, args.out / f"{name.replace(' ', '')}.otf", name)


if __name__ == "__main__":
    main()
