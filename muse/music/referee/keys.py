"""Keys: what the file names, the scale of its notes, and what a key finder hears that took no part in writing it."""

from __future__ import annotations

from fractions import Fraction

from muse.music.heard import Heard
from muse.music.referee.names import NAMES, Tonality, tonality
from muse.terms import Kept, Promise

# Shares of scale degrees above the tonic in pieces of known key.
_PROFILES = {
    "major": (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    "minor": (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
_SCALE_SHARE = 0.95
_NEAR = 3


def finder(heard: Heard) -> list[str]:
    """All keys, likeliest first, by the distance of the notes' shares of time to those of known pieces.

    Source: Albrecht & Shanahan 2013, "The Use of Large Corpora to Train a New Type of Key-Finding Algorithm".
    """
    shares = classes(heard)
    total = sum(shares) or 1.0
    distances = []
    for mode, profile in _PROFILES.items():
        for tonic in range(12):
            gap = sum((shares[(tonic + step) % 12] / total - share) ** 2 for step, share in enumerate(profile))
            distances.append((round(gap, 12), f"{NAMES[tonic]} {mode}"))
    return [name for _, name in sorted(distances)]


def classes(heard: Heard) -> list[float]:
    """Quarter notes that each pitch class sounds."""
    shares = [0.0] * 12
    for voice in heard.pitched:
        for sound in voice.sounds:
            shares[sound.pitch % 12] += float(sound.end - sound.start)
    return shares


def signed(heard: Heard) -> Tonality | None:
    """The key that the file names."""
    return tonality(heard.key)


def likeliest(heard: Heard) -> Tonality:
    """The key that the file names, else the one by ear."""
    named = signed(heard) or tonality(finder(heard)[0])
    assert named is not None  # the finder's names are keys
    return named


def promise(heard: Heard, asked: str) -> Promise:
    """Kept: the signature is that of the key and nearly all its time is on the scale.

    In major and minor it depends if the ear hears another key. Modes have the signature of the major or minor key on
    their tonic or with their notes, and must end on their tonic, by which alone they are told apart.
    """
    wanted, named = tonality(asked), signed(heard)
    if wanted is None:
        return Promise("key", asked, "not a key", False)
    inside = total = Fraction(0)
    for voice in heard.pitched:
        for sound in voice.sounds:
            total += sound.end - sound.start
            inside += (sound.end - sound.start) * ((sound.pitch - wanted.tonic) % 12 in wanted.scale)
    share = float(inside / total) if total else 0.0
    ranked = finder(heard)
    told = f"{named or 'no key named'}, {share:.0%} on its scale, by ear {ranked[0]}"
    if not wanted.plain:
        parallel = Tonality(wanted.tonic, "minor" if wanted.minor else "major")
        kept = named is not None and named.signature in (wanted.signature, parallel.signature) and share >= _SCALE_SHARE
        return Promise("key", str(wanted), told, kept)
    place = ranked.index(str(wanted)) + 1
    verdict: Kept = named == wanted and share >= _SCALE_SHARE
    if verdict is True and place > _NEAR:
        verdict = "depends"
    return Promise("key", str(wanted), told + (f" ({wanted} is choice {place})" if place > 1 else ""), verdict)


def last_note(heard: Heard, key: Tonality | None) -> Promise:
    """Whether the last bass note, and so the last chord, stands on the tonic."""
    last = max(sound.end for voice in heard.pitched for sound in voice.sounds)
    final = sorted(sound.pitch for voice in heard.pitched for sound in voice.sounds if sound.end == last)
    if key is None:
        return Promise("ends on the tonic", "the tonic", "the file names no key", "depends")
    found = " ".join(f"{NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in final)
    return Promise("ends on the tonic", NAMES[key.tonic], found, final[0] % 12 == key.tonic)
