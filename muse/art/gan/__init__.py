"""The conditional GAN that paints covers in the space of the picture VAE."""
