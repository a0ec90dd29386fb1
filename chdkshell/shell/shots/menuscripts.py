"""Scripts of CHDK's menu for commands: read here or on the card, with what the command says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from chdkshell.chdk.menuscript import MenuScript
from chdkshell.chdk.paths import ROOT
from chdkshell.shell.shots import shotrun

if TYPE_CHECKING:
    from chdkshell.shell.context import Context


class MenuFiles:
    """The files that a command names for one script. Raises `HostFileError` and `CardError`.

    `loads` is the file of the card that is to be loaded in the script's place, None for none.
    """

    def __init__(
        self,
        context: Context,
        script: str,
        cfg: str | None,
        template: str | None,
        load: bool | str = False,
    ) -> None:
        self._context = context
        self._source = self._read(script)
        self._settings = None if cfg is None else _text(self._read(cfg))
        self.template = None if template is None else _text(shotrun.read_script(template))
        self.loads: str | None = None
        if load is True:
            self.loads = script if script.startswith(ROOT) else Path(script).name
        elif load:
            self.loads = load

    def _read(self, path: str) -> bytes:
        if path.startswith(ROOT):
            return self._context.camera.files.read(path, cancel=self._context.cancel)
        return shotrun.read_script(path)

    def script(self, given: Iterable[tuple[str, str]]) -> MenuScript:
        """Return the script with the settings, and then the values that are given."""
        script = MenuScript(self._source)
        for problem in script.take_settings(self._settings) if self._settings else ():
            self._context.warn(problem)
        for name, value in given:
            script.choose(name, value)
        return script


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """Return the bytes of a text that was made of a file's."""
    return text.encode("utf-8", "surrogateescape")
