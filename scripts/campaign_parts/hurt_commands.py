"""Whole commands on a link that changes what passes, to the camera or from it."""

from __future__ import annotations

import random
from collections.abc import Callable

from support.cut_link import content

from campaign_parts.aftermath import cancel_after
from campaign_parts.case import Case
from campaign_parts.checks import check_no_script, check_outcome
from campaign_parts.mutate import changed, changed_number, changed_numbers
from campaign_parts.place import Place
from campaign_parts.recordings import Copy, Links
from campaign_parts.table import all_cases
from chdkshell.flow import NEVER, CancelToken
from chdkshell.ptp.transaction import Request, Response
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.transport import SimTransport
from chdkshell.streams import BytesSource, NullSink, Sink, Source


class ChangingLink(SimTransport):
    """A link to a simulated camera on which some packets are changed: `count` so far."""

    def __init__(
        self, camera: SimCamera, rng: random.Random, often: float, to_camera: bool
    ) -> None:
        super().__init__(camera)
        self._rng, self._often, self._to_camera = rng, often, to_camera
        self.active = False
        self.count = 0

    def transact(
        self,
        request: Request,
        source: Source | None = None,
        sink: Sink | None = None,
        cancel: CancelToken = NEVER,
    ) -> Response:
        if not self.active:
            return super().transact(request, source, sink, cancel)
        if self._to_camera:
            return super().transact(*self._changed_request(request, source), sink, cancel)
        copy = Copy(NullSink())
        response = super().transact(request, source, copy, cancel)
        data = bytes(copy.data)
        if copy.begun and self._hit():
            data = changed(self._rng, data)
        elif self._hit(3):
            response = self._changed_response(response)
        if copy.begun and sink is not None:
            sink.begin(len(data))
            if data:
                sink.write(data)
        return response

    def _hit(self, seldom: int = 1) -> bool:
        hit = self._rng.random() < self._often / seldom
        self.count += hit
        return hit

    def _changed_request(
        self, request: Request, source: Source | None
    ) -> tuple[Request, Source | None]:
        if source is not None:
            sent = b"".join(bytes(part) for part in source.chunks())
            source = BytesSource(changed(self._rng, sent) if self._hit() else sent)
        elif self._hit(3):
            params = changed_numbers(self._rng, request.params)
            request = Request(request.code, request.transaction_id, params)
        return request, source

    def _changed_response(self, response: Response) -> Response:
        code, params = response.code, response.params
        if self._rng.random() < 0.3:
            code = changed_number(self._rng, code) & 0xFFFF
        else:
            params = changed_numbers(self._rng, params)
        return Response(code, response.transaction_id, params)


class HurtCommands:
    """Runs commands on such links. `run` returns which, and how many packets were changed."""

    def __init__(self, place: Place, links: Links) -> None:
        self._place, self._links = place, links
        self._cases = [
            case for case in all_cases() if not case.silent and not case.joins and not case.terminal
        ]

    def run(self, rng: random.Random) -> tuple[str, int]:
        """Run one command. Raises `AssertionError`."""
        case = rng.choices(self._cases, [case.weight for case in self._cases])[0]
        to_camera = rng.random() < 0.4
        place = self._place
        place.set_up(case)
        link = ChangingLink(place.camera, rng, rng.choice((0.03, 0.1, 0.3)), to_camera)
        later: Callable[[], SimTransport] = lambda: SimTransport(place.camera)  # noqa: E731
        self._links.waits, self._links.later = True, later
        self._links.next = lambda: link
        way = "to camera" if to_camera else "from camera"
        try:
            with place.desk() as desk:
                link.active = True
                done = desk.run(case.line, cancel_after(case) or 2.0)
                link.active = False
                check_outcome(done)
                if to_camera or case.leaves_script:
                    place.camera.scripts.kill()
                else:
                    check_no_script(place, after="after its command")
                    _check_pictures(place, case)
                if case.then:
                    desk.run(case.then)
                answer = desk.run("luar return 6*7")
                if not answer.ok:  # the link may have been given up without being looked at
                    answer = desk.run("luar return 6*7")
                assert answer.ok, f"the next command failed: {answer.stderr}"
        except AssertionError as error:
            raise AssertionError(f"{case.line}: {way}, {link.count} changed: {error}") from error
        finally:
            self._links.waits, self._links.later = False, None
        return case.line, link.count


def _check_pictures(place: Place, case: Case) -> None:
    """A picture that is gone from the card is here, in its size; its bytes may be changed ones."""
    if case.files.removed:
        return
    card, here = content(place.card), content(place.folder)
    sizes = {len(data) for data in (*here.values(), *card.values())}
    for name, data in {**case.files.card, **place.taken.files}.items():
        assert name in card or len(data) in sizes, f"{name} is neither on the card nor here"
