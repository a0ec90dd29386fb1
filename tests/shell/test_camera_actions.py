"""Small scripts beside the live view: what becomes of each."""

from __future__ import annotations

from support.chdk_model import USER, Model, failure, integer, string

from chdkshell.chdk.scriptmessages import ENDED_BY_KEY
from chdkshell.errors import ChdkShellError
from chdkshell.lua.values import LuaValue
from chdkshell.shell.viewing.cameraactions import Action, CameraActions


def outcome(camera: Model) -> object:
    """Run an action; return its values, or the text of its error."""
    heard: list[object] = []

    def done(values: tuple[LuaValue, ...]) -> None:
        heard.append(values)

    def failed(error: ChdkShellError) -> None:
        heard.append(str(error))

    actions = CameraActions(camera.scripts)
    assert actions.submit(Action("x", done, failed))
    for _ in range(10):
        actions.step()
    assert not actions.busy
    (what,) = heard
    return what


def test_values_and_errors() -> None:
    assert outcome(Model(integer(7), integer(8), polls=2)) == (7, 8)
    assert outcome(Model(failure(b"boom"))) == "boom"


def test_a_script_that_a_person_ends_at_the_camera_has_failed() -> None:
    ended = Model(string(ENDED_BY_KEY, USER))
    assert outcome(ended) == "ended by the shutter button of the camera"


def test_messages_of_another_script_are_kept() -> None:
    camera = Model(string(b"mine", USER, script_id=1), integer(5, script_id=2), last_id=1)
    assert outcome(camera) == (5,)
    assert [message.value for message in camera.scripts.drain()] == ["mine"]
