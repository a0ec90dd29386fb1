"""What scripts draw, print and ask on the screen (modules/luascript.c, core/console.c)."""

from __future__ import annotations

from chdkshell.sim.api.messages import DAY
from chdkshell.sim.dialogs import Dialog, FileBrowser, TextBox
from chdkshell.sim.display import inks
from chdkshell.sim.lua.api import Api, Args, Caller, Wait
from chdkshell.sim.lua.values import NIL, Result
from chdkshell.sim.shown import Shape

DRAWING = Api()

_BORDER = 0x0F
"""The bits of a thickness that count."""

DRAWING.number("get_gui_screen_width", lambda script: inks.DRAWING[0])
DRAWING.number("get_gui_screen_height", lambda script: inks.DRAWING[1])


def _integers(args: Args, *indices: int) -> list[int]:
    return [args.integer(index) for index in indices]


def _box(args: Args) -> tuple[int, int, int, int]:
    left, top, right, bottom = _integers(args, 1, 2, 3, 4)
    return left, top, right, bottom


@DRAWING.function()
def draw_pixel(script: Caller, args: Args) -> Result:
    """draw_pixel(x, y, colour)"""
    x, y, colour = _integers(args, 1, 2, 3)
    script.state.shown.shapes.append(Shape("line", (x, y, x, y), colour))


@DRAWING.function()
def draw_line(script: Caller, args: Args) -> Result:
    """draw_line(x1, y1, x2, y2, colour)"""
    script.state.shown.shapes.append(Shape("line", _box(args), args.integer(5)))


@DRAWING.function()
def draw_rect(script: Caller, args: Args) -> Result:
    """draw_rect(x1, y1, x2, y2, colour [, thickness])"""
    box, colour, width = _box(args), args.integer(5), args.opt_integer(6, 1) & _BORDER
    script.state.shown.shapes.append(Shape("rectangle", box, colour, width=width))


@DRAWING.function()
def draw_rect_filled(script: Caller, args: Args) -> Result:
    """draw_rect_filled(x1, y1, x2, y2, fill, line [, thickness])"""
    box, (fill, line) = _box(args), _integers(args, 5, 6)
    width = args.opt_integer(7, 1) & _BORDER
    script.state.shown.shapes.append(Shape("rectangle", box, line, fill, width))


def _ellipse(args: Args) -> tuple[tuple[int, int, int, int], int]:
    x, y, a, b, colour = _integers(args, 1, 2, 3, 4, 5)
    return (x - abs(a), y - abs(b), x + abs(a), y + abs(b)), colour


@DRAWING.function()
def draw_ellipse(script: Caller, args: Args) -> Result:
    """draw_ellipse(x, y, a, b, colour)"""
    box, colour = _ellipse(args)
    script.state.shown.shapes.append(Shape("ellipse", box, colour))


@DRAWING.function()
def draw_ellipse_filled(script: Caller, args: Args) -> Result:
    """draw_ellipse_filled(x, y, a, b, colour)"""
    box, colour = _ellipse(args)
    script.state.shown.shapes.append(Shape("ellipse", box, colour, colour))


@DRAWING.function()
def draw_string(script: Caller, args: Args) -> Result:
    """draw_string(x, y, text, colour, background [, xsize [, ysize]])"""
    x, y = _integers(args, 1, 2)
    text = args.string(3).partition(b"\0")[0].decode("utf-8", "replace")
    colour, background = _integers(args, 4, 5)
    across = args.opt_integer(6, 1)
    scale = max(across, 1), max(args.opt_integer(7, across), 1)
    shape = Shape("text", (x, y, x, y), colour, background, text=text, scale=scale)
    script.state.shown.shapes.append(shape)


@DRAWING.function()
def draw_clear(script: Caller, args: Args) -> Result:
    """draw_clear()"""
    script.state.shown.shapes.clear()


# ---- the console --------------------------------------------------------------------------------


@DRAWING.function("cls")
def clear_console(script: Caller, args: Args) -> Result:
    """cls()"""
    script.state.console.clear()


@DRAWING.function()
def set_console_layout(script: Caller, args: Args) -> Result:
    """set_console_layout(x1, y1, x2, y2): corners in letters, from the lower left"""
    script.state.console.lay_out(*_box(args))


@DRAWING.function()
def set_console_autoredraw(script: Caller, args: Args) -> Result:
    """set_console_autoredraw(mode): 1 at once, 0 by console_redraw, -1 print nothing there"""
    script.state.console.drawing = args.integer(1)


@DRAWING.function()
def console_redraw(script: Caller, args: Args) -> Result:
    """console_redraw([force])"""
    args.opt_integer(1, 0)
    script.state.console.redraw()


# ---- questions ----------------------------------------------------------------------------------


def _ask(script: Caller, dialog: Dialog) -> Result:
    """Show a dialog, and wait for what a hand makes of it. Nothing else ends it."""
    shown = script.state.shown
    shown.dialog = dialog

    def answered() -> Result | None:
        if not dialog.done:
            return None
        shown.dialog = None
        return NIL if dialog.answer is None else dialog.answer

    return Wait(script.state.tick_count + DAY, answered, lambda: NIL)


@DRAWING.function()
def textbox(script: Caller, args: Args) -> Result:
    """text or nil = textbox([title [, prompt [, text [, length]]]])"""
    title, prompt = args.opt_string(1, b"Text box"), args.opt_string(2, b"Enter text")
    text, length = args.opt_string(3, b""), args.opt_integer(4, 30)
    words = [part.decode("utf-8", "replace") for part in (title, prompt, text)]
    return _ask(script, TextBox(words[0], words[1], words[2], length))


@DRAWING.function()
def file_browser(script: Caller, args: Args) -> Result:
    """path or nil = file_browser([folder])"""
    folder = args.opt_string(1, b"A").decode("utf-8", "surrogateescape")
    return _ask(script, FileBrowser(script.card, folder))
