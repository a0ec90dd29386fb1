"""Whether this program and a camera understand each other: each part is tried on the camera itself.

`running.Selftest` runs the checks that `catalogue` lists, `report` keeps what came out. The card is
left as it was: checks work in one folder of their own, which is removed at the end.
"""
