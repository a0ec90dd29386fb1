"""Commands for several cameras at once."""
