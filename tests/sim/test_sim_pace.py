"""How quick the simulated camera is: as a real one by default, for tests as the host can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.shell_process import run
from support.sim_scripts import Runner, simulated

from chdkshell.camera import Camera
from chdkshell.errors import UsageError
from chdkshell.sim.camera import SimCamera
from chdkshell.sim.clock import Clock
from chdkshell.sim.interfaces.transport import open_transport
from chdkshell.sim.lua.script import HOOK_INSTRUCTIONS, Script
from chdkshell.sim.pace import FAST, PACE_VARIABLE, REAL, CameraPace


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[Runner]:
    """A camera of real pace, whose clock runs ten times faster than the host's."""
    with simulated(tmp_path) as runner:
        runner.state.pace = REAL
        yield runner


def test_the_tick_count_goes_on_in_steps(tmp_path: Path) -> None:
    with simulated(tmp_path) as runner:
        counts = runner.values("local t={} for i=1,9 do t[i]=get_tick_count() end return unpack(t)")
    assert all(isinstance(count, int) and count % 10 == 0 for count in counts)


def took(camera: Runner, source: str) -> int:
    value = camera.value(f"local t0=get_tick_count() {source} return get_tick_count()-t0")
    assert isinstance(value, int)
    return value


def test_a_busy_loop_is_as_slow_as_on_a_camera(camera: Runner) -> None:
    """80 slices of 2500 instructions, each of two ticks. A busy host may take longer yet, and the
    last slice is not used up.
    """
    assert took(camera, "for i=1,200000 do end") >= 1580


def test_a_slice_is_as_long_as_on_a_camera() -> None:
    """It is in this that the loop above is no slower either."""
    assert REAL.slice_instructions(25, 10) == 2500
    assert REAL.slice_instructions(-1, 10) == 2500
    assert REAL.slice_instructions(5, -1) == 500
    assert REAL.slice_instructions(-1, -1) == float("inf")
    assert [REAL.next_look(ticks) for ticks in (0, 9, 10, 19.5)] == [10, 10, 20, 20]
    assert [REAL.aligned(ticks) for ticks in (0, 9, 10, 19.5)] == [0, 10, 10, 20]


@pytest.mark.parametrize(
    ("loop", "instructions"),
    [
        ("for i=1,N do end", 1),
        ("local x=0 for i=1,N do x=x+i end", 2),
        ("x=0 for i=1,N do x=x+i end", 4),
        ("local x=0 for i=1,N do x=(x*3+i)%1000 end", 4),
        ("local i=0 while i<N do i=i+1 end", 3),
        ("local x=5 for i=1,N do x=-x end", 2),
        ("for i=1,N do bitand(i,3) end", 4),
        ("for i=1,N do ('x'):rep(3) end", 5),
    ],
)
def test_what_is_c_on_a_camera_costs_no_instructions(
    camera: Runner, monkeypatch: pytest.MonkeyPatch, loop: str, instructions: int
) -> None:
    """`instructions` are a camera's for each pass. Operators that are calls here cost more."""
    passes, strikes = 20000, []
    monkeypatch.setattr(
        Script, "_keep_pace", lambda script, count: strikes.append(HOOK_INSTRUCTIONS)
    )
    camera.values(loop.replace("N", str(passes)))
    assert instructions * 0.8 <= sum(strikes) / passes <= instructions * 4.5


def test_a_script_that_does_not_yield_runs_on_at_the_processors_speed(camera: Runner) -> None:
    assert took(camera, "set_yield(-1,-1) for i=1,200000 do end") >= 800


def test_short_slices_cost_their_ticks(camera: Runner) -> None:
    assert took(camera, "set_yield(10) for i=1,21000 do end") >= 200


@pytest.mark.parametrize(("source", "ticks"), [("sleep(100)", 100), ("sleep(1)", 10)])
def test_sleeps_end_at_a_tick(camera: Runner, source: str, ticks: int) -> None:
    assert took(camera, source) >= ticks


def test_from_start_to_message_it_takes_two_ticks(camera: Runner) -> None:
    before = camera.state.tick_count
    count = camera.value("return get_tick_count()")
    assert isinstance(count, int)
    assert count - before >= 20


@pytest.mark.parametrize(("pace", "ticks"), [(REAL, 20), (FAST, 0)])
def test_a_new_file_takes_the_card_a_moment(
    monkeypatch: pytest.MonkeyPatch, pace: CameraPace, ticks: int
) -> None:
    slept: list[int] = []
    monkeypatch.setattr(Clock, "sleep", lambda clock, ticks: slept.append(ticks))
    with Camera(f"sim:serial=FILE,pace={pace.name}") as camera:
        camera.files.write("A/X.TXT", b"x")
    assert set(slept) == {ticks}


def test_a_waiting_message_is_seen_at_a_tick(camera: Runner) -> None:
    host = camera.host
    host.execute(b"local m=read_usb_msg(-1) return m,get_tick_count()%10", 0x700)
    host.write_message(b"now")
    assert host.wait_ended(60)
    assert [message.data for message in host.outbox] == [b"now", bytes(4)]


def test_a_loop_at_real_pace_can_be_killed(camera: Runner) -> None:
    camera.host.execute(b"while true do end", 0x700)
    camera.host.execute(b"return 1", 0x600)
    assert camera.host.wait_ended(60)


def test_the_old_values_of_set_yield_come_back(camera: Runner) -> None:
    assert camera.values("local a,b=set_yield(-1,-1) return a,b,set_yield()") == [25, 10, -1, -1]
    assert camera.values("set_yield(5) return set_yield()") == [5, 10]


def test_a_camera_is_real_unless_the_environment_or_the_caller_says_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pace_of(camera: SimCamera) -> object:
        camera.close()
        return camera.state.pace

    assert pace_of(SimCamera()) is FAST
    monkeypatch.delenv(PACE_VARIABLE)
    assert pace_of(SimCamera()) is REAL
    assert pace_of(SimCamera(pace=FAST)) is FAST
    assert open_transport("serial=PACE").camera.state.pace is REAL
    assert open_transport("serial=PACE,pace=fast").camera.state.pace is FAST
    with pytest.raises(UsageError, match="no pace 'slow'"):
        open_transport("pace=slow")


def test_the_program_knows_both_paces() -> None:
    real = run("--device", "sim:pace=real", "-e", "luar return get_tick_count()%10")
    assert real.stdout.splitlines()[-1] == "1:return:0"
    wrong = run("sim", "--port", "0", "--pace", "slow")
    assert wrong.returncode == 1
    assert "there is no pace 'slow'" in wrong.stderr
