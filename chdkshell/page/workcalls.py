"""Calls for what goes on for longer: sequences, recordings, scripts, shots of several cameras."""

from __future__ import annotations

import asyncio

from chdkshell.chdk.cardscripts import CardScript, find_on_card, list_scripts, run_script
from chdkshell.chdk.scriptheader import ScriptParameter, ScriptParameterKind
from chdkshell.errors import UsageError
from chdkshell.page.calls import Asked, call
from chdkshell.page.jobs import run
from chdkshell.page.picturecalls import folder_of
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.recording import NO_RECORDING, Recorder
from chdkshell.page.shapes import Done, Nothing, Which
from chdkshell.page.station import Station
from chdkshell.page.together import shoot_together
from chdkshell.page.workshapes import (
    LuaForm,
    ParameterReport,
    RecordingForm,
    RecordingReport,
    ScriptHead,
    ScriptReport,
    ScriptRunForm,
    ScriptSayings,
    SequenceChange,
    SequenceForm,
    SequenceState,
    TogetherForm,
    TogetherReport,
)

# ---- sequences ----------------------------------------------------------------------------------


@call("GET", "/api/cameras/{camera}/sequence")
async def get_sequence(asked: Asked, form: Nothing) -> SequenceState:
    """Tell how far the camera's sequence has come."""
    sequence = asked.room.work_of(asked.station).sequence
    return SequenceState(sequence.report() if sequence else None)


@call("POST", "/api/cameras/{camera}/sequence")
async def start_sequence(asked: Asked, form: SequenceForm) -> SequenceState:
    """Start a sequence. It runs in the program, and goes on when the page is closed."""
    sequence = asked.room.work_of(asked.station).start_sequence(form)
    return SequenceState(sequence.report())


@call("POST", "/api/cameras/{camera}/sequence/change")
async def change_sequence(asked: Asked, form: SequenceChange) -> SequenceState:
    """Pause the sequence, go on with it, or stop it."""
    sequence = asked.room.work_of(asked.station).sequence
    if sequence is None:
        raise CallRefusedError(409, "no sequence runs")
    if form.action == "stop":
        await asyncio.to_thread(sequence.stop)
    else:
        sequence.pause(form.action == "pause")
    return SequenceState(sequence.report())


# ---- recordings ---------------------------------------------------------------------------------


@call("POST", "/api/cameras/{camera}/recording")
async def record_frames(asked: Asked, form: RecordingForm) -> RecordingReport:
    """Record the frames into a file of the folder of this computer, or end that."""
    station, frames = asked.station, asked.station.frames
    running, frames.recorder = frames.recorder, None
    done = running.close() if running else NO_RECORDING
    if form.on:
        frames.recorder = made = Recorder(folder_of(asked), station.number, form.kind)
        done = made.report()
    station.publish("state", station.report().as_json())
    return done


@call("GET", "/api/cameras/{camera}/recording")
async def get_recording(asked: Asked, form: Nothing) -> RecordingReport:
    """Tell how much was recorded."""
    recorder = asked.station.frames.recorder
    return recorder.report() if recorder else NO_RECORDING


# ---- scripts ------------------------------------------------------------------------------------


@call("GET", "/api/cameras/{camera}/scripts", needs_lua=True)
async def get_scripts(asked: Asked, form: Nothing) -> list[ScriptReport]:
    """List the card's scripts."""
    station = asked.station
    camera = station.camera
    found = await run(station, lambda: list_scripts(camera.files, camera.scripts, station.cancel))
    return [ScriptReport(script.path, script.title) for script in found]


@call("GET", "/api/cameras/{camera}/scripts/head", needs_lua=True)
async def get_script(asked: Asked, form: Which) -> ScriptHead:
    """Tell a script's parameters."""
    script = await _script(asked.station, form.path)
    parameters = [_parameter(each) for each in script.header.parameters]
    return ScriptHead(script.path, script.title, parameters)


async def _script(station: Station, path: str) -> CardScript:
    camera = station.camera
    script = await run(
        station, lambda: find_on_card(camera.files, camera.scripts, path, station.cancel)
    )
    if script is None:
        raise CallRefusedError(404, "there is no such script on the card")
    return script


def _parameter(known: ScriptParameter) -> ParameterReport:
    is_number = known.kind is ScriptParameterKind.NUMBER and known.has_bounds
    return ParameterReport(
        name=known.name,
        label=known.label or known.name,
        section=known.section,
        kind=known.kind.value,
        default=known.text(known.default),
        low=known.low if is_number else None,
        high=known.high if is_number else None,
        choices=list(known.words),
    )


@call("POST", "/api/cameras/{camera}/scripts/run", needs_lua=True)
async def run_card_script(asked: Asked, form: ScriptRunForm) -> ScriptSayings:
    """Start a script of the card, with parameters as its menu would set them."""
    station = asked.station
    script = await _script(station, form.path)
    code = script.code(form.values)
    made = asked.room.work_of(station).start_script(
        script.title,
        lambda told, cancel: run_script(station.camera.scripts, code, told, cancel),
    )
    return made.report()


@call("POST", "/api/cameras/{camera}/lua", needs_lua=True)
async def run_lua(asked: Asked, form: LuaForm) -> ScriptSayings:
    """Start Lua on the camera."""
    if not form.code.strip():
        raise UsageError("there is no Lua in it")
    station = asked.station
    made = asked.room.work_of(station).start_script(
        "Lua",
        lambda told, cancel: station.camera.scripts.run(form.code, on_message=told, cancel=cancel),
    )
    return made.report()


@call("GET", "/api/cameras/{camera}/scripts/output", needs_lua=True)
async def get_script_output(asked: Asked, form: Nothing) -> ScriptSayings:
    """Tell what the script has said that was started last."""
    script = asked.room.work_of(asked.station).script
    return script.report() if script else ScriptSayings("", False, [], "")


@call("POST", "/api/cameras/{camera}/scripts/stop", needs_lua=True)
async def stop_script(asked: Asked, form: Nothing) -> Done:
    """Stop the script, by way of its `restore` where it has one."""
    script = asked.room.work_of(asked.station).script
    if script is None:
        raise CallRefusedError(409, "no script runs")
    script.stop()
    return Done("stopping")


# ---- several cameras ----------------------------------------------------------------------------


@call("POST", "/api/together")
async def take_together(asked: Asked, form: TogetherForm) -> TogetherReport:
    """Take a picture with several cameras at the same moment, and tell their spread."""
    numbers = form.cameras or [station.number for station in asked.room.stations]
    stations = [asked.room.station(number) for number in dict.fromkeys(numbers)]
    return await asyncio.to_thread(shoot_together, asked.room, stations)
