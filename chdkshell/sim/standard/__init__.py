"""Standard PTP on the simulated camera: objects, device properties, events, and Canon's own."""
