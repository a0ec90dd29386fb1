"""Commands about the cameras that work together: which they are, and what they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import DeviceSpec, LocalPath, MadePath, Member, Members
from chdkshell.shell.command import Needs, command

if TYPE_CHECKING:
    from chdkshell.camera import Camera
    from chdkshell.rig.members import Member as RigMember
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.rig import RigList, RigRow

OF_THE_RIG = "it is about all cameras already"
"""Why the commands of the rig do not go to several cameras one by one."""

STATUS = "return get_vbatt(), get_free_disk_space(), get_exp_count()"


@command("rig list", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_list(context: Context) -> RigList:
    """List the cameras that are connected, with their numbers and names.

    Numbers stay with the cameras in this session; * is the one that commands without @ work on.
    The clock is how many ms the camera's count is ahead of this computer's, and how far that may be
    off: `rig sync` measures it.
    Example: rig list
    """
    from chdkshell.shell.results.rig import RigList

    rig = context.connections.rig
    if not len(rig):
        context.tell("no camera is connected: `rig connect` connects all on USB")
        return RigList(())
    states = rig.each(lambda camera: _status(context, camera))
    return RigList(tuple(_row(context, m, states.results.get(m.label)) for m in rig.members))


def _status(context: Context, camera: Camera) -> tuple[object, ...]:
    from chdkshell.chdk.constants import ScriptStatus

    if camera.chdk_version is None:
        camera.session.get_device_info(context.cancel)
        return ()
    if camera.scripts.status() & ScriptStatus.RUNNING:
        return ()
    answer = camera.lua(STATUS, 10, cancel=context.cancel)
    return answer if isinstance(answer, tuple) else ()


def _row(context: Context, member: RigMember, status: tuple[object, ...] | None) -> RigRow:
    import time

    from chdkshell.shell.devices import link_address
    from chdkshell.shell.results.rig import RigRow

    camera = member.camera
    is_there = camera.is_connected and not member.gone
    state = "connected" if status is not None else "does not answer"
    if not is_there:
        state = "gone, it is looked for" if member.gone else "not connected"
    elif camera.chdk_version is None:
        state = "without CHDK"
    numbers = [value if isinstance(value, int) else None for value in status or ()]
    battery, free, shots = (*numbers, None, None, None)[:3]
    clock = member.clock.at(time.perf_counter()) if member.clock else None
    return RigRow(
        member.number,
        member.name,
        camera.model,
        camera.serial,
        link_address(camera),
        state,
        camera is context.connections.current,
        battery,
        free,
        round(clock.offset, 3) if clock else None,
        round(clock.bound, 3) if clock else None,
        shots,
        len(member.left_on_card),
    )


@command("rig connect", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_connect(
    context: Context,
    *what: Arg[DeviceSpec, "all, parts of models or serials, addresses, or files of `rig save`."],
) -> RigList:
    """Connect several cameras at once, beside those that are connected.

    Without words, all on USB; ssh:HOST stands for all on the USB of another computer. Those that
    can be connected are, whatever comes of the others.
    Example: rig connect
    Example: rig connect ip:10.0.0.2 ip:10.0.0.3
    Example: rig connect ssh:pi1 ssh:pi2
    Example: rig connect scanner.rig
    """
    from chdkshell.shell.many.connecting import connect_many

    connect_many(context, what)
    return rig_list(context)


@command("rig save", topic="several cameras", alone=OF_THE_RIG)
def rig_save(context: Context, file: Arg[MadePath, "The file."]) -> None:
    """Write which camera has which number and name to a file.

    A camera is known again by its serial number; two that have the same one by the port.
    Example: rig save scanner.rig
    """
    rig = context.connections.rig
    if not len(rig):
        raise UsageError("no camera is connected", "`rig connect` connects all on USB")
    rig.save(file)


@command("rig load", topic="several cameras", needs=Needs.MAYBE_CAMERA, alone=OF_THE_RIG)
def rig_load(context: Context, file: Arg[LocalPath, "The file."]) -> RigList:
    """Connect the cameras of a file, and give them the numbers and names that they have there.

    Example: rig load scanner.rig
    """
    from chdkshell.shell.many.connecting import connect_saved

    connect_saved(context, file)
    return rig_list(context)


@command("rig name", topic="several cameras", alone=OF_THE_RIG)
def rig_name(
    context: Context,
    camera: Arg[Member, "Its number or name."],
    name: Arg[str, "The new name; letters, digits, - and _. Without one it has none."] = "",
) -> None:
    """Give a camera a name, for @NAME and ${camera}.

    Example: rig name 1 left
    """
    rig = context.connections.rig
    rig.name(one(context, camera), name)


@command("rig swap", topic="several cameras", alone=OF_THE_RIG)
def rig_swap(
    context: Context,
    first: Arg[Member, "A camera's number or name."],
    second: Arg[Member, "Another one's."],
) -> None:
    """Exchange the numbers and names of two cameras.

    Example: rig swap left right
    """
    context.connections.rig.swap(one(context, first), one(context, second))


@command("rig drop", topic="several cameras", alone=OF_THE_RIG)
def rig_drop(
    context: Context, cameras: Arg[Members, "Which: names, numbers, 4-6, ^3, or all."]
) -> None:
    """Disconnect cameras, and look for them no more.

    Example: rig drop 3
    """
    connections = context.connections
    for member in connections.rig.select(cameras):
        if member.camera is connections.current:
            connections.close_current()
        else:
            connections.rig.drop(member.camera)
            member.camera.close()


def one(context: Context, text: str) -> RigMember:
    """Return the one camera that a text means. Raises `UsageError`."""
    members = context.connections.rig.select(text)
    if len(members) > 1:
        raise UsageError(f"{text} means {len(members)} cameras", "name one")
    return members[0]
