"""The workshop: poems rewritten in part, alternatives for a line or a word, dials, and what the form asked where."""
