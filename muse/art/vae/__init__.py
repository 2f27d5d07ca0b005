"""The picture VAE: one space to edit, morph and restyle in."""
