"""The Help page: the manual, the shortcuts, what this installation is and whether it works, and about Whisker."""
