"""CHDK over PTP: operation 0x9999 and what is built on it."""
