"""The command selftest: what it says, asks and writes, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.desk import Desk
from support.fresh_sim import fresh_sim
from support.json_shapes import Shape
from support.selftest_cases import hurry, tree
from support.timeouts import TIMEOUT

from chdkshell.chdk.shooting import cardpictures
from chdkshell.errors import CardError, DisconnectedError
from chdkshell.selftest import catalogue
from chdkshell.selftest.bench import FOLDER, Bench
from chdkshell.selftest.checks import Kind, Trial
from chdkshell.selftest.outcomes import CheckFailedError
from chdkshell.shell.jsonshapes import SHAPES
from chdkshell.sim.interfaces import transport

MADE = {trial.name: trial for trial in catalogue.CHECKS}


class Table(Desk):
    """A shell with a simulated camera, on which only some checks are made."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        super().__init__()
        self._patch = patch
        self.folder = folder
        assert self.shell.connect("sim:")
        (sim,) = transport._cameras.values()
        self.card = sim.card.root
        self.sim = sim

    def only(self, *checks: Trial) -> None:
        """Have these checks be all that there are."""
        self._patch.setattr(catalogue, "CHECKS", checks)

    def error(self, line: str) -> str:
        """Run a line that must not succeed; return its error, among what else it told."""
        assert not self.shell.run(line)
        said = self._take(self.err)
        (error,) = (text for text in said if text.startswith("ERROR: "))
        return error.removeprefix("ERROR: ")

    def report(self) -> dict[str, Any]:
        """Return the only report that was written."""
        (path,) = self.folder.glob("selftest-*.json")
        found = json.loads(path.read_text("utf-8"))
        assert isinstance(found, dict)
        return found


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Table]:
    hurry(monkeypatch)
    fresh_sim(monkeypatch)
    monkeypatch.chdir(tmp_path)
    made = Table(monkeypatch, tmp_path)
    yield made
    made.shell.close()


def fails(seen: str) -> Trial:
    """Return a check that fails."""

    def run(bench: Bench) -> str:
        raise CheckFailedError(seen, "another thing")

    return Trial("made up", "something", run)


def raises(error: BaseException) -> Trial:
    """Return a check that ends with an error of the library."""

    def run(bench: Bench) -> str:
        bench.write("FILE.BIN", b"x")
        raise error

    return Trial("made up", "all is well", run)


def lines(table: Table) -> list[str]:
    return table._take(table.out)


def test_each_line_and_the_report(table: Table) -> None:
    table.only(MADE["identity"], MADE["live opacity"])
    assert table.shell.run("selftest")
    said = lines(table)
    assert said[:2] == [
        "passed identity              Canon PowerShot SIM1, CHDK protocol 2.9 with Lua",
        "--     live opacity          not on this model: no buffer for the opacity",
    ]
    assert said[2].startswith("1 passed, 0 failed, 1 not on this model, in ")
    assert said[3].startswith("report: selftest-Canon-PowerShot-SIM1-2")
    report = table.report()
    assert (report["passed"], report["failed"], report["absent"]) == (1, 0, 1)
    assert report["link"] == "sim"
    assert report["camera"]["model"] == "Canon PowerShot SIM1"
    assert report["camera"]["firmware"] == "1-1.0.0.0"
    assert report["camera"]["protocol"] == [2, 9]
    assert report["camera"]["chdk"]["platform"] == "sim1"
    assert report["host"]["program"].startswith("chdkshell ")
    assert set(report["host"]) == {"program", "python", "platform", "machine", "libusb"}
    first = report["checks"][0]
    assert first["check"] == "identity"
    assert first["outcome"] == "passed"
    assert first["seconds"] >= 0


def test_what_failed_is_said_and_fails_the_command(table: Table) -> None:
    table.only(fails("a stone"), MADE["identity"])
    assert table.error("selftest").startswith("1 of 2 checks failed; send selftest-")
    said = lines(table)
    assert said[0] == "FAILED made up               a stone; expected: another thing"
    assert said[1].startswith("passed identity")
    assert said[2].startswith("1 passed, 1 failed, 0 not on this model")


