"""The screen of the simulated camera, as live view sends it."""
