"""What templates may hold, for help and completion: `${name}` and the string functions.

The names stand here a second time, beside `chdkshell.chdk.templates.variables` where their values
and formats are: help is shown without loading what runs on a camera. A test compares both.
"""

from __future__ import annotations

from chdkshell.shell.arguments import PathType

FUNCTIONS = ("s_format", "s_sub", "s_upper", "s_lower", "s_reverse", "s_rep", "s_match", "s_gsub")

_CAMERA = ("serial", "pid", "camera", "id")
_CLOCK = ("ldate", "lts", "lms")
_FILE_TIME = ("mdate", "mts")
_NAME = ("name", "basename", "ext", "imgnum", "imgpfx")
_DIRECTORY = ("subdir", "dirnum", "dirmonth", "dirday")
_SHOT = ("shotseq", "imgfmt")


class TemplateType(PathType):
    """A text that may have `${name}` for each of `variables`, and the string functions."""

    is_made = True

    def __init__(self, hint: str, *variables: str) -> None:
        super().__init__(hint)
        self.names = (*variables, *FUNCTIONS)

    @property
    def notes(self) -> str:
        import textwrap

        names = ", ".join(f"${{{name}}}" for name in self.names)
        return "\n".join(textwrap.wrap(f"these stand for each file: {names}."))

    def complete(self, prefix: str) -> list[str]:
        before, begins, name = prefix.rpartition("${")
        if not begins:
            return []
        return [f"{before}${{{known}}}" for known in self.names if known.startswith(name)]


IMAGES = TemplateType(
    "name", *_CAMERA, *_CLOCK, "dlseq", "shotseq", *_FILE_TIME, *_NAME, *_DIRECTORY
)
FILES = TemplateType(
    "path", *_CAMERA, *_CLOCK, *_FILE_TIME, "name", "basename", "ext", "reldir", "dir"
)
SHOOT = TemplateType("dest", *_CAMERA, *_CLOCK, *_NAME, *_DIRECTORY, *_SHOT)
CAPTURE = TemplateType("dest", *_CAMERA, *_CLOCK, *_NAME, *_SHOT)
FRAMES = TemplateType("dest", *_CAMERA, "date", "frame", "time")
SCAN = TemplateType("name", "page", *_CAMERA, *_CLOCK, *_NAME, *_DIRECTORY, *_SHOT)
