"""Pixels: live view frames, raw frame buffers and DNG files. Knows no camera."""
