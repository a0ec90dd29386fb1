"""Shooting: exposure, pictures to the card, remote capture, time lapse."""
