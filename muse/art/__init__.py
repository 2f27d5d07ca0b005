"""Covers: the models that paint in the latent space of our own image VAE, the finish, the lettering, the checks."""