def test_an_error_of_the_library_is_what_was_seen(table: Table) -> None:
    table.only(raises(CardError("the card is full", "A/X")), MADE["script status"])
    table.error("selftest")
    said = lines(table)
    assert said[0] == "FAILED made up               the card is full; expected: all is well"
    assert said[1].startswith("passed script status")


def test_the_report_names_nobody_and_nothing(table: Table) -> None:
    secret = f"no A/DCIM/100CANON/IMG_0001.JPG at {Path.home()}/x, SIM0001, A/'odd name.jpg'"
    table.only(fails(secret), raises(CardError("A/CHSHTEST/FILE.BIN: errno 0x16", "A/CHSHTEST")))
    table.error("selftest")
    text = json.dumps(table.report())
    for word in ("SIM0001", "IMG_0001", "DCIM", "FILE.BIN", str(Path.home()), str(table.folder)):
        assert word not in text, word
    assert "no A/... at .../x, ..., A/..." in text


def test_a_report_where_it_is_wanted(table: Table) -> None:
    table.only(MADE["identity"])
    assert table.shell.run("selftest -report=mine.json")
    assert lines(table)[-1] == "report: mine.json"
    assert json.loads((table.folder / "mine.json").read_text("utf-8"))["passed"] == 1
    assert "cannot write" in table.error("selftest -report=no/folder.json")


def test_json_has_an_object_for_each_check(table: Table) -> None:
    table.only(MADE["identity"], fails("a stone"))
    assert table.shell.run("set output=json")
    table._take(table.out)
    assert not table.shell.run("selftest")
    first, second, last = map(json.loads, lines(table))
    assert first["event"] == second["event"] == "check"
    assert first["result"]["outcome"] == "passed"
    assert second["result"]["expected"] == "another thing"
    assert not last["ok"]
    assert last["result"]["failed"] == 1
    assert Shape(SHAPES["selftest"]).fits(last["result"])
    table.only(MADE["identity"])
    assert table.shell.run("selftest")
    assert Shape(SHAPES["selftest"]).fits(json.loads(lines(table)[-1])["result"])


# ---- questions ----------------------------------------------------------------------------------


def asking(table: Table, *answers: str) -> list[str]:
    """Have questions answered so; return those that are asked."""
    asked: list[str] = []
    left = list(answers)

    def ask(question: str) -> str:
        asked.append(question)
        return left.pop(0)

    table.shell.context.ask = ask
    table.shell.context.prefs.compat = False
    return asked


def shot(bench: Bench) -> str:
    raise AssertionError("nobody said yes")


def test_shots_and_sizes_are_asked_for(table: Table) -> None:
    harmless = MADE["identity"]
    table.only(
        harmless,
        Trial("shot", "", shot, kind=Kind.SHOOTS),
        Trial("size", "", shot, kind=Kind.RISKY),
    )
    asked = asking(table, "n", "y", "", "n")
    for line in ("selftest -shoot", "selftest -shoot -sizes", "selftest -sizes"):
        assert table.error(line) == "nothing was done"
    assert asked == [
        "take 1 picture and delete it from the card? [y/N] ",
        "take 1 picture and delete it from the card? [y/N] ",
        "a camera that hangs needs its battery taken out: try such sizes? [y/N] ",
        "a camera that hangs needs its battery taken out: try such sizes? [y/N] ",
    ]


def test_sizes_need_a_word_where_nobody_is_asked(table: Table) -> None:
    table.only(MADE["sizes from 0x23F4"])
    assert table.error("selftest -sizes") == "-sizes may hang the camera; -y says that it may"
    assert table.shell.run("selftest -sizes -y")
    assert lines(table)[0].startswith("passed sizes from 0x23F4")


