"""Learning from a user's own pictures, from nothing or from a bundle."""
