"""The cameras of one shell: which is the current one, and what is known of its connection."""

from __future__ import annotations

from chdkshell.camera import connect
from chdkshell.shell.connections import Connections


def test_a_camera_that_is_used_was_not_waited_for_in_vain() -> None:
    connections = Connections()
    connections.left = connections.gave_up = True
    with connect("sim:") as camera:
        connections.use(camera)
        assert (connections.left, connections.gave_up) == (False, False)
        assert connections.current is camera
