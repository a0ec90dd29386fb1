"""Standard PTP with any camera: objects, properties, events, capture, and Canon's own."""
