"""The names of the General MIDI programs, and whether a track is played by the instrument that was asked.

Source: MIDI Association, General MIDI System Level 1, table 2.
"""

from __future__ import annotations

import re
from typing import Any

from muse.music.heard import Voice

NAMES = (
    "Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano", "Honky-tonk Piano", "Electric Piano 1",
    "Electric Piano 2", "Harpsichord", "Clavinet", "Celesta", "Glockenspiel", "Music Box", "Vibraphone", "Marimba",
    "Xylophone", "Tubular Bells", "Dulcimer", "Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ",
    "Reed Organ", "Accordion", "Harmonica", "Tango Accordion", "Acoustic Guitar (nylon)", "Acoustic Guitar (steel)",
    "Electric Guitar (jazz)", "Electric Guitar (clean)", "Electric Guitar (muted)", "Overdriven Guitar",
    "Distortion Guitar", "Guitar Harmonics", "Acoustic Bass", "Electric Bass (finger)", "Electric Bass (pick)",
    "Fretless Bass", "Slap Bass 1", "Slap Bass 2", "Synth Bass 1", "Synth Bass 2", "Violin", "Viola", "Cello",
    "Contrabass", "Tremolo Strings", "Pizzicato Strings", "Orchestral Harp", "Timpani", "String Ensemble 1",
    "String Ensemble 2", "Synth Strings 1", "Synth Strings 2", "Choir Aahs", "Voice Oohs", "Synth Voice",
    "Orchestra Hit", "Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn", "Brass Section", "Synth Brass 1",
    "Synth Brass 2", "Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn", "Bassoon",
    "Clarinet", "Piccolo", "Flute", "Recorder", "Pan Flute", "Blown Bottle", "Shakuhachi", "Whistle", "Ocarina",
    "Square Lead", "Sawtooth Lead", "Calliope Lead", "Chiff Lead", "Charang Lead", "Voice Lead", "Fifths Lead",
    "Bass and Lead", "New Age Pad", "Warm Pad", "Polysynth Pad", "Choir Pad", "Bowed Pad", "Metallic Pad", "Halo Pad",
    "Sweep Pad", "Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi", "Sitar",
    "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai", "Tinkle Bell", "Agogo", "Steel Drums",
    "Woodblock", "Taiko Drum", "Melodic Tom", "Synth Drum", "Reverse Cymbal", "Guitar Fret Noise", "Breath Noise",
    "Seashore", "Bird Tweet", "Telephone Ring", "Helicopter", "Applause", "Gunshot",
)  # fmt: skip
_OTHERS = {
    "strings": "string", "string": "string", "voice": "choir|voice", "choir": "choir|voice", "vocals": "choir|voice",
    "double bass": "contrabass|acoustic bass", "upright bass": "contrabass|acoustic bass", "harp": "harp$",
    "picked bass": r"bass \(pick", "bass guitar": "(electric|fretless|slap) bass", "saxophone": "sax",
    "keyboard": "piano|organ", "synth": "synth|lead|pad", "bandoneon": "accordion", "cor anglais": "english horn",
    "violoncello": "cello", "oud": "sitar", "pipa": "shamisen", "guzheng": "koto", "erhu": "fiddle", "dizi": "flute",
    "xiao": "shakuhachi",
}  # fmt: skip
"""What to look for in place of some names; for instruments that General MIDI lacks, the sound that comes nearest."""
_BASSES = range(32, 40)


def instrument(voice: Voice) -> str:
    """ "Violin", or "Drums"."""
    return "Drums" if voice.drums else NAMES[voice.program % 128]


def fits(voice: Voice, asked: Any) -> bool:
    """Whether a track has the program of a number, or one whose name holds all words asked.

    >>> fits(Voice("Tune", 73, False, ()), "flute"), fits(Voice("Kit", 0, True, ()), "drums")
    (True, True)
    """
    if isinstance(asked, bool):
        return voice.drums == asked
    if isinstance(asked, int):
        return not voice.drums and voice.program == asked
    words = str(asked).strip().lower()
    if words in ("drums", "percussion", "drum kit", "drum set"):
        return voice.drums
    if voice.drums:
        return False
    name = instrument(voice).lower()
    if words == "bass":
        return voice.program in _BASSES or name == "contrabass"
    if words in _OTHERS:
        return re.search(_OTHERS[words], name) is not None
    return all(re.search(rf"\b{re.escape(word)}", name) for word in words.split())
