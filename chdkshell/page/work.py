"""What goes on for longer at one camera: its sequence and its script, the present or the last."""

from __future__ import annotations

from chdkshell.page.problems import CallRefusedError
from chdkshell.page.scriptruns import RunsScript, ScriptRun
from chdkshell.page.sequences import Sequence
from chdkshell.page.station import Station
from chdkshell.page.workshapes import SequenceForm


class CameraWork:
    """The sequence and the script of a camera. One of each runs at a time."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self.sequence: Sequence | None = None
        self.script: ScriptRun | None = None

    def start_sequence(self, form: SequenceForm) -> Sequence:
        """Start a sequence. Raises `CallRefusedError` while one runs, and `UsageError`."""
        if self.sequence is not None and not self.sequence.is_over:
            raise CallRefusedError(409, "a sequence runs already: stop it first")
        made = Sequence(self._station, form)
        self.sequence = made
        made.start()
        return made

    def start_script(self, title: str, work: RunsScript) -> ScriptRun:
        """Start a script. Raises `CallRefusedError` where the camera is busy."""
        made = ScriptRun(self._station, title)
        made.start(work)
        self.script = made
        return made

    def stop(self) -> None:
        """End what runs."""
        if self.script is not None:
            self.script.stop()
        if self.sequence is not None:
            self.sequence.stop()
