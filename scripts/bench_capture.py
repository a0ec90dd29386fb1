"""The child that the benchmark of remote captures runs: a camera's shots to DNG files."""

DNG_SHOTS = """
import sys, time, chdkshell
from pathlib import Path
from chdkshell.chdk.shooting.capture import CaptureRequest
from chdkshell.chdk.shooting.modes import switch_mode
from chdkshell.chdk.shooting.capturesession import CapturePlan, CaptureSession
from chdkshell.flow import Progress

class Watch(Progress):
    '''Notes when the last data phase began: the shot itself takes the camera a while.'''
    def start(self, total):
        self.began, self.total = time.perf_counter(), total

address, folder = sys.argv[1], Path(sys.argv[2])
with chdkshell.connect(address) as cam:
    switch_mode(cam.scripts, True)
    for shot in range(4):
        session = CaptureSession(
            cam.protocol, cam.scripts, CaptureRequest(dng=True), CapturePlan(),
            lambda kind, number: folder / f"{shot}.{kind.suffix}",
        )
        watch = Watch()
        session.open()
        session.fetch(watch)
        print(watch.total / (time.perf_counter() - watch.began))
        session.close()
"""
