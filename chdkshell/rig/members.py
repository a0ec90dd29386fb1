"""The cameras of a rig, each with a number that stays and maybe a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.errors import ChdkShellError, LeftOnCard, NotConnectedError
from chdkshell.flow import CancelToken
from chdkshell.reasons import Reason

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.rig.clock import TickClock


class Member:
    """A camera of a rig.

    `number` is its own as long as the rig is there; `name` may be "". `gone` says why it cannot be
    reached, "" while it can: it is looked for then. `clock` is what is known of its clock.
    `left_on_card` are pictures that it took for the rig and that did not come yet.
    """

    def __init__(self, number: int, camera: Camera, name: str = "") -> None:
        self.number = number
        self.camera = camera
        self.name = name
        self.gone = ""
        self.clock: TickClock | None = None
        self.left_on_card: list[LeftOnCard] = []
        self.seeking: CancelToken | None = None
        self.tell_name()

    @property
    def label(self) -> str:
        """The name, or else the number."""
        return self.name or str(self.number)

    def rename(self, name: str) -> None:
        """Give the camera a name, or none with ""."""
        self.name = name
        self.tell_name()

    def tell_name(self) -> None:
        """Have the names of files know the camera as the rig does."""
        self.camera.label, self.camera.number = self.label, self.number

    def check_there(self) -> None:
        """Raise `NotConnectedError` where the camera cannot be reached now."""
        if self.gone:
            error = NotConnectedError(f"the camera is gone: {self.gone}", "it is looked for")
            error.reason = Reason.CAMERA_GONE
            raise error
        if not self.camera.is_connected:
            raise NotConnectedError

    def keep_left(self, error: BaseException) -> None:
        """Note the pictures that an error says are still on the card."""
        if isinstance(error, ChdkShellError):
            self.left_on_card += [
                left for left in error.left_on_card if left not in self.left_on_card
            ]

    def __repr__(self) -> str:
        return f"<camera {self.label}: {self.camera!r}>"
