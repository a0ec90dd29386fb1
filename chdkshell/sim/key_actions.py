"""What each key of the simulated camera does in play mode and in record mode.

`ACTIONS` is the whole of it: keys that it does not name do nothing. The shutter's are in
`shutter`.
"""

from __future__ import annotations

from collections.abc import Callable

from chdkshell.sim.movie import MovieStatus
from chdkshell.sim.properties import Prop
from chdkshell.sim.state import CameraState

Action = Callable[[CameraState], None]

PLAY, RECORD = False, True

MAX_PLAY_ZOOM = 10
"""How often a picture can be magnified by one step in play mode; -1 is the index of pictures."""


def _cycle(prop: Prop, *values: int) -> Action:
    """Return what sets a property to the next of `values`, also from one that is none of them."""

    def action(state: CameraState) -> None:
        value = state.prop(prop)
        index = values.index(value) if value in values else -1
        state.set_prop(prop, values[(index + 1) % len(values)])

    return action


def _picture(step: int) -> Action:
    """Return what shows another picture: 1 is the one taken before, -1 the one taken after."""

    def action(state: CameraState) -> None:
        state.shown.picture += step

    return action


def _magnify(step: int) -> Action:
    def action(state: CameraState) -> None:
        state.shown.magnified = max(-1, min(MAX_PLAY_ZOOM, state.shown.magnified + step))

    return action


def _zoom(step: int) -> Action:
    def action(state: CameraState) -> None:
        state.move_zoom(state.zoom + step)

    return action


def _menu(state: CameraState) -> None:
    state.shown.menu = not state.shown.menu


def _whole_picture(state: CameraState) -> None:
    state.shown.magnified = 0


def _movie(state: CameraState) -> None:
    if state.movie.status == MovieStatus.IN_PROGRESS:
        state.movie.stop()
    else:
        state.movie.start()


ACTIONS: dict[bool, dict[str, Action]] = {
    PLAY: {
        "left": _picture(1),
        "right": _picture(-1),
        "set": _whole_picture,
        "display": _cycle(Prop.DISPLAY_MODE, 0, 1, 2),
        "menu": _menu,
        "zoom_in": _magnify(1),
        "zoom_out": _magnify(-1),
    },
    RECORD: {
        "flash": _cycle(Prop.FLASH_MODE, 0, 1, 2),
        "macro": _cycle(Prop.REAL_FOCUS_MODE, 0, 1),
        "timer": _cycle(Prop.TIMER_MODE, 0, 1, 2),
        "display": _cycle(Prop.DISPLAY_MODE, 0, 1),
        "menu": _menu,
        "zoom_in": _zoom(1),
        "zoom_out": _zoom(-1),
        "video": _movie,
    },
}
"""By whether the camera is in record mode, and by key. Display modes: 0 with and 1 without data on
the screen, in play mode 1 with all of them and 2 without. Flash: automatic, on, off. Timer: off,
10 s, 2 s."""


def give_keys(state: CameraState) -> None:
    """Have the camera's keys do what they do."""

    def act(key: str) -> None:
        action = ACTIONS[state.record_mode].get(key)
        if action is not None:
            action(state)

    state.keyboard.on_key = act
