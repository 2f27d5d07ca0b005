"""The training floor: one loop for every kind of model, which it knows only as an Objective with its Feed."""
