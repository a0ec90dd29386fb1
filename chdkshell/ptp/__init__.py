"""The Picture Transfer Protocol (ISO 15740): codes, datasets, sessions."""
