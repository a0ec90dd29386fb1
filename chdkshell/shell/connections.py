"""The cameras of one shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.rig.rig import Rig
    from chdkshell.trace.tracer import Tracer


class Connections:
    """The cameras of one shell: the current one, and others that are open or were before.

    `left`: the user disconnected the current one. `gave_up`: it went away, and was waited for in
    vain already. `timeout` is how many seconds a camera may send nothing before a command fails.
    """

    def __init__(self) -> None:
        self.current: Camera | None = None
        self._known: list[Camera] = []
        self._folders: dict[int, tuple[Camera, str]] = {}
        self.left = False
        self.gave_up = False
        self.timeout = 20.0
        self.tracer: Tracer | None = None
        self._made: dict[str, Rig] = {}

    @property
    def rig(self) -> Rig:
        """All cameras that are connected, or are looked for, as one."""
        if not self._made:
            from chdkshell.rig.rig import Rig

            self._made.setdefault("rig", Rig())  # there is one: the prompt's threads ask, too
        rig = self._made["rig"]
        for camera in self._known:
            if camera.is_connected:
                rig.add(camera)
        return rig

    @property
    def made_rig(self) -> Rig | None:
        """The rig, where somebody has asked for it."""
        return self._made.get("rig")

    def beside(self, camera: Camera | None) -> Connections:
        """Return the same connections for whoever works on another camera at the same time."""
        same = Connections()
        same._known, same._folders, same._made = self._known, self._folders, self._made
        same.current, same.timeout, same.tracer = camera, self.timeout, self.tracer
        return same

    @property
    def folder(self) -> str:
        """The folder of the current camera's card in which paths begin, with a "/" at its end.

        It is "" for the top directory.
        """
        return self._folders.get(id(self.current), (None, ""))[1]

    @folder.setter
    def folder(self, path: str) -> None:
        if self.current:
            self._folders[id(self.current)] = self.current, path

    def known(self) -> list[Camera]:
        """Return the cameras that were connected, in the order in which they first were.

        Those on USB are known as long as they are connected: the bus shows where they are then.
        """
        return list(self._known)

    def all(self) -> list[Camera]:
        """Return every camera that is connected, the current one first."""
        current_first = sorted(self.known(), key=lambda camera: camera is not self.current)
        return [camera for camera in current_first if camera.is_connected]

    def use(self, camera: Camera) -> None:
        """Make `camera` the current one. Those that are open stay open beside it."""
        self.left = self.gave_up = False
        self.current = camera
        if self.made_rig is not None:
            self.made_rig.take_place(camera)
        if camera not in self._known:
            self._put_in_place(camera)
        self._known = [
            other
            for other in self._known
            if other is camera or other.is_connected or not other.address.startswith("usb:")
        ]

    def _put_in_place(self, camera: Camera) -> None:
        """Add a camera, in the place of one that was at its address before, where there is one."""
        for index, other in enumerate(self._known):
            if other.address == camera.address and not other.is_connected:
                self._known[index] = camera
                return
        self._known.append(camera)

    def keep(self, camera: Camera) -> None:
        """Know a camera that is open beside the current one."""
        if self.made_rig is not None:
            self.made_rig.take_place(camera)
        if camera not in self._known:
            self._put_in_place(camera)

    def close_current(self) -> None:
        """Disconnect the current camera. It stays known, for `reconnect`."""
        self.left = True
        if self.current:
            if self.made_rig is not None:
                self.made_rig.drop(self.current)
            self.current.close()

    def set_timeout(self, seconds: float) -> None:
        """Set how long cameras may be silent."""
        self.timeout = seconds
        for camera in self.known():
            camera.timeout = seconds

    def trace_to(self, path: str) -> str:
        """Write what goes to and from all cameras to a file from now on; "" ends that.

        Returns why the trace before is not whole, or "". Raises `HostFileError`.
        """
        if self.tracer is None:
            if not path:
                return ""
            from chdkshell.trace.tracer import Tracer

            self.tracer = Tracer()
            for camera in self.known():
                camera.trace(self.tracer)
        if not path:
            return self.tracer.stop()
        from chdkshell.hostnames import expanded

        return self.tracer.start(expanded(path))

    def break_all(self) -> None:
        """Have all calls that are made from now on fail at once."""
        for camera in self.all():
            camera.session.broken = True

    def close_all(self) -> None:
        """Disconnect all cameras."""
        if self.made_rig is not None:
            self.made_rig.stop()
        for camera in self.all():
            camera.close()
