"""A camera that is busy just after it was connected is asked again, and then it is explained."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.shooting_shell import ShootingShell, shooting_shell

from chdkshell import link
from chdkshell.errors import Cancelled
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp import session
from chdkshell.ptp.codes import ResponseCode
from chdkshell.ptp.session import Session
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces import transport
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import Sink, Source


class Busy:
    """How many transactions are still refused, and how many were."""

    def __init__(self) -> None:
        self.left = 0
        self.refused = 0


class BusyLink(SimTransport):
    """A link to a camera that is busy."""

    def __init__(self, camera: SimCamera, busy: Busy) -> None:
        super().__init__(camera)
        self._busy = busy

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        if self._busy.left:
            self._busy.left -= 1
            self._busy.refused += 1
            return Response(ResponseCode.DEVICE_BUSY, request.transaction_id)
        return super().transact(request, source, sink, cancel)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Busy:
    busy = Busy()
    monkeypatch.setattr(
        link, "open_transport", lambda address, cancel: BusyLink(transport._cameras[address], busy)
    )
    monkeypatch.setattr(session, "FIRST_PAUSE", 0.001)
    return busy


@pytest.fixture
def shell(busy: Busy, tmp_path: Path) -> Iterator[ShootingShell]:
    with shooting_shell(tmp_path / "card") as shell:
        yield shell


@pytest.mark.parametrize("times", [1, 4])
def test_it_is_asked_again(shell: ShootingShell, busy: Busy, times: int) -> None:
    busy.left = times
    ok, _, err = shell.try_("reconnect")
    assert ok, err
    assert busy.refused == times
    shell.run("luar return 1")


def test_the_pauses_grow(busy: Busy, shell: ShootingShell, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(session, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(CancelToken, "wait", lambda self, seconds: pauses.append(seconds))
    shell.camera.close()
    busy.left = 6
    shell.camera.reconnect()
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0]


def test_in_the_end_it_is_explained(
    shell: ShootingShell, busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = itertools.accumulate(itertools.repeat(1.0))
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: next(now)))
    monkeypatch.setattr(session, "BUSY_SECONDS", 10.5)
    busy.left = 10_000
    assert shell.fail("reconnect -wait=0") == (
        "ERROR: OpenSession: the camera answered DeviceBusy (0x2019); it is busy with something of "
        "its own: close its menu, wait a little, and try again"
    )
    assert busy.refused > 2
    busy.left = 0
    ok, _, err = shell.try_("luar return 1")
    assert ok, err


def test_later_it_is_not_asked_again(
    shell: ShootingShell, busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.camera.session._patient_until = 0.0
    busy.left = 1
    assert shell.fail("luar return 1").startswith(
        "ERROR: Device Busy: the camera was asked to run a script; it is busy with something"
    )


def test_ctrl_c_ends_the_asking(busy: Busy, shell: ShootingShell) -> None:
    class Impatient(CancelToken):
        def wait(self, seconds: float) -> None:
            self.set()
            super().wait(seconds)

    busy.left = 10_000
    made = Session(BusyLink(shell.sim, busy))
    with pytest.raises(Cancelled):
        made.open(Impatient())
