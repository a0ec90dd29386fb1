"""The shell: everything that knows a terminal.

What every batch command loads (parser, declarations, dispatch) uses named tuples where the rest of
the package uses data classes: importing `dataclasses` alone takes longer than bare Python's start.
"""