def test_a_folder_that_is_there_is_not_taken_for_ours(table: Table) -> None:
    table.only(MADE["identity"])
    folder = table.card / "CHSHTEST"
    folder.mkdir()
    (folder / "MINE.TXT").write_text("a user's own")
    assert table.error("selftest").startswith("A/CHSHTEST is on the card already; -y deletes it")
    asked = asking(table, "n")
    assert table.error("selftest") == "nothing was done"
    assert asked == ["A/CHSHTEST is on the card, as from an earlier run: delete it? [y/N] "]
    assert (folder / "MINE.TXT").exists()
    assert table.shell.run("selftest -y")
    assert not folder.exists()


# ---- ends ---------------------------------------------------------------------------------------


def interrupting(table: Table) -> Trial:
    """Return a check in which Ctrl-C comes while a script runs."""

    def run(bench: Bench) -> str:
        bench.write("FILE.BIN", b"x")
        bench.camera.scripts.start("while true do sleep(10) end")
        table.shell.context.cancel.set()
        bench.camera.scripts.wait(cancel=bench.cancel)
        return ""

    return Trial("interrupted", "", run)


def test_ctrl_c_leaves_the_card_as_it_was(table: Table) -> None:
    before = tree(table.card)
    table.only(MADE["mode switches"], interrupting(table), MADE["identity"])
    assert not table.shell.run("selftest")
    assert table.shell.status == 130
    assert tree(table.card) == before
    assert table.shell.run("luar return 6*7")
    assert not list(table.folder.glob("selftest-*.json"))


@pytest.mark.parametrize("name", ["picture to card", "JPEG capture"])
def test_ctrl_c_in_a_shot(table: Table, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture that was under way is on the card then, and is deleted."""
    before = tree(table.card)

    def cancelled(*arguments: object, **options: object) -> object:
        table.sim.scripts.wait_ended(TIMEOUT)
        assert table.shell.context.camera.lua("return shoot()") == 0
        assert tree(table.card) != before
        table.shell.context.cancel.set()
        table.shell.context.cancel.check()
        return None

    monkeypatch.setattr(cardpictures, "shoot", cancelled)
    monkeypatch.setattr(type(table.shell.context.camera), "capture", cancelled)
    table.only(MADE[name])
    assert not table.shell.run("selftest -shoot -y")
    assert table.shell.status == 130
    assert "taken and deleted: A/DCIM/" in table.err.getvalue()
    assert tree(table.card) == before


def test_the_mode_is_put_back(table: Table) -> None:
    table.only(MADE["half press"])
    for mode in ("rec", "play"):
        table.shell.run(mode)
        assert table.shell.run("selftest")
        assert table.shell.context.camera.mode[:4] == {"rec": "reco", "play": "play"}[mode]


def test_a_link_that_is_cut_is_made_again(table: Table) -> None:
    before = tree(table.card)

    def cut(bench: Bench) -> str:
        bench.write("FILE.BIN", b"x")
        bench.camera.session.broken = True
        raise DisconnectedError("the camera went away")

    table.only(Trial("cut", "a link that holds", cut), MADE["script status"])
    table.error("selftest")
    said = lines(table)
    assert said[0] == (
        "FAILED cut                   the camera went away; expected: a link that holds"
    )
    assert said[1].startswith("passed script status")
    assert tree(table.card) == before


def test_a_fault_of_the_program_leaves_the_card_as_it_was(table: Table) -> None:
    before = tree(table.card)
    table.only(raises(ZeroDivisionError("a bug")))
    assert not table.shell.run("selftest")
    assert table.shell.status == 70
    assert tree(table.card) == before


def test_a_folder_that_cannot_be_removed_is_told(table: Table) -> None:
    def hold(bench: Bench) -> str:
        bench.write("FILE.BIN", b"x")
        bench.lua(f"set_file_attributes('{FOLDER}/FILE.BIN',1)")
        return "held"

    table.only(Trial("hold", "", hold))
    assert not table.shell.run("selftest")
    said = table.err.getvalue()
    assert "WARNING: A/CHSHTEST is left on the card: " in said
    assert "ERROR: the card is not as it was; `rm A/CHSHTEST` deletes what is left" in said
