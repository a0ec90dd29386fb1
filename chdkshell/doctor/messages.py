"""What the messages about a connection mean, for people to look up.

`…` in a message stands for what differs from case to case. The README's table is made from this.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Message(NamedTuple):
    """A message, what it means, and what to do."""

    text: str
    meaning: str
    mend: str

    def fits(self, text: str) -> bool:
        """Whether `text` is this message."""
        pattern = ".*".join(re.escape(part) for part in self.text.split("…"))
        return re.fullmatch(pattern, text, re.DOTALL) is not None


_REPLUG = "Wake or replug the camera. The next command connects to it again."
_CABLE = "Try another cable and port, without a hub. The next command connects again."
_ONCE_MORE = "The next command connects again, and resets the camera if need be."

MESSAGES = (
    Message(
        "not connected",
        "The command needs a camera and there is none on USB, or `disconnect` was the last word.",
        "Switch the camera on and plug it in; `list` shows what is there, `doctor` why it is not.",
    ),
    Message(
        "not connected, and there are … cameras: …",
        "No camera is connected, and which one is meant is not clear.",
        "`connect` with the number, the serial number or a part of the model.",
    ),
    Message(
        "no matching devices found",
        "No camera on USB is like what `connect` was told.",
        "`list` shows what is there.",
    ),
    Message(
        "there is no camera… on USB",
        "libusb finds no PTP camera of Canon's, or none that fits the address.",
        "Switch the camera on, in play mode; check the cable; then `doctor`.",
    ),
    Message(
        "… cameras fit: …",
        "Several cameras are like what `connect` was told, and nothing is guessed.",
        "`connect` with the number, or with -s and the serial number.",
    ),
    Message(
        "no permission to open the camera at …",
        "The system lets only the administrator use the camera.",
        "`doctor` prints the command that writes the udev rule; then plug the camera in again.",
    ),
    Message(
        "no camera with that name; one could not be asked: …",
        "The only camera that may be meant does not tell its names, for the reason given.",
        "Mend that reason.",
    ),
    Message(
        "the camera at … is in use by …",
        "Another program has the camera's interface. On desktops it mostly is gvfs.",
        "Close that program; `doctor` prints the command for the usual ones.",
    ),
    Message(
        "the camera at … went away",
        "The camera left the bus while it was opened.",
        _REPLUG,
    ),
    Message(
        "the camera went away: unplugged, switched off or asleep",
        "The camera left the bus. Without traffic cameras sleep after about 30 seconds.",
        _REPLUG,
    ),
    Message(
        "… is not there",
        "The camera that was connected is not on the bus, at no address.",
        _REPLUG,
    ),
    Message(
        "… is not there; … may be another camera, since it has no serial number",
        "The camera tells no serial number, so it is known only at the port that it hung on.",
        "Plug it into that port again, or `connect` to the one that is meant.",
    ),
    Message(
        "another camera answered: … instead of …",
        "The camera that was connected is gone, and only another one is there.",
        "`connect` if the other one is meant.",
    ),
    Message(
        "… cameras are …, and none is at the port where it was",
        "Several cameras have the model and the serial number of the one that was connected.",
        "Unplug those that are not meant, or `connect` to the one that is.",
    ),
    Message(
        "the USB transfer failed: the camera or its cable came loose",
        "The hardware reported an error in the middle of a transfer.",
        _CABLE,
    ),
    Message(
        "the USB transfer failed: …",
        "The system refused a transfer for the reason given.",
        _CABLE,
    ),
    Message(
        "the camera did not react for … seconds",
        "The camera took or sent nothing for longer than `set silence` allows.",
        f"{_ONCE_MORE} If it stays silent, switch it off and on.",
    ),
    Message(
        "the camera did not come to the end of its data in time",
        "A cancelled transfer went on, and the camera knows no way to end it.",
        _ONCE_MORE,
    ),
    Message(
        "the camera does not recover, not even by a USB reset",
        "Neither the class request nor a reset of the port brought it back.",
        "Switch it off and on; if need be take out the battery.",
    ),
    Message(
        "the camera stopped the transfer (a USB stall)",
        "The camera halted an endpoint and gave no reason. The connection goes on.",
        "Once more. If it happens again, switch the camera off and on.",
    ),
    Message(
        "the camera refused to go on with the transfer",
        "The camera halted an endpoint, and clearing that did not help.",
        _ONCE_MORE,
    ),
    Message(
        "the camera sent more in one packet than USB allows",
        "Babble: a broken cable or hub, or a camera that is out of step.",
        _CABLE,
    ),
    Message(
        "the camera ended its data … bytes before their end",
        "The camera announced more data than it sent.",
        _ONCE_MORE,
    ),
    Message(
        "the camera answered transaction … where … was asked",
        "The camera is out of step, mostly after a program that was killed.",
        _ONCE_MORE,
    ),
    Message(
        "the camera sent …",
        "What came is not PTP, or not what belongs there.",
        _ONCE_MORE,
    ),
    Message(
        "the camera announced … bytes where at most … make sense",
        "The camera announced more data than an answer of that kind can have.",
        "Once more; if it stays so, this CHDK does not fit: `version` shows the protocols.",
    ),
    Message(
        "…: the camera answered …",
        "The camera refused the operation with the response code given.",
        "GeneralError after a stall: once more.",
    ),
    Message(
        "the camera at … lacks the two bulk endpoints that PTP needs",
        "The descriptors of the device make no sense for a camera.",
        "Replug the camera; check that it is in no other USB mode.",
    ),
    Message(
        "the camera at … has no driver that programs can use",
        "Windows has given the camera to its own driver.",
        "Install the WinUSB driver for it with Zadig.",
    ),
    Message(
        "the camera at … could not be opened: …",
        "The system refused to open the device for the reason given.",
        "Replug the camera, and retry.",
    ),
    Message(
        "libusb… cannot be loaded",
        "The library that reaches USB is missing.",
        "`pip install libusb-package`, or the system's libusb 1.0.",
    ),
    Message(
        "libusb finds no USB on this computer",
        "There is no USB here: a container, or a virtual machine.",
        "Pass USB in; `doctor` says how.",
    ),
    Message(
        "the connection to the camera is broken",
        "An earlier call failed, and this one was made on the same connection.",
        "`reconnect`, in programs `camera.reconnect()`.",
    ),
    Message(
        "cancelled",
        "Ctrl-C ended the command. The connection goes on.",
        "Nothing.",
    ),
    Message(
        "interrupted",
        "A second Ctrl-C broke the command off in the middle.",
        "Nothing: the next command connects again.",
    ),
)


def explain(text: str) -> Message | None:
    """Return what is known about a message, or None."""
    return next((message for message in MESSAGES if message.fits(text)), None)


def markdown_table() -> str:
    """Return all messages as a table for the README."""
    rows = [f"| {m.text} | {m.meaning} | {m.mend} |" for m in MESSAGES]
    return "\n".join(["| message | what it means | what to do |", "|---|---|---|", *rows]) + "\n"
