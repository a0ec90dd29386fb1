"""Links to a camera: USB, PTP/IP, and the simulated camera in this process."""
