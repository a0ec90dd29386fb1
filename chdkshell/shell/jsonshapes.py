"""What the result of each command is with --json: one shape, however many arguments it has.

text, number and flag (true or false) are as JSON has them, any is any value, a ? after a shape says
that it may be null. `help` shows these, and a command whose shape is a list gives one always.
"""

from __future__ import annotations

NULL = "null"

_ENTRY = "{name: text, size: number, mtime: number, attrib: number, is_dir: flag, is_file: flag}"
_FOUND = "{path: text, top: text, depth: number, size: number, mtime: number, is_dir: flag}"
_CAMERA = "{address: text, model: text, serial: text, max_packet_size: number}"
_COPY = "{source: text, target: text, size: number}"
_KEPT = "{event: text, source: text, target: text}"
_EVENT = (
    "{event: text, source: text, target: text, size: number, replaced: flag, on_card: flag} | "
    f"{_KEPT} | {{event: text, source: text, target: text, message: text}} | "
    "{event: text, path: text, on_card: flag} | "
    "{event: text, path: text, ok: flag, message: text}"
)
_SHOT = (
    "{shot: number, image_number: number, time: text, "
    "exposure: {shutter: number?, aperture: number?, iso: number?}, "
    "files: [{path: text?, format: text, size: number?, card_path: text?, removed: flag}], "
    "patched_pixels: number}"
)
_MESSAGE = "{script_id: number, type: text, value_type: text, value: any}"

SHAPES = {
    "help": "[any]",
    "set": "any",
    "exec": "any",
    "alias": "any",
    "version": "{host: [number], camera: [number]?, program: text?, libraries: [any]}",
    "list": (
        "[{number: number, status: text, address: text, bus: text, device: text, "
        "vendor_id: number, product_id: number, model: text?, serial: text?, holder: text, "
        "error: text, hint: text, place: text}]"
    ),
    "connect": f"{_CAMERA}?",
    "use": f"{_CAMERA}?",
    "lua": f"[{_MESSAGE}]",
    "luar": f"[{_MESSAGE}]",
    "getm": f"[{_MESSAGE}]",
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
    "imdl": f"[{_EVENT}]",
    "imls": f"[{_ENTRY}]",
    "imrm": f"[{_EVENT}]",
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
    "dngdump": "{files: [{part: text, path: text}], pretended: flag}",
}
"""By the first names of commands; others give null, or what their own help says."""


def shape(command: str) -> str:
    """Return the shape of a command's result, "" where it is not described."""
    return SHAPES.get(command, "")


def gives_list(command: str) -> bool:
    """Whether the result of a command is a list, also of one thing or of none."""
    return shape(command).startswith("[")
