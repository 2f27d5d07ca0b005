"""Users' own corpora: files of music of many kinds, to what a composer or a melody VAE learns from."""
