"""The screen of a terminal: all of it, pictures on it, and sheets of small ones."""
