"""Many pictures at once: the grid, what streams into it, and what can be done with it."""
