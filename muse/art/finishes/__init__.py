"""Surfaces at native resolution: what a small picture becomes on paper, canvas, silk or film."""
