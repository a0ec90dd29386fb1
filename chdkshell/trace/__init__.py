"""Traces of the PTP transactions with a camera: as text, or as packets for Wireshark.

A trace lies between session and transport, and only while it is wanted: without one, the session
talks to the transport itself.
"""
