"""What each module of commands declares, in the order of `help`: by scripts/generate."""

# ruff: noqa: E501 - a line for each module

from __future__ import annotations

MODULES = {
    "general": "help h # quit q exit set source exec !",
    "output": "watch tee",
    "hostshell": "sh",
    "habits": "history alias",
    "connection": "version ver list connect c reconnect r reboot disconnect dis use",
    "doctor": "doctor",
    "selftest": "selftest",
    "script": "lua . luar = getm putm killscript camscript",
    "run": "run",
    "lint": "lint",
    "repl": "repl",
    "files": "ls upload u download d mkdir delete rm",
    "trees": "mdownload mdl mupload mup sync",
    "filetools": "cat edit mv cp df du tree find",
    "places": "cd pwd lcd lls",
    "images": "imdl imls imrm",
    "memory": "rmem",
    "liveview": "lvdump dumpframes lvdumpimg",
    "viewfinder": "live",
    "serving": "serve lvserve",
    "shooting": "rec play mode shoot",
    "remoteshoot": "rcapture remoteshoot rs rsint",
    "clock": "clock",
    "lens": "zoom focus",
    "keys": "press release click shutdown",
    "dng": "dngload dngsave dngunload dnglist dngsel dnginfo dnghist dnglistpixels dngmod dngdump dngbatch",
    "ptpinfo": "ptp+info ptp+ops ptp+formats ptp+events ptp+storages ptp+props ptp+prop ptp+propreset",
    "ptpraw": "ptp+raw ptp+power ptp+reset ptp+capture",
    "ptpobjects": "ptp+objects ptp+object ptp+get ptp+thumb ptp+send ptp+rm ptp+mv ptp+protect ptp+mkdir ptp+format",
    "tether": "tether",
    "selecting": "@",
    "rig": "rig+list rig+connect rig+save rig+load rig+name rig+swap rig+drop",
    "rigclock": "rig+sync rig+clock",
    "rigfiles": "rig+collect",
    "eos": "eos+on eos+off eos+props eos+prop eos+events",
    "eoscapture": "eos+release eos+liveview eos+firmware",
}
