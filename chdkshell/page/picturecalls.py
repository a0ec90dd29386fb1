"""Calls for pictures that were taken: on the card, and in the folder of this computer."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from chdkshell import disk
from chdkshell.page.calls import Asked, call
from chdkshell.page.gallery import confirmed, drop, report_of, small
from chdkshell.page.jobs import run
from chdkshell.page.problems import CallRefusedError
from chdkshell.page.shapes import (
    Delete,
    Done,
    Download,
    Downloaded,
    ListPart,
    PictureList,
    PictureReport,
    Which,
)
from chdkshell.page.shots import NO_FOLDER

JPEG = "image/jpeg"


@call("GET", "/api/cameras/{camera}/pictures")
async def list_pictures(asked: Asked, form: ListPart) -> PictureList:
    """List the pictures on the card, the newest first."""
    gallery = asked.station.gallery
    entries = await run(asked.station, gallery.entries)
    chosen = entries[form.start : form.start + form.count]
    return PictureList(len(entries), [report_of(entry) for entry in chosen])


@call("GET", "/api/cameras/{camera}/pictures/thumbnail", content=JPEG)
async def get_thumbnail(asked: Asked, form: Which) -> Response:
    """Show the small picture inside a picture on the card."""
    gallery = asked.station.gallery
    data = await run(asked.station, lambda: gallery.thumbnail(form.path))
    return Response(data, media_type=JPEG)


@call("GET", "/api/cameras/{camera}/pictures/preview", content=JPEG)
async def get_preview(asked: Asked, form: Which) -> Response:
    """Show a picture on the card in a size for screens."""
    gallery = asked.station.gallery
    file = await run(asked.station, lambda: gallery.whole(form.path))
    try:
        data = await asyncio.to_thread(small, file)
    except CallRefusedError:
        data = await run(asked.station, lambda: gallery.thumbnail(form.path))
    finally:
        drop(file)
    return Response(data, media_type=JPEG)


@call("GET", "/api/cameras/{camera}/pictures/file", content="application/octet-stream")
async def get_picture(asked: Asked, form: Which) -> Response:
    """Give a picture on the card as it is."""
    gallery = asked.station.gallery
    entry = await run(asked.station, lambda: gallery.entry(form.path))
    file = await run(asked.station, lambda: gallery.whole(form.path))
    return CopyResponse(file, media_type="application/octet-stream", filename=entry.name)


class CopyResponse(FileResponse):
    """Gives a copy of a picture, and deletes it: also where its client leaves, or asks for a part
    that is not there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            drop(Path(self.path))


@call("POST", "/api/cameras/{camera}/pictures/download")
async def download_pictures(asked: Asked, form: Download) -> Downloaded:
    """Copy pictures from the card into the folder of this computer."""
    folder, gallery = folder_of(asked), asked.station.gallery
    return Downloaded(await run(asked.station, lambda: gallery.download(form.paths, folder)))


@call("POST", "/api/cameras/{camera}/pictures/delete")
async def delete_pictures(asked: Asked, form: Delete) -> Done:
    """Delete pictures from the card. `confirm` is their number, else nothing is done."""
    gallery = asked.station.gallery
    count = len(set(form.paths))
    confirmed(count, form.confirm)
    await run(asked.station, lambda: gallery.delete(form.paths))
    return Done(f"{count} deleted")


# ---- the folder of this computer ----------------------------------------------------------------


@call("GET", "/api/folder")
async def list_folder(asked: Asked, form: ListPart) -> PictureList:
    """List the files in the folder of this computer, the newest first."""
    files = await asyncio.to_thread(files_in, asked.room.options.folder)
    chosen = files[form.start : form.start + form.count]
    return PictureList(len(files), chosen)


@call("GET", "/api/folder/thumbnail", content=JPEG)
async def get_folder_thumbnail(asked: Asked, form: Which) -> Response:
    """Show a file of the folder small."""
    file = file_of(asked, form.path)
    return Response(await asyncio.to_thread(small, file, 160), media_type=JPEG)


@call("GET", "/api/folder/preview", content=JPEG)
async def get_folder_preview(asked: Asked, form: Which) -> Response:
    """Show a file of the folder in a size for screens."""
    file = file_of(asked, form.path)
    return Response(await asyncio.to_thread(small, file), media_type=JPEG)


@call("GET", "/api/folder/file", content="application/octet-stream")
async def get_folder_file(asked: Asked, form: Which) -> Response:
    """Give a file of the folder as it is."""
    file = file_of(asked, form.path)
    return FileResponse(file, media_type="application/octet-stream", filename=file.name)


@call("POST", "/api/folder/delete")
async def delete_folder_files(asked: Asked, form: Delete) -> Done:
    """Delete files from the folder. `confirm` is their number, else nothing is done."""
    files = [file_of(asked, name) for name in dict.fromkeys(form.paths)]
    confirmed(len(files), form.confirm)
    for file in files:
        disk.remove_if_there(str(file))
    return Done(f"{len(files)} deleted")


def folder_of(asked: Asked) -> Path:
    """Return the folder of this computer. Raises `CallRefusedError` where none was given."""
    folder = asked.room.options.folder
    if folder is None:
        raise CallRefusedError(409, NO_FOLDER)
    return folder


def files_in(folder: Path | None) -> list[PictureReport]:
    """Return the files right in a folder, the newest first. Links are left out."""
    if folder is None or not folder.is_dir():
        return []
    found = []
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink() and not file.name.endswith(".part"):
            known = file.stat()
            found.append(PictureReport(file.name, file.name, known.st_size, known.st_mtime))
    return sorted(found, key=lambda report: (-report.time, report.name))


def file_of(asked: Asked, name: str) -> Path:
    """Return a file of the folder by its name, which is one of those that are listed."""
    folder = folder_of(asked)
    if name not in {report.path for report in files_in(folder)}:
        raise CallRefusedError(404, "there is no such file in the folder")
    return folder / name
