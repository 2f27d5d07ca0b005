"""Whether a poem is new: the index of known lines that a bundle carries, and the certificate of a poem."""

from muse.poem.novelty.certificate import Certificate, Nearest, Shared, certificate, certified
from muse.poem.novelty.index import Index, Known, Record, index_of
from muse.poem.novelty.sources import Source
from muse.poem.novelty.spans import SPAN

__all__ = [
    "SPAN",
    "Certificate",
    "Index",
    "Known",
    "Nearest",
    "Record",
    "Shared",
    "Source",
    "certificate",
    "certified",
    "index_of",
]
