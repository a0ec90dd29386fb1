"""Several cameras as one: their clocks, and shots that all of them take at the same moment.

All of it works on a plain mapping of names to connected cameras.
"""
