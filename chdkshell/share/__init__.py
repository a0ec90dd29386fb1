"""Cameras as PTP/IP servers: any camera that can be reached from here, for whoever connects."""
