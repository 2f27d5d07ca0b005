"""What is true of a finished cover, read from its file."""
