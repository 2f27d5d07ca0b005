"""Facts as data, each file with its source and licence at the top, and a small typed loader for each."""
