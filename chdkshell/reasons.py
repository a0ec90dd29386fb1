"""Why something failed, for programs: the reason that every error of the library carries.

The shell says what each means and what to do about it (shell/advice.py), `--json` prints the code.
"""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """A reason code. Its value is what `--json` prints."""

    # ---- this program's own calls
    WRONG_USE = "wrong-use"
    LOST_BACKSLASH = "lost-backslash"
    CANCELLED = "cancelled"
    HOST_FILE = "host-file"
    FILE_HELD = "file-held"
    BAD_FILE_NAME = "bad-file-name"
    FILE_EXISTS = "file-exists"
    NO_FILE = "no-file"
    NO_LOCAL_FILE = "no-local-file"
    FOLDER_AS_FILE = "folder-as-file"
    NOT_TO_STDOUT = "not-to-stdout"
    INCOMPLETE = "incomplete"
    NOT_DELETED = "not-deleted"
    MISSING_PACKAGE = "missing-package"

    # ---- the connection
    NOT_CONNECTED = "not-connected"
    CONNECTION_FAILED = "connection-failed"
    CONNECTION_CLOSED = "connection-closed"
    CANNOT_CONNECT = "cannot-connect"
    NOT_REACHABLE = "not-reachable"
    NOT_A_CAMERA = "not-a-camera"
    NO_DEVICE = "no-device"
    NOT_THERE = "not-there"
    NOT_AT_ITS_PORT = "not-at-its-port"
    SEVERAL_DEVICES = "several-devices"
    ANOTHER_CAMERA = "another-camera"
    TWINS = "twins"
    NO_PERMISSION = "no-permission"
    IN_USE = "in-use"
    NO_DRIVER = "no-driver"
    NO_LIBUSB = "no-libusb"
    CANNOT_OPEN = "cannot-open"
    CAMERA_GONE = "camera-gone"
    NO_ANSWER = "no-answer"
    STUCK = "stuck"
    FRAMING = "framing"
    STALLED = "stalled"
    PORT_TAKEN = "port-taken"
    SOME_CAMERAS = "some-cameras"

    # ---- PTP
    REFUSED = "refused"
    OPERATION_NOT_LISTED = "operation-not-listed"
    BUSY = "busy"
    ANSWER_TOO_LONG = "answer-too-long"
    DATASET = "dataset"

    # ---- CHDK
    CHDK = "chdk"
    NO_CHDK = "no-chdk"
    CHDK_TOO_OLD = "chdk-too-old"
    NO_CLEAN_KILL = "no-clean-kill"
    SCRIPT_FAILED = "script-failed"
    SCRIPT_RUNNING = "script-running"
    SCRIPT_STILL_RUNNING = "script-still-running"
    NO_SCRIPT = "no-script"
    SCRIPT_ENDED = "script-ended"
    QUEUE_FULL = "queue-full"
    LUA_DATA = "lua-data"
    LIVE_VIEW = "live-view"
    NOT_A_DUMP = "not-a-dump"
    DNG = "dng"

    # ---- the card
    CARD = "card"
    NOT_ON_CARD = "not-on-card"
    NO_MATCH = "no-match"
    NO_SUCH_FOLDER = "no-such-folder"
    CARD_FULL = "card-full"
    CARD_FULL_OR_LOCKED = "card-full-or-locked"
    NOT_REPLACED = "not-replaced"
    LEFT_ON_CARD = "left-on-card"
    WHOLE_CARD = "whole-card"

    # ---- shooting
    CAPTURE = "capture"
    CAPTURE_NOT_WHOLE = "capture-not-whole"
    CAPTURE_FOREIGN = "capture-foreign"
    SERIES_ENDED = "series-ended"
    CLOCK_UNEVEN = "clock-uneven"
    NOT_ALL_READY = "not-all-ready"
    NOT_TOLD_IN_TIME = "not-told-in-time"

    # ---- refusals of the code that runs on the camera (chdk/lua)
    NOT_RECORDING = "not-recording"
    SWITCH_FAILED = "switch-failed"
    NO_SUCH_MODE = "no-such-mode"
    MODE_REFUSED = "mode-refused"
    NO_REMOTE_CAPTURE = "no-remote-capture"
    NO_PTP_CAPTURE = "no-ptp-capture"
    NO_EOS_PICTURE = "no-eos-picture"
    NOT_CONTINUOUS = "not-continuous"
    NO_HOOK_SHOOT = "no-hook-shoot"
    CAPTURE_FORMAT = "capture-format"
    CANON_FORMAT = "canon-format"
    CAPTURE_INIT = "capture-init"
    CAPTURE_CANCELLED = "capture-cancelled"
    NO_COMMAND = "no-command"
    HOST_GONE = "host-gone"
    HALF_PRESS = "half-press"
    SHOT_NOT_READY = "shot-not-ready"
    NO_FORMAT_CONTROL = "no-format-control"
    NO_CANON_RAW = "no-canon-raw"
    NO_FOCUS_OVERRIDE = "no-focus-override"
    NO_MARKET_ISO = "no-market-iso"
    NO_EDGE = "no-edge"
