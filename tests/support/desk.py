"""A shell in this process whose output a test can look at."""

from __future__ import annotations

import io

from chdkshell.shell.dispatch import Shell, Status
from chdkshell.shell.output.render import Renderer
from chdkshell.shell.prefs import OutputKind, Prefs


class Desk:
    """A shell and what it printed since the last look."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.err = io.StringIO()
        prefs = Prefs(OutputKind.PLAIN)
        self.shell = Shell(prefs, Renderer(prefs, self.out, self.err))

    def run(self, line: str) -> list[str]:
        """Run a line that must succeed; return the lines it printed on stdout."""
        assert self.shell.run(line), self.err.getvalue()
        # what several files came to is told beside the results
        assert all(line.startswith("copied ") for line in self._take(self.err))
        return self._take(self.out)

    def fail(self, line: str) -> str:
        """Run a line that must fail; return what it printed on stderr, without ERROR."""
        assert not self.shell.run(line)
        assert self.shell.status is Status.FAILED
        text = "\n".join(self._take(self.err))
        assert text.startswith("ERROR: ")
        return text.removeprefix("ERROR: ")

    def _take(self, stream: io.StringIO) -> list[str]:
        text = stream.getvalue()
        stream.seek(0)
        stream.truncate()
        return text.splitlines()
