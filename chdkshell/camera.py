"""The public Python API: a camera, connected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, overload

from chdkshell.api.cameracontrols import CameraControls
from chdkshell.chdk.scripts import MessageHandler
from chdkshell.errors import CaptureError, UsageError
from chdkshell.flow import NEVER, SILENT, CancelToken, Progress
from chdkshell.lua.values import LuaValue

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.api.cardpath import CardPath
    from chdkshell.api.events import CameraEvent
    from chdkshell.api.frames import LiveFrame
    from chdkshell.api.scripthandle import ScriptHandle
    from chdkshell.chdk.shooting.capture import CapturedShot, CaptureRequest
    from chdkshell.chdk.shooting.cardpictures import CanonFormat
    from chdkshell.chdk.shooting.exposure import Exposure
    from chdkshell.chdk.shooting.series import CardShot, ShotListener
    from chdkshell.trace.tracer import Tracer


def connect(
    address: str = "usb:",
    *,
    timeout: float | None = None,
    tracer: Tracer | None = None,
    cancel: CancelToken = NEVER,
) -> Camera:
    """Connect to a camera and return it.

    `address` is `usb:` (the only one on USB), `usb:001:004` (bus and device), `usb:serial=...`,
    `ip:192.168.1.20`, `ip:host:port`, `ssh:user@host` (the one on USB there, where chdkshell is
    installed, too), or `sim:` (a simulated camera in this process). `timeout` is how many seconds
    the camera may send nothing before a call fails. `tracer` writes what goes to and from the
    camera while it is switched on. Raises `UsageError` for what is no address, and `ConnectError`
    with the reason.
    """
    return Camera(address, timeout=timeout, tracer=tracer, cancel=cancel)


class Camera(CameraControls):
    """A connected camera. Use it in a `with` statement, or `close` it.

    - `lua` runs Lua on the camera and returns what it returns
    - `files` lists, reads, copies and removes what is on the card, whole trees too
    - `path` is a path on the card, used like one of `pathlib`
    - `mode`, `zoom`, `focus`, `clock`, `props` and `config` are the camera's controls
    - `frames` gives what its screen shows
    - `shoot` takes pictures to the card, `capture` straight to this computer
    - `scripts` starts, feeds and kills scripts, and reads their messages
    - `protocol` has the single commands of CHDK, `session` the PTP transactions below them

    A camera without CHDK can be connected, too: `chdk_version` is then None, `files` work over
    standard PTP, and what needs CHDK raises `NoChdkError`.

    >>> cam.lua("return 6*7, {mode=get_mode()}")
    (42, {'mode': False})
    """

    @overload
    def lua(
        self,
        code: str | bytes,
        timeout: float | None = None,
        *,
        libraries: Sequence[str] = (),
        on_message: MessageHandler | None = None,
        wait: Literal[True] = True,
        cancel: CancelToken = NEVER,
    ) -> LuaValue | tuple[LuaValue, ...]: ...

    @overload
    def lua(
        self, code: str | bytes, *, libraries: Sequence[str] = (), wait: Literal[False]
    ) -> ScriptHandle: ...

    def lua(
        self,
        code: str | bytes,
        timeout: float | None = None,
        *,
        libraries: Sequence[str] = (),
        on_message: MessageHandler | None = None,
        wait: bool = True,
        cancel: CancelToken = NEVER,
    ) -> LuaValue | tuple[LuaValue, ...] | ScriptHandle:
        """Run Lua code on the camera, wait for it, and return what it returns.

        One value comes as it is, several as a tuple, none as None; `lua.values` has the types.
        `timeout` is in seconds. `on_message` gets what the script sends with write_usb_msg. Without
        `wait` the script is started only: what comes back is a `ScriptHandle`. Raises
        `ScriptError`, which tells the line of `code`, `ScriptRunningError` and
        `ScriptTimeoutError`.

        >>> cam.lua("return get_zoom()")
        0
        """
        if wait:
            return self.scripts.call(
                code, timeout=timeout, libraries=libraries, on_message=on_message, cancel=cancel
            )
        from chdkshell.api.scripthandle import ScriptHandle

        return ScriptHandle(self.scripts, self.scripts.start(code, libraries=libraries))

    def path(self, path: str = "A/") -> CardPath:
        """Return a path on the card, which is used like one of `pathlib`.

        Raises `UsageError` for what is no path.

        >>> cam.path("A/DCIM/100CANON/IMG_0001.JPG").stat().size
        17117
        """
        from chdkshell.api.cardpath import CardPath

        return CardPath(lambda: self.files, path)

    def frames(
        self, fps: float = 10.0, *, overlay: bool = False, cancel: CancelToken = NEVER
    ) -> Iterator[LiveFrame]:
        """Yield what the camera's screen shows, `fps` times a second (0: as fast as it can).

        It goes on until the caller stops asking; a caller that is slower gets fewer frames.
        `overlay` has what the camera draws over the picture. Raises `UsageError`,
        `ChdkVersionError`, `LiveViewError` and `TransportError`.

        >>> next(cam.frames()).numpy().shape
        (540, 720, 3)
        """
        from chdkshell.api.frames import live_frames

        if not 0 <= fps <= 1000:
            raise UsageError(f"invalid rate {fps}", "frames a second, from 0 to 1000")
        return live_frames(self.protocol, fps, overlay, cancel)

    def next_event(self, seconds: float = 0.0) -> CameraEvent | None:
        """Wait up to `seconds` for what the camera tells by itself; None where nothing came.

        Raises `TransportError`.
        """
        from chdkshell.api.events import typed

        event = self.session.next_event(seconds)
        return None if event is None else typed(event)

    def shoot(
        self,
        exposure: Exposure | None = None,
        *,
        shots: int = 1,
        interval: float = 0.0,
        raw: bool | None = None,
        dng: bool | None = None,
        canon_format: CanonFormat | None = None,
        download: str | Path | None = None,
        remove: bool = False,
        record: bool = False,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> list[CardShot]:
        """Take pictures to the card, in record mode; return what came of each shot.

        `record` switches to record mode first, and leaves the camera there. What is None stays as
        it is on the camera. The n-th shot is due n times `interval` seconds after the first; a row
        survives a camera that drops off the bus. `raw` and `dng` switch CHDK's raw files.
        `download` is where files go here: a folder with "/" at its end, or a template like
        "${shotseq}${ext}" (`chdk.templates.variables.SHOOT`). `remove` deletes each file from the
        card once it is safe here. `listener` hears of drop-outs and files. Raises `UsageError`,
        `ChdkError`, `HostFileError` and `TransportError`.

        >>> (shot,) = cam.shoot(Exposure.of(shutter=1 / 100), download="shots/", record=True)
        >>> shot.downloads[0].name
        'IMG_0102.JPG'
        """
        from chdkshell.chdk.shooting.cardpictures import CardShotSettings
        from chdkshell.chdk.shooting.cardseries import CardSeries
        from chdkshell.chdk.shooting.destinations import DownloadDestination
        from chdkshell.chdk.shooting.exposure import Exposure

        destination = None
        if download is not None:
            destination = DownloadDestination(str(download), self.naming)
        if record:
            self.switch_mode(True, cancel)
        return CardSeries(
            self,
            CardShotSettings(exposure or Exposure(), raw, dng, canon_format),
            shots,
            interval,
            destination=destination,
            remove=remove,
            listener=listener,
            progress=progress,
            cancel=cancel,
        ).run()

    def capture(
        self,
        destination: str | Path | None = None,
        exposure: Exposure | None = None,
        *,
        files: CaptureRequest | None = None,
        shots: int = 1,
        interval: float = 0.0,
        cont: bool = False,
        quick: bool = False,
        record: bool = False,
        listener: ShotListener | None = None,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> list[CapturedShot]:
        """Take pictures straight to this computer, in record mode; return each shot's files.

        `destination` is a folder (one that exists, or with "/" at its end), a template, or a name
        without suffix. `files` says which are fetched, else a JPEG. `cont` (the camera's continuous
        drive, if it is set so) or `quick` (half pressed between the shots) may hurry a row. All
        else is as with `shoot`. `CaptureError` names the files of a failed shot that are complete.

        >>> (shot,) = cam.capture("a", files=CaptureRequest(raw=True), record=True)
        >>> [file.path.name for file in shot.files]
        ['a.raw']
        """
        from chdkshell.chdk.shooting.capture import CaptureRequest
        from chdkshell.chdk.shooting.captureseries import CaptureSeries
        from chdkshell.chdk.shooting.capturesession import CapturePlan
        from chdkshell.chdk.shooting.destinations import CaptureDestination
        from chdkshell.chdk.shooting.exposure import Exposure

        text = None if destination is None else str(destination)
        if record:
            self.switch_mode(True, cancel)
        return CaptureSeries(
            self,
            files or CaptureRequest(),
            CapturePlan(exposure or Exposure(), shots, interval, cont, quick),
            CaptureDestination(text, self.naming),
            listener=listener,
            progress=progress,
            cancel=cancel,
        ).run()

    def capture_bytes(
        self,
        exposure: Exposure | None = None,
        *,
        files: CaptureRequest | None = None,
        record: bool = False,
        progress: Progress = SILENT,
        cancel: CancelToken = NEVER,
    ) -> bytes:
        """Take a picture and return its file as bytes: a JPEG, or what `files` asks for.

        Raises what `capture` does, and `UsageError` where `files` asks for several.

        >>> cam.capture_bytes(record=True)[:2]
        b'\\xff\\xd8'
        """
        from tempfile import TemporaryDirectory

        if files and sum((files.jpg, files.canon_raw, files.raw, files.dng_header, files.dng)) > 1:
            raise UsageError("several kinds of files cannot be one", "ask for one kind")
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            (shot,) = self.capture(
                f"{folder}/",
                exposure,
                files=files,
                record=record,
                progress=progress,
                cancel=cancel,
            )
            if len(shot.files) != 1:
                raise CaptureError(shot.problem or f"the shot came as {len(shot.files)} files")
            return shot.files[0].path.read_bytes()
