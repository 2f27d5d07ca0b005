"""Whether music is new: the index of known melodies that a bundle carries, and the longest match of a piece."""

from muse.music.copied.figures import Line, line_of, lines_of
from muse.music.copied.index import MOST, NOTHING, Copies, Match, index_of
from muse.music.copied.part import LEAST
from muse.music.copied.report import report
from muse.music.copied.sources import Source

__all__ = ["LEAST", "MOST", "NOTHING", "Copies", "Line", "Match", "Source", "index_of", "line_of", "lines_of", "report"]
