"""What the simulated camera sees, and the pictures it makes of that: JPEG, raw, DNG, CR2."""
