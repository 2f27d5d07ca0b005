"""Twenty poems in each language, as muse writes them: one command each, the seed in it, nothing chosen or mended.

python benchmarks/gallery.py > outputs/poems.md
"""

from __future__ import annotations

import shlex

import muse

CHINESE: tuple[tuple[str, dict[str, str]], ...] = (
    ("秋江夜泊", {"form": "七绝"}),
    ("春晓", {"form": "五绝"}),
    ("登高", {"form": "七律"}),
    ("山居", {"form": "五律"}),
    ("送友人", {"form": "五律"}),
    ("塞上", {"form": "七绝"}),
    ("梅花", {"form": "七绝"}),
    ("夜雨", {"form": "七律"}),
    ("渔父", {"form": "五绝"}),
    ("怀古", {"form": "七律"}),
    ("秋思", {"tune": "浣溪沙"}),
    ("春恨", {"tune": "蝶恋花"}),
    ("中秋", {"tune": "水调歌头"}),
    ("离别", {"tune": "菩萨蛮"}),
    ("西湖", {"tune": "临江仙"}),
    ("江村", {"form": "五排", "length": "10"}),
    ("新年", {"form": "对联"}),
    ("书斋", {"form": "对联"}),
    ("", {"form": "七绝", "acrostic": "春江花月"}),
    ("月夜", {"form": "五律", "first_line": "明月照高楼"}),
)
ENGLISH: tuple[tuple[str, dict[str, str]], ...] = (
    ("autumn river", {"form": "quatrains"}),
    ("winter sea", {"form": "sonnet"}),
    ("moonlight", {"form": "haiku"}),
    ("the old garden", {"form": "ballad"}),
    ("spring rain", {"form": "couplets"}),
    ("a lost friend", {"form": "petrarchan"}),
    ("storm", {"form": "blank"}),
    ("snow", {"form": "haiku"}),
    ("the lighthouse", {"form": "envelope"}),
    ("summer evening", {"form": "paired"}),
    ("a cat", {"form": "limerick"}),
    ("time", {"form": "sonnet"}),
    ("roses", {"form": "quatrains"}),
    ("the road home", {"form": "ballad"}),
    ("stars", {"form": "free"}),
    ("love and death", {"form": "sonnet"}),
    ("birds at dawn", {"form": "couplets"}),
    ("", {"form": "quatrains", "acrostic": "silver rivers"}),
    ("night", {"form": "haiku"}),
    ("the miller", {"form": "limerick"}),
)


def main() -> None:
    print("# Forty poems\n\nEach by the command above it, best of 16, unedited; the seeds were fixed beforehand.")
    for name, asked, language in (("Chinese", CHINESE, "zh"), ("English", ENGLISH, "en")):
        print(f"\n## {name}")
        for seed, (theme, wishes) in enumerate(asked, 1):
            options = [f"--{key.replace('_', '-')} {shlex.quote(value)}" for key, value in wishes.items()]
            words = [
                "muse poem",
                *([shlex.quote(theme)] if theme else []),
                *options,
                f"--lang {language} --seed {seed}",
            ]
            poem = muse.poem(theme, lang=language, seed=seed, **wishes)
            print(f"\n`{' '.join(words)}`\n\n```\n{poem.text()}\n```")


if __name__ == "__main__":
    main()
