"""Messages between scripts and this computer: sizes, order, bytes, and how many wait."""

from __future__ import annotations

import time

from chdkshell.chdk.constants import SCRIPT_QUEUE_LENGTH, ScriptStatus
from chdkshell.chdk.transfersizes import is_risky
from chdkshell.errors import QueueFullError
from chdkshell.selftest.bench import SCRIPT_SECONDS, Bench
from chdkshell.selftest.checks import Trial
from chdkshell.selftest.outcomes import require, require_bytes

SIZES = (1, 2, 3, 11, 12, 13, 52, 63, 64, 100, 499, 500, 501, 1012, 2000, 5000, 20000)
"""Bytes of messages. With its header of 12 bytes one of 52 or 500 is a full packet, which has an
empty one after it."""

COUNT = 200
"""Messages in a row, many more than a queue holds."""

TIMEOUT_MS = 10_000
"""How long a script waits for room for a message, or for one to come."""

EVERY_BYTE = bytes(range(256))

_PAUSE = 0.01
"""Seconds between two looks at a script, or two tries to send."""


def received(bench: Bench, code: str) -> list[bytes]:
    """Run a script and return the messages that it sends."""
    scripts = bench.camera.scripts
    result = scripts.run(code, timeout=SCRIPT_SECONDS, cancel=bench.cancel)
    return [message.data for message in result.messages]


def send(bench: Bench, data: bytes) -> None:
    """Send a message as soon as there is room for it."""
    deadline = time.monotonic() + SCRIPT_SECONDS
    while True:
        try:
            bench.camera.scripts.send(data)
            return
        except QueueFullError:
            if time.monotonic() > deadline:
                raise
        bench.cancel.wait(_PAUSE)


def to_computer(bench: Bench) -> str:
    """Messages of many sizes come whole."""
    sizes = ",".join(map(str, SIZES))
    got = received(
        bench,
        f"for _,n in ipairs({{{sizes}}}) do "
        f"write_usb_msg(string.rep('0123456789',n/10+1):sub(1,n),{TIMEOUT_MS}) end",
    )
    require(len(got) == len(SIZES), f"{len(got)} messages", f"{len(SIZES)}")
    for data, size in zip(got, SIZES, strict=True):
        require_bytes(f"a message of {size} bytes", data, (b"0123456789" * size)[:size])
    return f"{len(SIZES)} sizes from 1 to {max(SIZES)} bytes"


def in_order(what: str, got: list[bytes]) -> str:
    """Say that numbered messages came all, each once, one after the other."""
    wanted = [b"%d" % number for number in range(COUNT)]
    if got != wanted:
        missing = [str(number) for number, data in enumerate(wanted) if data not in got]
        pairs = zip(got, wanted, strict=False)
        at = next((n for n, (came, due) in enumerate(pairs) if came != due), len(wanted))
        wrong = f"number {at} is {got[at][:20]!r}" if at < len(got) else ""
        lost = f"number {', '.join(missing[:5])} missing" if missing else wrong
        require(False, f"{len(got)} messages {what}, {lost}", f"{COUNT}, each once, in order")
    return f"{COUNT} messages {what}, each once, in order"


def order_to_computer(bench: Bench) -> str:
    """Of many messages none is lost, doubled or out of turn."""
    code = f"for n=0,{COUNT - 1} do write_usb_msg(tostring(n),{TIMEOUT_MS}) end"
    return in_order("to the computer", received(bench, code))


_ECHO = """for _=1,%d do
local message=read_usb_msg(%d)
if not message then error('no message came') end
write_usb_msg(message,%d)
end"""


def echoed(bench: Bench, messages: list[bytes]) -> list[bytes]:
    """Return what a script sends back of messages, one at a time."""
    scripts = bench.camera.scripts
    got: list[bytes] = []
    scripts.start(_ECHO % (len(messages), TIMEOUT_MS, TIMEOUT_MS))
    for data in messages:
        send(bench, data)
        message = scripts.read_message() if bench.wait_message() else None
        if message is None:
            break
        got.append(message.data)
    rest = scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel)
    return got + [message.data for message in rest.messages]


