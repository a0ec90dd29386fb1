"""One line for several cameras, each in a thread and a shell of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from chdkshell import waits
from chdkshell.errors import Cancelled, ChdkShellError
from chdkshell.reasons import Reason
from chdkshell.rig.results import RigResult, RigResults
from chdkshell.rig.together import in_parallel
from chdkshell.shell.many.checks import check_line
from chdkshell.shell.many.output import MemberRenderer, Turns
from chdkshell.shell.prefs import SHOT_SEQUENCE

if TYPE_CHECKING:
    from chdkshell.rig.members import Member
    from chdkshell.shell.context import Context, MemberShell

YES_OR_NO = "? [y/N] "
"""The end of a question that can be put for several cameras at once."""


@dataclass(slots=True)
class _Question:
    """A question that a camera's thread has for the user, and what came of it."""

    index: int
    label: str
    text: str
    answered: threading.Event = field(default_factory=threading.Event)
    answer: str = ""
    error: BaseException | None = None


class ManyRun:
    """A line on its way to several cameras."""

    def __init__(self, context: Context, members: Sequence[Member], line: str) -> None:
        self._context = context
        self._members = members
        self._line = line
        self._turns = Turns(context.renderer, [member.label for member in members])
        self._questions: deque[_Question] = deque()
        self._busy: set[int] = set()  # those that may come to a question without more being done
        self._wake = threading.Event()
        self._makes_files = False
        self._shells: list[tuple[MemberShell, MemberRenderer]] = []

    def run(self) -> RigResults[None]:
        """Run the line on all cameras, and return the error of each that failed."""
        self._makes_files = check_line(self._line, self._context.registry, self._members)
        for index, member in enumerate(self._members):
            prefs = self._context.prefs.beside()
            renderer = MemberRenderer(prefs, self._turns, index, member)
            ask = partial(self._ask, index) if self._context.ask else None
            self._shells.append((self._context.beside(member, renderer, ask), renderer))
        rig = self._context.connections.rig
        if not self._makes_files:  # else one may wait for another to leave its USB bus
            self._busy.update(range(len(self._members)))
        try:
            came = in_parallel(
                [partial(self._run_one, index) for index in range(len(self._members))],
                partial(rig.break_off, self._members),
                self._wake,
                self._answer_all,
            )
        finally:
            self._turns.close()
        results: list[RigResult[None]] = []
        for member, error in zip(self._members, came, strict=True):
            if error is not None and not isinstance(error, Exception):
                raise error
            rig.heed(member, error)
            results.append(RigResult(member, None, error))
        self._count_shots()
        return RigResults(results)

    def _run_one(self, index: int) -> Exception | None:
        shell, renderer = self._shells[index]
        try:
            with self._lane(self._members[index]):
                self._busy.add(index)
                if shell.run(self._line) or shell.error is None:
                    return None
            error = shell.error
            return error if isinstance(error, Exception) else Cancelled()
        finally:
            self._busy.discard(index)
            renderer.end()
            self._turns.ended(index)

    def _lane(self, member: Member) -> AbstractContextManager[object]:
        """Return what holds a camera back that others of its USB bus leave no room for."""
        if not self._makes_files or not member.camera.is_connected:
            return nullcontext()
        return self._context.connections.rig.lane(member)

    def _count_shots(self) -> None:
        """Go on with ${shotseq} after the highest that a camera has come to."""
        prefs = self._context.prefs
        reached = [shell.context.prefs.number(SHOT_SEQUENCE) for shell, _ in self._shells]
        prefs.set(SHOT_SEQUENCE, str(max([prefs.number(SHOT_SEQUENCE), *reached])))

    # ---- questions: the main thread has the terminal ----

    def _ask(self, index: int, text: str) -> str:
        question = _Question(index, self._members[index].label, text)
        self._questions.append(question)
        self._busy.discard(index)
        self._wake.set()
        waits.until(question.answered.wait, None, self._context.cancel.check, waits.LOOK_SECONDS)
        if question.error is not None:
            raise question.error
        return question.answer

    def _answer_all(self) -> None:
        """Put what is asked to the user, once for all cameras, when all have come to it."""
        if self._busy:
            return
        asked = sorted(self._questions, key=lambda question: question.index)
        self._questions.clear()
        joint = [question for question in asked if question.text.endswith(YES_OR_NO)]
        if joint:
            self._answer(joint)
        for question in asked:
            if question not in joint:
                self._answer([question])

    def _answer(self, questions: list[_Question]) -> None:
        answer = ""
        error: BaseException | None = None
        try:
            self._context.cancel.check()
            assert self._context.ask
            answer = self._context.ask(_wording(questions))
        except KeyboardInterrupt:
            self._context.cancel.set()
            error = Cancelled()
        except (ChdkShellError, EOFError) as raised:
            error = raised
        for question in questions:
            question.answer, question.error = answer, error
            self._busy.add(question.index)
            question.answered.set()


def _wording(questions: list[_Question]) -> str:
    """Return one question for those of several cameras."""
    labels: dict[str, list[str]] = {}
    for question in questions:
        labels.setdefault(question.text, []).append(question.label)
    whole = [f"{', '.join(who)}{', each' * (len(who) > 1)}: {text}" for text, who in labels.items()]
    if len(whole) == 1:
        return whole[0]
    return "\n".join([*(each.removesuffix(YES_OR_NO) for each in whole), f"all of that{YES_OR_NO}"])


def some_failed(results: RigResults[Any]) -> ChdkShellError:
    """Return the error that tells what came of a line for several cameras."""
    return ChdkShellError(results.summary, reason=Reason.SOME_CAMERAS)
