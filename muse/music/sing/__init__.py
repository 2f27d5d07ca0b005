"""The poem sung: its lyrics become the exact rhythm of a tune, and what its pitches must keep."""

from muse.music.sing.setting import TONES, Setting, setting
from muse.music.sing.underlay import report, underlaid

__all__ = ["TONES", "Setting", "report", "setting", "underlaid"]
