"""What failures of the connection mean and what to do next, on each system."""

from __future__ import annotations

from typing import NamedTuple

from chdkshell.reasons import Reason

UDEV_RULE = 'SUBSYSTEM=="usb", ATTR{idVendor}=="04a9", GROUP="plugdev", MODE="0660", TAG+="uaccess"'
"""The rule that lets whoever sits at a Linux machine open a Canon camera, and the group plugdev.

The group is for sessions without a seat, such as those over ssh. Where there is no such group udev
leaves that term out.
"""

UDEV_RULE_FILE = "/etc/udev/rules.d/70-chdkshell.rules"
"""Where the rule goes: before 73-seat-late.rules, which acts on the tag."""


class Advice(NamedTuple):
    """What a reason means, and the next step.

    `step` follows the message on the same line; `{…}` in it stands for the error's data. `message`
    is how messages with this reason look, with `…` for what differs from case to case: only reasons
    that concern the connection have one, and are listed in the README. `on` has the steps that are
    other ones on other systems, by the beginning of `sys.platform`.
    """

    meaning: str
    step: str = ""
    message: str = ""
    on: tuple[tuple[str, str], ...] = ()


_ONCE_MORE = "once more; if it happens again, switch the camera off and on"

_UDEV = (
    f"put the line {UDEV_RULE} into {UDEV_RULE_FILE}, ".replace("{", "{{").replace("}", "}}")
    + "run `sudo udevadm control --reload`, and plug the camera in again; over ssh your user has "
    "to be in the group plugdev, too"
)

