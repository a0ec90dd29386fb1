"""What failures mean and what to do next, by the reason that an error carries.

The library says what happened; this is the only place that says what to do about it in the shell's
words. The README's table is made from it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from chdkshell.errors import ChdkShellError, LeftOnCard
from chdkshell.reasons import Reason
from chdkshell.shell.connectionadvice import CONNECTION, Advice
from chdkshell.shell.parse import as_word

_END_IT = "wait for it, or end it with `killscript`"
_LOOK = "`ls` shows what is on the card"
ADVICE: dict[Reason, Advice] = {
    Reason.WRONG_USE: Advice("A command or a call was used wrongly. Nothing was sent."),
    Reason.LOST_BACKSLASH: Advice(
        "Between double quotes a backslash only takes the next character as it is, as in chdkptp.",
        "write '...' in place of \"...\", or / in place of \\",
    ),
    Reason.CANCELLED: Advice(
        "Ctrl-C ended the command; after a second one the next command connects again.",
        message="cancelled",
    ),
    Reason.HOST_FILE: Advice("A file or folder of this computer cannot be read or written."),
    Reason.FILE_HELD: Advice(
        "Windows does not let a file be replaced or removed while another program has it open.",
        "close what may have it open, such as a viewer, or choose another name",
    ),
    Reason.BAD_FILE_NAME: Advice(
        "Windows would write something else under such a name: a hidden stream, or a device.",
        "choose another name; a template can have %H%M or %H.%M for %H:%M",
    ),
    Reason.FILE_EXISTS: Advice(
        "The file that would be written is there.", "or choose another name"
    ),
    Reason.NO_FILE: Advice("The target is a device, a pipe or a socket.", "leave -verify out"),
    Reason.NO_LOCAL_FILE: Advice(
        "What is to be sent is not there.", "name a file of this computer"
    ),
    Reason.FOLDER_AS_FILE: Advice(
        "A folder stands where a file was meant.",
        "`mupload` and `mdownload` copy folders",
    ),
    Reason.NOT_TO_STDOUT: Advice(
        "Standard output takes one file, not several.",
        "name a file or folder; `download FILE -` writes one file there",
    ),
    Reason.INCOMPLETE: Advice(
        "Of many files, some did not arrive; the others are whole.",
        "the same command again tries once more",
    ),
    Reason.MISSING_PACKAGE: Advice(
        "A Python package is missing that only some commands need, such as those for pictures.",
        "install it: `pip install {package}`",
        on=(("linux", "install it: `pip install {package}`, or `sudo apt install {debian}`"),),
    ),
    Reason.NOT_DELETED: Advice(
        "Files arrived whole, but are still on the card.", "`rm` deletes them"
    ),
    **CONNECTION,
    # ---- PTP
    Reason.OPERATION_NOT_LISTED: Advice(
        "A camera lists the PTP operations that it has, and this is none of them.",
        "`ptp ops` lists what it has",
    ),
    Reason.REFUSED: Advice(
        "The camera refused the operation with the response code given.",
        message="…: the camera answered …",
    ),
    Reason.BUSY: Advice(
        "The camera answered DeviceBusy for longer than a new connection waits.",
        "it is busy with something of its own: close its menu, wait a little, and try again",
    ),
    Reason.ANSWER_TOO_LONG: Advice(
        "The camera announced more data than an answer of that kind can have.",
        "once more; if it stays so, this CHDK does not fit the program: `version -p`",
        "the camera announced … bytes where at most … make sense",
    ),
    Reason.DATASET: Advice("What the camera sent is not the dataset that belongs there."),
    # ---- CHDK
    Reason.CHDK: Advice("CHDK could not do it, for the reason given."),
    Reason.NO_CHDK: Advice(
        "The camera does not know CHDK's operation: CHDK was not started.",
        "start CHDK on the camera (play mode, menu, Firm Update), then `reconnect`",
        "the camera does not run CHDK",
    ),
    Reason.EOS: Advice(
        "CHDK is for PowerShots and a few EOS M, and this is an EOS on which it does not run.",
        "`help eos` lists what works without it, and files, `ptp` and `df` do; if there is CHDK "
        "for this model, start it, then `reconnect`",
        "the camera does not run CHDK",
    ),
    Reason.OTHER_MAKER: Advice(
        "CHDK is for cameras of Canon's, and this is another maker's.",
        "`help ptp` lists what any camera can do; files, `df` and `tether` work, too",
        "the camera does not run CHDK, which is for Canon's",
    ),
    Reason.CHDK_TOO_OLD: Advice(
        "The CHDK on the card cannot do this yet.", "a newer CHDK build on the card has it"
    ),
    Reason.NO_CLEAN_KILL: Advice(
        "Before protocol 2.6 CHDK cannot end a script without a risk.",
        "-force kills anyway; crashes are likely",
    ),
    Reason.SCRIPT_FAILED: Advice("A script does not compile, or failed on the camera."),
    Reason.SCRIPT_RUNNING: Advice("The camera runs one script at a time.", _END_IT),
    Reason.SCRIPT_STILL_RUNNING: Advice("The script takes longer than it was given.", _END_IT),
    Reason.NO_SCRIPT: Advice("No script runs that could take the message."),
    Reason.SCRIPT_ENDED: Advice(
        "The script has ended meanwhile.", "it has ended; `getm` shows what it left"
    ),
    Reason.QUEUE_FULL: Advice(
        "The script does not read its messages.",
        "the script has to read messages before more can be sent",
    ),
    Reason.LUA_DATA: Advice("Text that should hold a Lua value does not."),
    Reason.LIVE_VIEW: Advice(
        "A frame of the viewfinder cannot be read.",
        "frames of a camera that changes modes can be broken: try once more",
    ),
    Reason.NOT_A_DUMP: Advice("The file holds no frames.", "`lvdump` makes them"),
    Reason.DNG: Advice(
        "The DNG file is broken, or not of the kind that CHDK makes.",
        "what can be read are whole, uncompressed DNG files as CHDK makes them",
    ),
    # ---- the card
    Reason.CARD: Advice("An operation on the card failed, for the reason given."),
    Reason.NOT_ON_CARD: Advice("There is no such file or folder on the card.", _LOOK),
    Reason.NO_STORAGE: Advice(
        "The camera has no storage of that letter or id, or no card is in it.",
        "`ptp storages` lists them",
    ),
    Reason.NO_MATCH: Advice(
        "No name on the card is like the one with * or ? that was given.",
        "* stands for any letters and ? for one, and a folder for each / between them",
    ),
    Reason.NO_SUCH_FOLDER: Advice(
        "The folder that the file goes into is not there.",
        "does its directory exist? `mkdir` makes one",
    ),
    Reason.CARD_FULL: Advice("The card has no room left.", "make room on the card"),
    Reason.CARD_FULL_OR_LOCKED: Advice(
        "The camera did not write the picture.", f"is the card full or locked? {_LOOK}"
    ),
    Reason.NOT_REPLACED: Advice(
        "Without CHDK a file on the card cannot be replaced by a new one.",
        "delete it first: `rm`",
    ),
    Reason.LEFT_ON_CARD: Advice(
        "A file on the card is not whole, and was not deleted.",
        "it was left there; is the card full?",
    ),
    Reason.WHOLE_CARD: Advice(
        "A path that comes to nothing but A/ means the whole card.",
        "name a folder on it, such as A/DCIM; `rm -all` deletes all",
    ),
    # ---- shooting
    Reason.CAPTURE: Advice(
        "The camera gave no picture, or not all of it.",
        "is the camera in record mode? A longer -shotwait gives slow shots time",
    ),
    Reason.CAPTURE_NOT_WHOLE: Advice(
        "What the camera sent of the picture is not whole.",
        "take the shot again; -raw saves the data as it comes",
    ),
    Reason.CAPTURE_FOREIGN: Advice(
        "The camera offers data that this command did not ask for.",
        "does another script use remote capture? `killscript`, then once more",
    ),
    Reason.SERIES_ENDED: Advice(
        "Every try of a shot lost the camera.",
        "look at the cable or the network, and take the rest in a new row",
    ),
    Reason.CLOCK_UNEVEN: Advice(
        "The camera's tick count contradicts itself: it was set, or the camera is too busy.",
        "measure it once more",
    ),
    Reason.NOT_ALL_READY: Advice(
        "Fewer cameras got ready than have to shoot together: none of them did.",
        "`-min=N` has N of them do",
    ),
    Reason.NOT_TOLD_IN_TIME: Advice(
        "The camera did not answer before the moment of the shot: it was not to fire alone.",
        "a quicker link helps, or a camera less",
    ),
    # ---- refusals of the code that runs on the camera
    Reason.NOT_RECORDING: Advice("The camera is in play mode.", "`rec` switches to it"),
    Reason.SWITCH_FAILED: Advice(
        "The camera did not change between record and play mode in time.",
        "does the camera show a menu or a message? close it, and try again",
    ),
    Reason.NO_SUCH_MODE: Advice(
        "The camera does not have this shooting mode.",
        "`mode P` is one that nearly every camera has",
    ),
    Reason.MODE_REFUSED: Advice(
        "The camera does not take the shooting mode now.",
        "`rec` first; some cameras only take what their dial allows",
    ),
    Reason.NO_PTP_CAPTURE: Advice(
        "Newer PowerShots give their pictures by standard PTP, but take none.",
        "an EOS takes pictures with `eos release`, a Canon with CHDK with `shoot` and `rcapture`",
    ),
    Reason.NO_EOS_PICTURE: Advice(
        "An EOS camera was told to release its shutter, and gave no picture.",
        "is it in focus, and is there room on its card? -timeout=N waits longer",
    ),
    Reason.NO_REMOTE_CAPTURE: Advice(
        "This CHDK cannot send pictures straight to the computer.",
        "`shoot -dl` takes shots to the card and fetches them",
    ),
    Reason.NOT_CONTINUOUS: Advice(
        "The camera's drive mode is not continuous.",
        "set continuous drive in the camera's menu, or use -quick",
    ),
    Reason.NO_HOOK_SHOOT: Advice(
        "This CHDK cannot hold the camera between the shots of a row.",
        "CHDK 1.3 has it; or try without -cont",
    ),
    Reason.CAPTURE_FORMAT: Advice(
        "This camera does not send files of that kind.",
        "leave -craw, -dng or -raw out, or fetch files off the card: `shoot -dl`",
    ),
    Reason.CANON_FORMAT: Advice(
        "The camera does not take the image format that the files need.",
        "choose the image format in the camera's menu, or leave -craw out",
    ),
    Reason.CAPTURE_INIT: Advice(
        "CHDK did not set the capture up.",
        "do -s and -c fit the sensor? does the camera's menu have the format?",
    ),
    Reason.CAPTURE_CANCELLED: Advice(
        "CHDK ended the capture.", "the shot took longer than the camera waits; start again"
    ),
    Reason.NO_COMMAND: Advice(
        "Nothing was asked of the camera for as long as it waits.",
        "start again; -cmdwait=N has the camera wait N seconds",
    ),
    Reason.HOST_GONE: Advice(
        "This program was stopped, or its link stood still, for longer than a script waits.",
        "start again",
    ),
    Reason.HALF_PRESS: Advice(
        "The camera did not get ready after a half press.",
        "can the camera focus? look at light and distance, or give -sd",
    ),
    Reason.SHOT_NOT_READY: Advice(
        "The camera did not get ready after a full press.",
        "can it focus? look at light, distance and the space on the card, or give -sd",
    ),
    Reason.NO_FORMAT_CONTROL: Advice(
        "This CHDK cannot set Canon's image format.", "CHDK 1.5 has it; leave -cfmt out"
    ),
    Reason.NO_CANON_RAW: Advice(
        "The camera has no raw files of its own.",
        "this camera makes no CR2; -dng has CHDK make raw files",
    ),
    Reason.NO_FOCUS_OVERRIDE: Advice(
        "CHDK cannot set the distance in the camera's present mode.",
        "`rec`, then a mode like P (`mode P`); or -sdmode=NONE",
    ),
    Reason.NO_MARKET_ISO: Advice(
        "This CHDK does not know the market ISO.",
        "CHDK 1.3 has it; -sv takes Canon's real ISO instead",
    ),
    Reason.NO_EDGE: Advice(
        "This CHDK was built without what waits for the 5 V on the USB line.",
        "leave -hw out: the cameras then fire by their clocks",
    ),
}


def next_step(error: ChdkShellError, platform: str = sys.platform) -> str:
    """Return what to do about an error: what it says itself, else the step for its reason.

    What came of the call (`notes`) follows.
    """
    step = error.detail or step_for(error.reason, error.data, platform)
    left = map(_fetching, error.left_on_card)
    return "; ".join(filter(None, (step, *error.notes, *left)))


def _fetching(left: LeftOnCard) -> str:
    text = f"{left.path} is still on the card"
    if not left.target:
        return text
    return f"{text}: `download {as_word(left.path)} {as_word(left.target)}` fetches it"


def step_for(
    reason: Reason, data: Mapping[str, str] | None = None, platform: str = sys.platform
) -> str:
    """Return the next step for a reason on a system; `data` fills its gaps."""
    advice = ADVICE[reason]
    step = next((text for name, text in advice.on if platform.startswith(name)), advice.step)
    return step.format_map(data or {})


_IN_THE_TABLE = {"address": "ADDRESS", "host": "HOST", "port": ""}
"""What stands in the README for the data of errors."""

_SYSTEM_NAMES = {"linux": "Linux", "darwin": "macOS", "win32": "Windows"}


def markdown_table() -> str:
    """Return what concerns the connection as a table for the README."""
    rows = [
        f"| {a.message} | {a.meaning} | {_steps(a)} | `{reason.value}` |"
        for reason, a in ADVICE.items()
        if a.message
    ]
    head = ["| message | what it means | what to do | reason |", "|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _steps(advice: Advice) -> str:
    others = [f"{_SYSTEM_NAMES[name]}: {_sentence(step)}" for name, step in advice.on]
    return " ".join([_sentence(advice.step), *others])


def _sentence(step: str) -> str:
    text = step.format_map(_IN_THE_TABLE)
    return f"{text[:1].upper()}{text[1:]}." if text else "Nothing."
