"""Verse in any script, and prose: a model over pieces of words learned from a user's corpus, with no rule of sound."""