CONNECTION: dict[Reason, Advice] = {
    Reason.NOT_CONNECTED: Advice(
        "The command needs a camera and there is none on USB, or `disconnect` was the last word.",
        "connect a camera first: `connect`, or `connect sim:` to try without one",
        "not connected",
    ),
    Reason.CONNECTION_FAILED: Advice(
        "The system refused a transfer for the reason given.",
        "`reconnect`; if that fails too, unplug the camera and plug it in again",
        message="the USB transfer failed: …",
    ),
    Reason.CONNECTION_CLOSED: Advice(
        "An earlier call failed, and this one was made on the same connection.",
        "`reconnect`",
        "the connection to the camera is broken",
    ),
    Reason.CANNOT_CONNECT: Advice("A connection could not be opened, for the reason given."),
    Reason.NOT_REACHABLE: Advice(
        "Nothing answers at this address of the network.",
        "is the camera on and in this network? `chdkshell sim` starts a simulated one",
        "… cannot be reached: …",
    ),
    Reason.NOT_A_CAMERA: Advice(
        "What answers at this address does not speak PTP/IP.",
        "is this the address of a camera? PTP/IP cameras listen on port 15740",
        "… does not speak PTP/IP: …",
    ),
    Reason.NO_DEVICE: Advice(
        "libusb finds no PTP camera of Canon's, or none like what was asked for. With CHDK's USB "
        "remote on (Enable Remote) a camera takes the cable for a switch, and is not on the bus.",
        "is the camera switched on and plugged in? `list` shows what is there",
        "there is no camera… on USB",
        on=(
            (
                "darwin",
                "is the camera switched on and plugged in, and was it allowed where macOS asks "
                '"Allow accessory to connect?"; `list` shows what is there',
            ),
        ),
    ),
    Reason.NOT_THERE: Advice(
        "The camera that was connected is not on the bus, at no address. Without traffic cameras "
        "sleep after about 30 seconds.",
        "wake it or plug it in, then `reconnect`",
        "… is not there",
    ),
    Reason.NOT_AT_ITS_PORT: Advice(
        "The camera tells no serial number, so it is known only at the port that it hung on.",
        "plug it into that port, or `connect {address}` if that is the one you want",
        "… is not there; … may be another camera, since it has no serial number",
    ),
    Reason.SEVERAL_DEVICES: Advice(
        "Several cameras are like what `connect` was told, and nothing is guessed.",
        "name one, as in `connect usb:BUS:ADDRESS` or `connect usb:serial=…`",
        "… cameras fit: …",
    ),
    Reason.ANOTHER_CAMERA: Advice(
        "The camera that was connected is gone, and only another one is there.",
        "`connect` to it if that is the one you want",
        "another camera answered: … instead of …",
    ),
    Reason.TWINS: Advice(
        "Several cameras have the model and the serial number of the one that was connected.",
        "unplug the others, or `connect` to the one that is meant",
        "… cameras are …, and none is at the port where it was",
    ),
    Reason.NO_PERMISSION: Advice(
        "The system does not let this user open the camera.",
        "let this user read and write the device nodes of the camera",
        "no permission to open the camera at …",
        on=(("linux", _UDEV),),
    ),
    Reason.IN_USE: Advice(
        "Another program has the camera. On desktops of Linux it mostly is gvfs, on a Mac "
        "ptpcamerad.",
        "close the programs that use the camera, such as Canon's or another chdkshell",
        "the camera at … is in use by …",
        on=(
            (
                "linux",
                "usually it is gvfs: `gio mount -s gphoto2` or "
                "`systemctl --user stop gvfs-gphoto2-volume-monitor`; else close gphoto2 or "
                "darktable",
            ),
            (
                "darwin",
                "quit Photos, Image Capture and Preview, then run `killall ptpcamerad` in another "
                "window while `connect` tries, which it does for 5 seconds",
            ),
        ),
    ),
    Reason.NO_DRIVER: Advice(
        "Windows has given the camera to its own driver (or to libusb0 or libusbK without their "
        "library), or another program has opened it.",
        "give it the WinUSB driver with Zadig (https://zadig.akeo.ie); if it has that, close other "
        "programs that use the camera",
        "the camera at … has no driver that programs can use",
    ),
    Reason.NO_LIBUSB: Advice(
        "The library that reaches USB is missing.",
        "install it: `pip install libusb-package`",
        "libusb… cannot be loaded",
        on=(
            (
                "linux",
                "install it: `sudo apt install libusb-1.0-0`, or `pip install libusb-package`",
            ),
            ("darwin", "install it: `pip install libusb-package`, or `brew install libusb`"),
        ),
    ),
    Reason.CANNOT_OPEN: Advice(
        "The system refused to open the device for the reason given.",
        "unplug the camera, plug it in again, and retry",
        "the camera at … could not be opened: …",
    ),
    Reason.CAMERA_GONE: Advice(
        "The camera left the bus. Without traffic cameras sleep after about 30 seconds.",
        "wake or replug the camera, then `reconnect`",
        "the camera went away: unplugged, switched off or asleep",
    ),
    Reason.NO_ANSWER: Advice(
        "The camera took or sent nothing for longer than `set timeout` allows.",
        "`reconnect`; if that fails too, switch the camera off and on",
        "the camera did not react for … seconds",
    ),
    Reason.STUCK: Advice(
        "The camera neither ended a transfer nor reset itself.",
        "unplug the camera, switch it off and on, plug it in again, then `reconnect`",
        "the camera does not recover…",
    ),
    Reason.FRAMING: Advice(
        "What came is not PTP, or not what belongs there: a broken cable, or a camera that is out "
        "of step after a program was killed.",
        "is this a PTP camera? `reconnect` starts over",
        "the camera sent …",
    ),
    Reason.STALLED: Advice(
        "The camera halted an endpoint and gave no reason. The connection goes on.",
        _ONCE_MORE,
        "the camera stopped the transfer (a USB stall)",
    ),
    Reason.NO_SSH: Advice(
        "Addresses that begin with ssh: are reached through OpenSSH, which is not here.",
        "install OpenSSH's client, so that `ssh` runs in a terminal",
        "ssh:… ssh cannot be run: …",
        on=(("linux", "install it: `sudo apt install openssh-client`"),),
    ),
    Reason.SSH_FAILED: Advice(
        "ssh cannot reach the other computer, for the reason that it gives.",
        "try `ssh {port}{host}` in a terminal",
        "ssh:…: …",
    ),
    Reason.SSH_DENIED: Advice(
        "The other computer knows none of your keys, or not this user. Nobody is asked for a "
        "password where several cameras are connected at once.",
        "let it know your key: `ssh-copy-id {port}{host}`; then `ssh {port}{host}` asks nothing",
        "ssh:…: …: Permission denied …",
    ),
    Reason.SSH_HOST_KEY: Advice(
        "The other computer is not known here yet, or shows another key than it did before: it was "
        "set up anew, or it is another one.",
        "`ssh {port}{host}` in a terminal shows its key, and how to forget the old one if the new "
        "one is right",
        "ssh:…: Host key verification failed",
    ),
    Reason.SSH_ENDED: Advice(
        "The connection to the other computer ended: it is off, or the network between is gone.",
        "`reconnect`, once it is there again",
        "ssh:…: the connection ended…",
    ),
    Reason.NO_FAR_CHDKSHELL: Advice(
        "The other computer has no chdkshell, or not where programs are looked for over ssh.",
        "install it there, so that `ssh {port}{host} chdkshell --version` prints a version",
        "ssh:…: there is no chdkshell",
    ),
    Reason.OTHER_VERSION: Advice(
        "chdkshell on the other computer and this one are too far apart to talk.",
        "bring the older one up to date",
        "ssh:…: chdkshell there speaks version …",
    ),
    Reason.FAR_CAMERA: Advice(
        "The camera on the other computer cannot be used; what to do is to be done there.",
        message="ssh:…: …",
    ),
    Reason.PORT_TAKEN: Advice(
        "Another program listens there.",
        "another camera may be there; --port 0 takes any free port",
    ),
    Reason.SOME_CAMERAS: Advice(
        "Of several cameras, some failed; the others did what they were told.",
    ),
}
