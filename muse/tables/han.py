"""Which characters are Chinese."""

from __future__ import annotations

import re

HAN = re.compile("(?:(?![\u4dc0-\u4dff])[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])+")
"""A run of Han characters; the hexagrams between two of their blocks are none."""
