"""The commands, one module a topic.

`index` names what each module declares, in the order of `help`, so that a start loads those that it
needs. `scripts/generate` writes it; a new module gets its place there.
"""

from __future__ import annotations

from chdkshell.shell.command import REGISTRY
from chdkshell.shell.commands.index import MODULES

REGISTRY.declared_in(__name__, MODULES)