def to_camera(bench: Bench) -> str:
    """Messages of many sizes go to a script and come back as they were."""
    messages = [bench.data(size) for size in SIZES if not is_risky(size)]
    got = echoed(bench, messages)
    require(len(got) == len(messages), f"{len(got)} messages came back", f"{len(messages)}")
    for data, sent in zip(got, messages, strict=True):
        require_bytes(f"a message of {len(sent)} bytes that came back", data, sent)
    return f"{len(messages)} sizes from 1 to {max(SIZES)} bytes, sent and sent back"


def order_to_camera(bench: Bench) -> str:
    """Of many messages to a script none is lost, doubled or out of turn."""
    scripts = bench.camera.scripts
    code = f"""local got={{}}
for n=1,{COUNT} do got[n]=read_usb_msg({TIMEOUT_MS}) if not got[n] then break end end
return table.concat(got,' ')"""
    scripts.start(code)
    for number in range(COUNT):
        send(bench, b"%d" % number)
    text = scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel).read()
    require(isinstance(text, str), f"the script returned {text!r}", "the messages")
    return in_order("to the camera", str(text).encode().split())


def binary(bench: Bench) -> str:
    """All bytes go both ways, zero bytes too."""
    for data in (EVERY_BYTE, b"\0", b"\0\0\0\0", b"\xff\xfe\r\n\x1a\0"):
        (got,) = echoed(bench, [data]) or [b""]
        require_bytes(f"{len(data)} bytes of all kinds", got, data)
    return "all 256 bytes, both ways"


def queue_to_computer(bench: Bench) -> str:
    """A script that nobody listens to can leave so many messages."""
    scripts = bench.camera.scripts
    scripts.start("local n=0 while n<40 and write_usb_msg(n) do n=n+1 end")
    deadline = time.monotonic() + SCRIPT_SECONDS
    while scripts.protocol.script_status(cancel=bench.cancel) & ScriptStatus.RUNNING:
        require(time.monotonic() < deadline, "the script does not end", "its end")
        bench.cancel.wait(_PAUSE)
    got = [message.value for message in scripts.drain()]
    scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel)
    whole = list(range(SCRIPT_QUEUE_LENGTH))
    require(got == whole, f"{len(got)} messages: {got}"[:60], f"{len(whole)}, from 0 on")
    return f"{len(got)} messages wait for the computer"


def queue_to_camera(bench: Bench) -> str:
    """A script that does not listen is left so many messages; then the camera says so."""
    scripts = bench.camera.scripts
    flag = bench.path("GO")
    # The word to begin is a file: messages are what must wait meanwhile.
    code = f"""local n=0
while not os.stat('{flag}') and n<400 do sleep(50) n=n+1 end
local got={{}}
repeat local m=read_usb_msg() got[#got+1]=m until not m
return table.concat(got,' ')"""
    scripts.start(code)
    sent = 0
    try:
        while sent <= 2 * SCRIPT_QUEUE_LENGTH:
            scripts.send(b"%d" % sent)
            sent += 1
    except QueueFullError:
        pass
    bench.upload("GO", b"x")
    text = scripts.wait(timeout=SCRIPT_SECONDS, cancel=bench.cancel).read()
    require(
        sent == SCRIPT_QUEUE_LENGTH, f"the camera took {sent} messages", f"{SCRIPT_QUEUE_LENGTH}"
    )
    whole = " ".join(map(str, range(sent)))
    require(str(text) == whole, f"the script read {text!r}"[:60], f"all {sent}")
    return f"{sent} messages wait, then the camera says it is full"


CHECKS = (
    Trial("messages to computer", "each comes as it was sent", to_computer),
    Trial("order to computer", "all come, in order", order_to_computer),
    Trial("messages to camera", "each comes back as it was sent", to_camera),
    Trial("order to camera", "all come, in order", order_to_camera),
    Trial("binary messages", "all bytes go both ways", binary),
    Trial("queue to computer", "it holds 15 messages", queue_to_computer),
    Trial("queue to camera", "it holds 15 messages", queue_to_camera),
)
