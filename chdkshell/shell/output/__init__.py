"""How results look: plain text, tables for a terminal, JSON."""
