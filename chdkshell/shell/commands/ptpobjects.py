"""Objects of a camera by standard PTP: files and folders, by path or handle."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Annotated as Arg

from chdkshell.errors import UsageError
from chdkshell.shell.arguments import (
    Choice,
    LocalPath,
    Named,
    ObjectOrTargetType,
    PtpCodeType,
    PtpObjectType,
    PtpStorageType,
    Target,
    is_object,
)
from chdkshell.shell.card.confirming import Yes
from chdkshell.shell.command import Needs, command
from chdkshell.shell.commands.ptpinfo import ask_first

if TYPE_CHECKING:
    from pathlib import Path

    from chdkshell.ptp.objects import ObjectInfo
    from chdkshell.shell.context import Context
    from chdkshell.shell.results.ptp import PtpFields, PtpTable, StoredObject
    from chdkshell.standard.objecttree import Node, ObjectTree
    from chdkshell.standard.transfer import ByteRange


class Part(Named):
    """A part of a file: `OFFSET:LENGTH`."""

    def parse(self, text: str) -> ByteRange:
        from chdkshell.standard.transfer import MAX_PARTS, ByteRange

        offset, colon, length = text.partition(":")
        try:
            wanted = ByteRange(int(offset, 0), int(length, 0))
        except ValueError:
            wanted = ByteRange(-1, 0)
        if not colon or wanted.offset < 0 or wanted.length <= 0:
            raise UsageError(f"'{text}' is no part of a file", "write OFFSET:LENGTH, as in 0:4096")
        if wanted.offset + wanted.length > MAX_PARTS:
            raise UsageError(f"'{text}' goes too far", "parts lie in the first 4 GiB of a file")
        return wanted


def _tree(context: Context) -> ObjectTree:
    from chdkshell.standard.objecttree import ObjectTree

    return ObjectTree(context.camera.ptp)


def _object(context: Context, shown: ObjectTree, text: str) -> tuple[Node, ObjectInfo]:
    """Return what a handle or path means, and what is known of it; a storage is no object."""
    node = shown.resolve(text, context.cancel)
    if node.info is None:
        raise UsageError(f"{node.path} is a storage", "`ptp storages` shows it")
    return node, node.info


@command("ptp objects", topic="ptp", needs=Needs.CAMERA)
def ptp_objects(
    context: Context,
    path: Arg[str | None, PtpObjectType(), "The folder; else all storages."] = None,
    *,
    storage: Arg[str | None, PtpStorageType(), "Only those of this storage."] = None,
    format: Arg[str | None, PtpCodeType("format"), "Only those of this format."] = None,  # noqa: A002
    tree: Arg[bool, "Also what is in folders."] = False,
) -> PtpTable:
    """List objects: files and folders, with their handles.

    Example: ptp objects DCIM/100CANON
    Example: ptp objects -tree -format=EXIF/JPEG
    """
    from chdkshell.ptp.names import CodeKind
    from chdkshell.shell.results.ptp import PtpTable, object_json

    shown = _tree(context)
    only = None if storage is None else shown.storage(storage, context.cancel).storage
    code = None if format is None else context.camera.ptp.names.code(CodeKind.FORMAT, format)
    rows, objects = [], []
    for node in _found(context, shown, path, tree):
        info = node.info
        if info is None or (only is not None and info.storage != only):
            continue
        if code is not None and info.format != code:
            continue
        name = shown.format_name(info)
        size = "" if node.is_dir else str(info.size)
        end = "/" if node.is_dir else ""
        rows.append((f"0x{node.handle:08X}", name, size, info.modified, node.path + end))
        objects.append(object_json(node.path, node.handle, info, name))
    return PtpTable(("handle", "format", "size", "time", "path"), tuple(rows), tuple(objects))


def _found(context: Context, shown: ObjectTree, path: str | None, deep: bool) -> list[Node]:
    tops = [path] if path is not None else [f"{d}/" for d in shown.storages(context.cancel)]
    found: list[Node] = []
    for text in tops:
        top = shown.resolve(text, context.cancel)
        if not top.is_dir:
            found.append(top)
        elif deep:
            found += shown.walk(top, context.cancel)
        else:
            found += shown.children(top, context.cancel)
    return found


@command("ptp object", topic="ptp", needs=Needs.CAMERA)
def ptp_object(context: Context, object: Arg[str, PtpObjectType(), "The object."]) -> PtpFields:  # noqa: A002
    """Show all that the camera tells about an object.

    Example: ptp object DCIM/100CANON/IMG_0001.JPG
    """
    from chdkshell.shell.results.ptp import PtpFields, object_json

    shown = _tree(context)
    node, info = _object(context, shown, object)
    fields = (
        ("path", node.path),
        ("handle", f"0x{node.handle:08X}"),
        ("storage", f"0x{info.storage:08X}"),
        ("format", shown.format_name(info)),
        ("size", str(info.size)),
        ("protection", "protected" if info.protection else "none"),
        ("picture", f"{info.width}x{info.height}, {info.depth} bits"),
        ("thumbnail", f"{info.thumb_width}x{info.thumb_height}, {info.thumb_size} bytes"),
        ("captured", info.captured),
        ("modified", info.modified),
        ("parent", f"0x{info.parent:08X}"),
        ("keywords", info.keywords),
    )
    return PtpFields(fields, object_json(node.path, node.handle, info, shown.format_name(info)))


@command("ptp get", topic="ptp", needs=Needs.CAMERA)
def ptp_get(
    context: Context,
    object: Arg[str, PtpObjectType(), "The object."],  # noqa: A002
    *more: Arg[
        str, ObjectOrTargetType(), "Other objects, and where to: a file or folder, or here."
    ],
    partial: Arg[ByteRange | None, Part("offset:length"), "Only this part of it."] = None,
) -> None:
    """Copy objects to this computer.

    The last word is a handle, a path with its drive such as A/IMG_0001.JPG, or where to. Several
    objects go into a folder.
    A file appears when it is complete. A large one that is broken off is kept as NAME.part, and
    the same command goes on from there.
    Example: ptp get DCIM/100CANON/IMG_0001.JPG
    Example: ptp get 0x12 0x13 pictures/
    Example: ptp get 0x12 head.bin -partial=0:4096
    """
    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.transfer import get, meant

    has_target = bool(more) and not is_object(more[-1])
    objects, local = (object, *more[: len(more) - has_target]), more[-1] if has_target else None
    nodes = list(meant(_tree(context), objects, context.cancel))
    for node, target in zip(nodes, _targets(nodes, local), strict=True):
        with context.progress(node.path) as progress:
            size = get(context.camera.ptp, node, target, partial, progress, context.cancel)
        context.emit(StoredObject(node.path, node.handle, str(target), size))


def _targets(nodes: list[Node], local: str | None) -> list[Path]:
    """Return the file that each object is copied to.

    Raises `UsageError` where one file would be written twice.
    """
    from pathlib import Path

    from chdkshell.chdk.card.single import download_target
    from chdkshell.outlets import check_no_stream

    if len(nodes) > 1:
        check_no_stream(local or "", "several objects")
    targets = [download_target(node.path, local) for node in nodes]
    if len(nodes) > 1 and local is not None and targets[0] == Path(local):
        problem = f"several objects, and {local} is no folder"
        raise UsageError(problem, f"write {local}/ for a new one")
    taken: dict[str, Node] = {}
    for node, target in zip(nodes, targets, strict=True):
        other = taken.setdefault(str(target).casefold(), node)
        if other is not node:
            raise UsageError(
                f"{other.path} and {node.path} would both be {target}", "copy them one at a time"
            )
    return targets


@command("ptp thumb", topic="ptp", needs=Needs.CAMERA)
def ptp_thumb(
    context: Context,
    object: Arg[str, PtpObjectType(), "The picture."],  # noqa: A002
    local: Arg[Target | None, "The file to write; else NAME_thumb.jpg here."] = None,
) -> StoredObject:
    """Copy the thumbnail of a picture to this computer.

    Example: ptp thumb DCIM/100CANON/IMG_0001.JPG
    """
    from pathlib import Path

    from chdkshell.chdk.paths import escaped_name
    from chdkshell.chdk.transfer import write_whole
    from chdkshell.shell.results.ptp import StoredObject

    if local is not None and is_object(local):
        problem = f"'{local}' is an object, and one thumbnail is copied at a time"
        raise UsageError(problem, f"./{local} is a file of that name")
    node, _ = _object(context, _tree(context), object)
    data = context.camera.ptp.thumb(node.handle, context.cancel)
    stem = node.name.rpartition(".")[0] or node.name
    target = Path(local or escaped_name(f"{stem}_thumb.jpg"))
    write_whole(target, data)
    return StoredObject(node.path, node.handle, str(target), len(data))


@command("ptp send", topic="ptp", needs=Needs.CAMERA)
def ptp_send(
    context: Context,
    file: Arg[LocalPath, "The file on this computer."],
    path: Arg[
        str, PtpObjectType(), "The folder on the camera, or its path with a name; else the root."
    ] = "",
    *,
    storage: Arg[str | None, PtpStorageType(), "The storage, for a path without."] = None,
) -> StoredObject:
    """Send a file to the camera. One of that name is not replaced.

    Example: ptp send script.lua CHDK/SCRIPTS
    Example: ptp send script.lua CHDK/SCRIPTS -storage=0x00010001
    """
    from pathlib import Path

    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.transfer import send

    shown, source = _tree(context), Path(file)
    folder, name = _place(context, shown, _on_storage(context, shown, path, storage), source.name)
    with context.progress(file) as progress:
        handle = send(context.camera.ptp, source, folder, name, progress, context.cancel)
    return StoredObject(f"{folder.path.rstrip('/')}/{name}", handle, file, source.stat().st_size)


def _on_storage(context: Context, shown: ObjectTree, path: str, storage: str | None) -> str:
    """Return a path with its drive: its own, that of `storage`, or the first one.

    Raises `UsageError` where the path has another one.
    """
    from chdkshell.standard.objecttree import with_drive

    if storage is None:
        return with_drive(path)
    wanted = shown.storage(storage, context.cancel)
    letter = wanted.path[0]
    found = with_drive(path, letter)
    if found[0].upper() != letter:
        problem = f"{path} is not on the storage 0x{wanted.storage:08X}, which is {wanted.path}"
        raise UsageError(problem, "leave -storage or the drive of the path out")
    return found


def _place(context: Context, shown: ObjectTree, path: str, name: str) -> tuple[Node, str]:
    """Return folder and name for a file: `path` is a folder that is there, or ends in a name."""
    from chdkshell.errors import CardError

    try:
        node = shown.find(path, context.cancel)
    except CardError:
        above, _, last = path.rstrip("/").rpartition("/")
        if path.endswith("/"):
            raise
        return shown.find(above, context.cancel), last
    if node.is_dir:
        _refuse_another(context, shown, node, name)
        return node, name
    raise _taken(node)


def _refuse_another(context: Context, shown: ObjectTree, folder: Node, name: str) -> None:
    """Raise `UsageError` where a folder has such an object: some cameras would write over it."""
    other = shown.child(folder, name, context.cancel)
    if other is not None:
        raise _taken(other)


def _taken(node: Node) -> UsageError:
    # nobody is told to delete a folder, such as the one with all pictures
    return UsageError(f"{node.path} is there", "" if node.is_dir else "`ptp rm` deletes it")


@command("ptp rm", topic="ptp", needs=Needs.CAMERA)
def ptp_rm(
    context: Context,
    *objects: Arg[str, PtpObjectType(), "The objects; a folder with all that is in it."],
    y: Yes = False,
) -> None:
    """Delete objects from the camera.

    It asks at a terminal, and needs -y elsewhere.
    Example: ptp rm DCIM/100CANON/IMG_0001.JPG -y
    """
    from chdkshell.standard.transfer import meant

    if not objects:
        raise UsageError("nothing to delete was named")
    shown = _tree(context)
    nodes = list(meant(shown, objects, context.cancel))
    for node in nodes:
        if node.info is None:
            raise UsageError(f"{node.path} is a storage", "`ptp format` empties one")
    files = sum(
        1 if not node.is_dir else sum(not n.is_dir for n in shown.walk(node, context.cancel))
        for node in nodes
    )
    ask_first(context, f"delete {files} file{'s' * (files != 1)}", y)
    for node in nodes:
        context.camera.ptp.delete_object(node.handle, context.cancel)
        context.notice(f"{node.path} is deleted")


@command("ptp mv", topic="ptp", needs=Needs.CAMERA)
def ptp_mv(
    context: Context,
    object: Arg[str, PtpObjectType(), "The object."],  # noqa: A002
    folder: Arg[str, PtpObjectType(), "The folder that gets it."],
) -> None:
    """Move an object into another folder of the camera.

    Example: ptp mv A/NOTES.TXT DCIM/100CANON
    """
    shown = _tree(context)
    node, _ = _object(context, shown, object)
    target = shown.resolve(folder, context.cancel)
    if not target.is_dir:
        raise UsageError(f"{target.path} is no folder")
    parent = 0 if target.info is None else target.handle
    context.camera.ptp.move_object(node.handle, target.storage, parent, context.cancel)


@command("ptp protect", topic="ptp", needs=Needs.CAMERA)
def ptp_protect(
    context: Context,
    object: Arg[str, PtpObjectType(), "The object."],  # noqa: A002
    state: Arg[str, Choice("on", "off", problem="'{}' is neither on nor off"), "on or off."] = "on",
) -> None:
    """Protect an object from being deleted on the camera, or let it be.

    Example: ptp protect DCIM/100CANON/IMG_0001.JPG
    """
    node, _ = _object(context, _tree(context), object)
    context.camera.ptp.protect(node.handle, int(state == "on"), context.cancel)


@command("ptp mkdir", topic="ptp", needs=Needs.CAMERA)
def ptp_mkdir(context: Context, path: Arg[str, PtpObjectType(), "The new folder."]) -> StoredObject:
    """Make a folder on the camera. The one that it lies in must be there.

    Example: ptp mkdir DCIM/NEW
    """
    from chdkshell.shell.results.ptp import StoredObject
    from chdkshell.standard.objecttree import with_drive
    from chdkshell.standard.transfer import make_folder

    above, _, name = with_drive(path).rstrip("/").rpartition("/")
    if not above:
        raise UsageError(f"{name}/ is a storage, not a new folder")
    shown = _tree(context)
    folder = shown.find(above, context.cancel)
    _refuse_another(context, shown, folder, name)
    handle = make_folder(context.camera.ptp, folder, name, context.cancel)
    return StoredObject(f"{folder.path.rstrip('/')}/{name}", handle, "", 0)


@command("ptp format", topic="ptp", needs=Needs.CAMERA)
def ptp_format(
    context: Context,
    storage: Arg[str, PtpStorageType(), "The storage, such as A/."],
    *,
    y: Yes = False,
) -> None:
    """Delete all that is on a storage of the camera.

    It asks at a terminal, and needs -y elsewhere.
    Example: ptp format A/ -y
    """
    from chdkshell.ptp.codes import OperationCode

    context.camera.ptp.require(OperationCode.FORMAT_STORE)
    node = _tree(context).storage(storage, context.cancel)
    ask_first(context, f"delete all that is on {node.path}", y)
    context.camera.ptp.format_store(node.storage, context.cancel)
