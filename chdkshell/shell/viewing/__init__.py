"""The live view: in the terminal, in a browser, and as files."""
