"""A terminal: its keys, all of its screen, pictures on it, and sheets of small ones."""
