"""Where a picture may come from: the index of training pictures that a bundle carries, and the nearest of them."""

from muse.art.origin.index import NEAREST, NOTHING, Near, Origins, index_of
from muse.art.origin.report import NAME, report
from muse.art.origin.sources import Source

__all__ = ["NAME", "NEAREST", "NOTHING", "Near", "Origins", "Source", "index_of", "report"]
