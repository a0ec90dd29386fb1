"""What the result of each command is with --json: one shape, however many arguments it has.

text, number and flag (true or false) are as JSON has them, any is any value, a ? after a shape says
that it may be null, and the name of a command is the shape of its result. `help` shows these, and a
command whose shape is a list gives one always.
"""

from __future__ import annotations

_ENTRY = "{name: text, size: number, mtime: number, attrib: number, is_dir: flag, is_file: flag}"
_FOUND = "{path: text, top: text, depth: number, size: number, mtime: number, is_dir: flag}"
_CAMERA = "{address: text, model: text, serial: text, max_packet_size: number}"
_MEMBER = (
    "{number: number, name: text, model: text, serial: text, address: text, state: text, "
    "is_current: flag, battery: number?, free: number?, clock: number?, clock_bound: number?, "
    "shots: number?, on_card: number}"
)
_COPY = "{source: text, target: text, size: number}"
_KEPT = "{event: text, source: text, target: text, pretended: flag}"
_EVENT = (
    "{event: text, source: text, target: text, size: number, replaced: flag, on_card: flag, "
    "pretended: flag} | "
    f"{_KEPT} | {{event: text, source: text, target: text, message: text, pretended: flag}} | "
    "{event: text, path: text, on_card: flag, pretended: flag} | "
    "{event: text, path: text, ok: flag, message: text, pretended: flag}"
)
_SHOT = (
    "{shot: number, image_number: number, time: text, "
    "exposure: {shutter: number?, aperture: number?, iso: number?}, "
    "files: [{path: text?, format: text, size: number?, card_path: text?, removed: flag}], "
    "patched_pixels: number}"
)
_MESSAGE = "{script_id: number, type: text, value_type: text, value: any}"
_PRINTED = "{printed: text}"
_LUA = f"[{_MESSAGE} | {_PRINTED}]"
_PARAMETER = "name: text, label: text, section: text, kind: text, default: text"
_SCRIPT = (
    "{path: text, title: text, chdk_version: text?, parameters: "
    f"[{{{_PARAMETER}, low: number, high: number}} | {{{_PARAMETER}, values: [text]}}]}}"
)
_LATE_ERROR = "{script_id: number, kind: text, position: text, reason: text, line: number?}"
_CODE = "[{code: number, name: text?}]"
_SETTING = (
    "{code: number, name: text, type: text, value: number | text | [number], words: text, "
    "allowed: text?}"
)
_PROPERTY = (
    "{code: number, name: text, type: text, writable: flag, value: any, default: any, "
    "allowed: text?}"
)
_OBJECT = (
    "{path: text, handle: number, storage: number, format: text, size: number?, protected: flag, "
    "width: number, height: number, thumb_size: number, captured: text, modified: text, "
    "is_dir: flag}"
)
_STORED = "{path: text, handle: number, local: text, size: number}"

