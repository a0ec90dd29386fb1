"""Pictures: counters, formats, and the setting up of remote capture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chdkshell.chdk.constants import CaptureData
from chdkshell.sim.lua.api import Api, Args, Caller
from chdkshell.sim.lua.values import Result
from chdkshell.sim.properties import Prop
from chdkshell.sim.settings import CURVE_FILE, CURVE_STATE, RAW_NOISE_REDUCTION

if TYPE_CHECKING:
    from chdkshell.sim.state import CameraState

PICTURES = Api()
CAPTURE = Api()
"""Functions of remote capture."""

JPEG_KILOBYTES = 3000
RAW_KILOBYTES = 24200
"""What a picture is taken to need on the card."""

JPEG_FORMAT, CANON_RAW_FORMAT = 1, 2
"""Bits of the image format (shooting.h)."""

PICTURES.number("get_exp_count", lambda script: script.state.exposure_count)
PICTURES.number("get_image_dir", lambda script: script.state.image_dir)
PICTURES.number("get_canon_image_format", lambda script: script.state.image_format)
PICTURES.number("get_canon_raw_support", lambda script: script.state.canon_raw)
PICTURES.number("get_raw", lambda script: script.state.raw)
PICTURES.number("get_raw_nr", lambda script: script.state.config[RAW_NOISE_REDUCTION])
PICTURES.number("get_raw_support", lambda script: script.state.record_mode)
PICTURES.number("get_imager_active", lambda script: script.state.record_mode)
PICTURES.number("get_video_button", lambda script: True)
PICTURES.number("get_video_recording", lambda script: script.state.filming)
PICTURES.number("get_movie_status", lambda script: script.state.movie.status)
PICTURES.number("get_curve_state", lambda script: script.state.config[CURVE_STATE])
PICTURES.number("get_curve_file", lambda script: script.state.config[CURVE_FILE])
CAPTURE.number("get_usb_capture_support", lambda script: script.state.capture.support)
CAPTURE.number("get_usb_capture_target", lambda script: script.state.capture.target)


@PICTURES.function()
def set_movie_status(script: Caller, args: Args) -> Result:
    """set_movie_status(number): 1 pauses a movie, 2 goes on with it, 3 stops it"""
    script.state.movie.set_status(args.integer(1))


@PICTURES.function()
def get_jpg_count(script: Caller, args: Args) -> Result:
    """count = get_jpg_count(): JPEG files that still fit on the card"""
    return script.card.free_bytes // 1024 // JPEG_KILOBYTES


@PICTURES.function()
def get_raw_count(script: Caller, args: Args) -> Result:
    """count = get_raw_count(): raw files that still fit on the card"""
    return script.card.free_bytes // 1024 // RAW_KILOBYTES


@PICTURES.function()
def set_raw(script: Caller, args: Args) -> Result:
    """set_raw(on)"""
    script.state.raw = args.on_off(1) != 0


@PICTURES.function()
def set_raw_nr(script: Caller, args: Args) -> Result:
    """set_raw_nr(mode)"""
    script.state.config[RAW_NOISE_REDUCTION] = args.integer(1)


@PICTURES.function()
def set_canon_image_format(script: Caller, args: Args) -> Result:
    """done = set_canon_image_format(bits): JPEG alone, unless the camera has Canon's raw, too"""
    bits = args.integer(1)
    both = JPEG_FORMAT | CANON_RAW_FORMAT
    if bits != JPEG_FORMAT and not (script.state.canon_raw and 0 < bits <= both):
        return False
    script.state.image_format = bits
    return True


@CAPTURE.function()
def init_usb_capture(script: Caller, args: Args) -> Result:
    """done = init_usb_capture(bits [, first_line [, lines]]): bits 0 ends remote capture"""
    bits, first, lines = args.integer(1), args.opt_integer(2, 0), args.opt_integer(3, 0)
    state = script.state
    if not state.record_mode or not _format_gives(state, bits):
        state.capture.reset()
        return False
    return state.capture.set_target(bits, first, lines)


def _format_gives(state: CameraState, bits: int) -> bool:
    """Whether the camera makes the files that are asked for, as its image format is set."""
    if bits & CaptureData.CANON_RAW and not state.image_format & CANON_RAW_FORMAT:
        return False
    return not bits & CaptureData.JPEG or bool(state.image_format & JPEG_FORMAT)


@CAPTURE.function()
def set_usb_capture_timeout(script: Caller, args: Args) -> Result:
    """set_usb_capture_timeout([ms]): 0 or less is the default"""
    script.state.capture.timeout = max(args.opt_integer(1, 0), 0)


@PICTURES.function()
def get_orientation_sensor(script: Caller, args: Args) -> Result:
    """degrees = get_orientation_sensor()"""
    return script.state.prop(Prop.ORIENTATION_SENSOR)


@PICTURES.function()
def get_flash_params_count(script: Caller, args: Args) -> Result:
    """count = get_flash_params_count()"""
    return 200
