"""Music: pieces in ticks, their codec, the composer, the melody VAE, and everything that reads or writes them."""