SHAPES = {
    "help": "[any]",
    "set": "any",
    "exec": "any",
    "alias": "any",
    "history": "[{number: number, line: text, time: text}]",
    "version": "{host: [number], camera: [number]?, program: text?, libraries: [any]}",
    "list": (
        "[{number: number, status: text, address: text, bus: text, device: text, "
        "vendor_id: number, product_id: number, model: text?, serial: text?, holder: text, "
        "error: text, hint: text, place: text}]"
    ),
    "connect": f"{_CAMERA}?",
    "use": f"{_CAMERA}?",
    "doctor": (
        "[{check: text, ok: flag?, seen: text, mend: text} | "
        "{path: text, rule: text, command: text}]"
    ),
    "selftest": (
        "{passed: number, failed: number, absent: number, seconds: number, ended_early: text, "
        "left: [text], report: text}"
    ),
    **dict.fromkeys(("rig list", "rig connect", "rig load", "rig sync"), f"[{_MEMBER}]"),
    "lua": _LUA,
    "luar": _LUA,
    "getm": f"[{_MESSAGE} | {_PRINTED} | {_LATE_ERROR}]",
    "camscript": f"[{{parameters: any, saved: [text]}} | {_MESSAGE} | {_PRINTED}]",
    "run": f"[{_MESSAGE} | {_PRINTED} | {_SCRIPT}]",
    "lint": (
        "[{file: text, line: number, column: number, severity: text, rule: text, message: text}]"
    ),
    "repl": f"[{{values: [any]}} | {_PRINTED} | {_LATE_ERROR}]",
    "ls": f"[{{path: text, entries: [{_ENTRY}]}}]",
    "upload": f"{_COPY} | {_KEPT}",
    "download": f"[{_COPY} | {_KEPT}]",
    "delete": "[{path: text, ok: flag, message: text, pretended: flag}]",
    "mdownload": f"[{_EVENT}]",
    "mupload": f"[{_EVENT}]",
    "sync": f"[{_EVENT}]",
    "cat": "[{path: text, size: number, data: any}]",
    "edit": "{path: text, changed: flag}",
    "mv": "[{source: text, target: text}]",
    "cp": "[{source: text, target: text}]",
    "df": "{total: number, free: number}",
    "du": "[{path: text, size: number, files: number}]",
    "tree": f"{{top: text, items: [{_FOUND}], with_sizes: flag}}",
    "find": f"[{_FOUND}]",
    "pwd": "text",
    "lls": "[{path: text, names: [text]}]",
    "imdl": f"[{_EVENT}]",
    "imls": f"[{_ENTRY}]",
    "imrm": f"[{_EVENT}]",
    "rmem": (
        "{address: number, size: number, hex: text} | {address: number, size: number, path: text}"
    ),
    "lvdump": "{path: text, size: number, frames: number}",
    "lvdumpimg": (
        "[{number: number, view: text, path: text} | "
        "{frames: number, seconds: number, late: number, dropped: number}]"
    ),
    "mode": "{record: flag, name: text}?",
    "shoot": f"[{_SHOT} | {{code: text}}]",
    "rcapture": f"[{_SHOT}]",
    "rsint": f"[{_SHOT}]",
    "clock": "{before: text?, now: text}?",
    "zoom": "{position: number, steps: number}?",
    "focus": "{distance: number}?",
    "dngload": "{path: text}",
    "dngsave": "{path: text, pretended: flag}",
    "dngunload": "{path: text}",
    "dnglist": "[{number: number, path: text, selected: flag}]",
    "dngsel": "{number: number, path: text}",
    "dnginfo": (
        "{path: text, summary: {width: number, height: number, bits: number, colours: text, "
        "version: text, backward_version: text, software: text, model: text}?, "
        "header: {byte_order: text, magic: number, offset: number}?, "
        "directories: [{name: text, offset: number, tags: "
        "[{name: text, number: number, type: text, count: number, values: [any]}]}]}"
    ),
    "dnghist": "{rows: [[number]], total: number, size: number, form: text}",
    "dnglistpixels": "{total: number, pixels: [[number]], form: text, path: text}",
    "dngmod": "{path: text, pixels: number}?",
    "dngdump": "{files: [{part: text, path: text}], pretended: flag}",
    "dngbatch": (
        "[{path: text} | {command: text} | dnginfo | dnghist | dnglistpixels | dngmod | dngdump | "
        "dngsave]"
    ),
    "ptp info": (
        "{manufacturer: text, model: text, device_version: text, serial_number: text, "
        "PTP_version: text, vendor_extension: text, extension_version: text, extension: text, "
        "functional_mode: text, operations: number, events: number, properties: number, "
        "formats: number}"
    ),
    "ptp ops": _CODE,
    "ptp formats": _CODE,
    "ptp events": "[{seconds: number, event: text, code: number, params: [number]}]",
    "ptp storages": (
        "[{drive: text, id: number, capacity: number, free: number, access: text, "
        "description: text, label: text}]"
    ),
    "ptp props": f"[{_PROPERTY} | {{code: number, name: text, problem: text}}]",
    "ptp prop": _PROPERTY,
    "ptp raw": (
        "{operation: text, response: text, code: number, params: [number], size: number, "
        "file: text?, hex: text?, fields: any}"
    ),
    "ptp objects": f"[{_OBJECT}]",
    "ptp object": _OBJECT,
    "ptp get": f"[{_STORED}]",
    "ptp thumb": _STORED,
    "ptp send": _STORED,
    "ptp mkdir": _STORED,
    "ptp capture": f"[{_STORED}]",
    "eos props": f"[{_SETTING}]",
    "eos prop": _SETTING,
    "eos events": "[{seconds: number, event: text, code: number, about: text, value: text}]",
    "eos release": f"[{_STORED}]",
    "eos liveview": "{frames: number, size: number, files: [text]}",
    "eos firmware": "{file: text, size: number}",
}
"""By the first names of commands; others give null."""


def shape(command: str) -> str:
    """Return the shape of a command's result, "" where it is not described."""
    return SHAPES.get(command, "")


def gives_list(command: str) -> bool:
    """Whether the result of a command is a list, also of one thing or of none."""
    return shape(command).startswith("[")
