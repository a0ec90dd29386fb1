"""Ways to the simulated camera: in process, by PTP/IP, and as a USB device."""
