"""exec in Lua with several cameras on the emulated USB bus."""

from __future__ import annotations

from pathlib import Path

from support.emulated_usb.fixtures import UsbBus
from support.shell_process import run

from chdkshell.sim.camera import SimCamera

PROGRAM = """\
cams = {}
for i, device in ipairs(chdk.list_usb_devices()) do
  local cam = chdku.connection(device)
  cam:connect()
  cams[i] = cam
end
for i, cam in ipairs(cams) do cam:exec('return ' .. i .. ' + 10') end
for _, cam in ipairs(cams) do
  local message = cam:wait_msg{mtype='return'}
  local at = cam.condev
  print(at.bus, at.dev, at.product_id, cam.ptpdev.serial_number, message.value)
end
con = cams[2]
"""


def test_a_rig_of_three(usb_bus: UsbBus, tmp_path: Path) -> None:
    sims = [SimCamera(None, f"Canon PowerShot {n}", f"SER{n}") for n in (1, 2, 3)]
    try:
        nodes = [usb_bus.plug_sim(sim, 3 + n) for n, sim in enumerate(sims, 1)]
        (tmp_path / "rig.lua").write_text(PROGRAM)
        done = run(
            *("-r", "--lua", "-e", "exec < rig.lua", "-e", "list"),
            *(
                "-e",
                "!cams[1]:disconnect()",
                "-e",
                "!return con.ptpdev.serial_number",
                "-e",
                "list",
            ),
            cwd=tmp_path,
            **usb_bus.bus.environment(),
        )
    finally:
        for sim in sims:
            sim.close()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(nodes) == 3
    assert lines[:3] == [f"001\t00{3 + n}\t13000\tSER{n}\t{10 + n}" for n in (1, 2, 3)]
    assert [line[:2] for line in lines[3:6]] == ["+1", "*2", "+3"]
    assert lines[6] == '="SER2"'
    assert [line[:2] for line in lines[7:]] == ["-1", "*2", "+3"]
