"""Property cases and settings of CHDK, by name and by number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chdkshell.chdk.luamodules import CORE_SETTINGS, OSD_SETTINGS, PROPERTIES, known_fields
from chdkshell.chdk.scripts import Scripts
from chdkshell.errors import ChdkError, UsageError, printable
from chdkshell.lua.literals import serialize
from chdkshell.lua.values import LuaValue

_FIELDS = (
    "local fields={} for _,name in ipairs(%s) do local ok,module=pcall(require,name) "
    "if ok and type(module)=='table' then for k,v in pairs(module) do "
    "if type(k)=='string' and type(v)=='number' then fields[k]=v end end end end "
    "return fields,get_propset()"
)


@dataclass(frozen=True, slots=True)
class ValueKind:
    """What the values are, the modules of the camera's Lua that name them, and their functions."""

    noun: str
    modules: tuple[str, ...]
    get: str
    set: str


PROPERTY = ValueKind("property case", (PROPERTIES,), "get_prop", "set_prop")
SETTING = ValueKind(
    "setting of CHDK", (CORE_SETTINGS, OSD_SETTINGS), "get_config_value", "set_config_value"
)


class NamedValues:
    """Values that CHDK keeps under numbers, by their names (`"TV"`) and by number (`265`).

    Names are those of the camera's own tables (CHDK/LUALIB on its card); where the card lacks
    these, those that are known here. A name or number that the camera does not have raises
    `UsageError`.

    >>> cam.props["ISO_MODE"], cam.props[149]
    (0, 0)
    """

    def __init__(self, scripts: Callable[[], Scripts], kind: ValueKind) -> None:
        self._scripts = scripts
        self._kind = kind
        self._names: dict[str, int] = {}

    def names(self) -> dict[str, int]:
        """Return the numbers of all names."""
        if not self._names:
            modules = serialize(list(self._kind.modules))
            match self._scripts().call(_FIELDS.replace("%s", modules)):
                case (dict() | list() as own, int(propset)):  # a table without a name is a list
                    for module in self._kind.modules:
                        for name, number in known_fields(module, propset).items():
                            if number is not None:
                                self._names[name] = number
                    if isinstance(own, dict):
                        numbers = {str(k): n for k, n in own.items() if isinstance(n, int)}
                        self._names.update(numbers)
                case _:
                    raise ChdkError(f"the camera tells no name of a {self._kind.noun}")
        return dict(self._names)

    def __getitem__(self, key: str | int) -> LuaValue:
        """Return a value: a number, and for settings also a text or a list of numbers."""
        number = self._number(key)
        value = self._scripts().call(f"return {self._kind.get}({number})")
        if value is None or value is False or isinstance(value, tuple):
            raise UsageError(f"this camera has no {self._kind.noun} {key}")
        return value

    def __setitem__(self, key: str | int, value: int | str | list[int]) -> None:
        """Set a value. It stays so, as in the camera's menus."""
        if not isinstance(value, int | str | list):
            raise UsageError(f"{value!r} is no value of a {self._kind.noun}")
        number = self._number(key)
        answer = self._scripts().call(f"return {self._kind.set}({number},{serialize(value)})")
        if answer is False:
            raise UsageError(f"the camera does not take {value!r} for the {self._kind.noun} {key}")

    def _number(self, key: str | int) -> int:
        if isinstance(key, int):
            return key
        names = self.names()
        if key not in names:
            raise UsageError(f"no {self._kind.noun} is called {printable(key)!r}")
        return names[key]
