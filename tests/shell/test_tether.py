"""Pictures taken at the simulated camera's own button are fetched as they come."""
# needs: POSIX

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.shell_process import environment, program, run
from support.timeouts import TIMEOUT

from chdkshell.sim.camera import SimCamera
from chdkshell.sim.interfaces.ipserver import IpServer

PRESSES = 10


@pytest.mark.slow
@pytest.mark.parametrize("switches", ["-keep", "-rm"])
def test_ten_presses_are_ten_pictures(tmp_path: Path, switches: str) -> None:
    camera = SimCamera()
    camera.state.recording = True
    with IpServer(camera) as server:
        line = f"tether {switches} -count={PRESSES} -exec='echo \"$ARGUMENT\" >>log' ."
        child = subprocess.Popen(
            [*program(), "-e", f"connect {server.address}", "-e", line],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stderr is not None
        before = {path.name for path in camera.card.root.rglob("*.JPG")}
        assert child.stderr.readline() == "take pictures at the camera; Ctrl-C ends this\n"
        taken = {}
        for _ in range(PRESSES):
            camera.hands.do("press shoot_full 200")
            for line in child.stdout:
                if "IMG_" in line:
                    name = line.split(" ", 1)[0].rpartition("/")[2]
                    taken[name] = (tmp_path / name).read_bytes()
                    break
        out, err = child.communicate(timeout=TIMEOUT)
        assert (child.returncode, out, err) == (0, "", "")
    assert len(taken) == PRESSES
    assert all(data[:2] == b"\xff\xd8" for data in taken.values())
    left = {path.name for path in camera.card.root.rglob("*.JPG")} - before
    assert left == (set() if switches == "-rm" else taken.keys())
    assert len((tmp_path / "log").read_text().splitlines()) == PRESSES
    camera.close()


def test_pictures_stay_or_go(tmp_path: Path) -> None:
    done = run("--sim", "-e", "tether -keep -rm", cwd=tmp_path)
    assert done.stderr.startswith(
        "ERROR: -keep and -rm exclude each other; leave one of them out\n"
    )
    assert done.returncode == 1
