"""The library's page: its recipes run as they stand there, and it has every public name."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path

import pytest
from support.fresh_sim import fresh_sim
from support.shell_process import PROJECT

import chdkshell

PAGE = (PROJECT / "chdkshell/README.md").read_text("utf-8")


def test_recipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fresh_sim(monkeypatch)
    guide = PAGE.partition("## Every public name")[0]
    test = doctest.DocTestParser().get_doctest(guide, {}, "README.md", None, 0)
    assert len(test.examples) > 20
    out: list[str] = []
    result = doctest.DocTestRunner().run(test, out=out.append)
    assert result.failed == 0, "".join(out)
    assert [path.name for path in tmp_path.glob("*.DNG")]


def examples() -> list[doctest.DocTest]:
    """Return the examples in the docstrings of public classes and their bases."""
    values = (getattr(chdkshell, name) for name in chdkshell.__all__)
    classes = dict.fromkeys(c for v in values if isinstance(v, type) for c in v.__mro__)
    own = [c for c in classes if c.__module__.startswith("chdkshell.")]
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for c in own for test in finder.find(c, c.__name__, globs={}) if test.examples]


@pytest.mark.parametrize("test", examples(), ids=lambda test: test.name)
def test_examples_of_docstrings(
    test: doctest.DocTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fresh_sim(monkeypatch)
    out: list[str] = []
    with chdkshell.connect("sim:") as camera:
        public = {name: getattr(chdkshell, name) for name in chdkshell.__all__}
        test.globs.update(public, cam=camera)
        result = doctest.DocTestRunner().run(test, out=out.append)
    assert result.failed == 0, "".join(out)


def test_every_public_name_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "scripts"))
    from library_readme import documented

    assert documented() | {"__version__"} == set(chdkshell.__all__)
    for name in chdkshell.__all__:
        assert f"`{name}" in PAGE or name == "__version__", name


def test_public_names_have_docstrings() -> None:
    for name in chdkshell.__all__:
        value = getattr(chdkshell, name)
        assert name == "__version__" or value.__doc__, name
        if isinstance(value, type) and value.__module__.startswith("chdkshell"):
            for member, thing in vars(value).items():
                if not member.startswith("_") and (callable(thing) or isinstance(thing, property)):
                    assert thing.__doc__, f"{name}.{member}"


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError):
        _ = chdkshell.nothing
    assert "connect" in dir(chdkshell)
    assert "chdkshell" in sys.modules
