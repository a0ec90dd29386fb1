"""Scripts that end without having been asked to: each end is told, and says why."""

import pytest
from support.chdk_model import USER, Model, string

import chdkshell
from chdkshell.chdk.constants import ScriptStatus
from chdkshell.errors import NoScriptError, ScriptError
from chdkshell.shell.advice import next_step


def test_the_end_by_the_shutter_button_is_an_error() -> None:
    camera = Model(string(b"\0chdkshell: ended by a key", USER), polls=2)
    with pytest.raises(ScriptError, match="ended by the shutter button of the camera"):
        camera.scripts.run("while true do sleep(10) end")
    camera.waiting.append(string(b"\0chdkshell: ended by a key", USER))
    (message,) = camera.scripts.drain()
    assert camera.scripts.format_message(message) == (
        "1:error:runtime:ended by the shutter button of the camera"
    )


def test_what_the_firmware_calls_at_the_shutter_button_says_so() -> None:
    with chdkshell.connect("sim:") as camera:
        with pytest.raises(ScriptError, match="ended by the shutter button"):
            camera.scripts.run("restore()")
        assert camera.scripts.call("function restore() return 7 end return restore()") == 7


def test_a_message_for_a_script_that_failed_tells_where_to_look() -> None:
    with chdkshell.connect("sim:") as camera:
        camera.scripts.start("nosuch.x = 1")
        while camera.scripts.status() & ScriptStatus.RUNNING:
            pass
        with pytest.raises(NoScriptError) as failed:
            camera.scripts.send("hello")
        assert "getm" in next_step(failed.value)
        camera.scripts.drain()
        with pytest.raises(NoScriptError) as nothing:
            camera.scripts.send("hello")
        assert not next_step(nothing.value)
