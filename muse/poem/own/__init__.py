"""Users' own corpora: files of many kinds, in any script, to what a poem model learns from."""
