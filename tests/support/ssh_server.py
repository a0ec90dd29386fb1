"""A real sshd on loopback, with keys and known hosts of its own, and a host behind it."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from chdkshell.sim.pace import FAST, PACE_VARIABLE
from support.shell_process import PROJECT

TRIES = 5


class SshHost:
    """The hosts `pi1` and `pi2`, which are this computer. `folder` has all of their files.

    `bin` is where the server looks for chdkshell, and `client` where ssh of the user stands: first
    in a PATH it takes the user's place with keys and known hosts of this folder.
    """

    def __init__(
        self, sshd: str, folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.bin, self.client = folder, folder / "far", folder / "near"
        for made in (self.bin, self.client):
            made.mkdir(parents=True)
        for name in ("host", "user", "other"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True)
        shutil.copy(folder / "user.pub", folder / "authorized_keys")
        self.install(environment or {})
        self.server = self._start(sshd)
        self._write_client()

    def install(self, environment: Mapping[str, str]) -> None:
        """Put chdkshell on the host, with an environment of its own."""
        settings = {"PYTHONPATH": str(PROJECT), PACE_VARIABLE: FAST.name, **environment}
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in settings.items())
        self.put_program(f'{exports}exec {shlex.quote(sys.executable)} -m chdkshell "$@"\n')

    def put_program(self, script: str) -> None:
        """Put another program in chdkshell's place."""
        program = self.bin / "chdkshell"
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(0o755)

    def greet_with(self, text: str) -> None:
        """Let a login file print something."""
        (self.folder / "login").write_text(f"printf {shlex.quote(text)}\n")

    def sessions(self) -> list[int]:
        """Return the processes of the server that serve somebody."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.server.pid:
                found.append(int(stat.parent.name))
        return found

    def close(self) -> None:
        """Stop the server, and those who are served."""
        for process in (*self.sessions(), self.server.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
        self.server.wait()

    # ---- setting up -----------------------------------------------------------------------------

    def _start(self, sshd: str) -> subprocess.Popen[bytes]:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # what sshd wants to be root's
        for _ in range(TRIES):
            self.port = _free_port()
            self._write_server()
            command = [sshd, "-D", "-e", "-f", str(self.folder / "sshd_config")]
            with (self.folder / "sshd.log").open("wb") as log:
                server = subprocess.Popen(command, stderr=log)
            while server.poll() is None:
                if b"Server listening on" in (self.folder / "sshd.log").read_bytes():
                    return server
                time.sleep(0.01)
        raise AssertionError((self.folder / "sshd.log").read_text())

    def _write_server(self) -> None:
        path = f"{self.bin}:/usr/local/bin:/usr/bin:/bin"
        settings = {
            "ListenAddress": "127.0.0.1",
            "Port": self.port,
            "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "SetEnv": f"PATH={path} BASH_ENV={self.folder / 'login'}",
        }
        lines = [f"{name} {value}\n" for name, value in settings.items()]
        (self.folder / "sshd_config").write_text("".join(lines))
        (self.folder / "login").touch()

    def _write_client(self, key: str = "user", host_key: str = "host") -> None:
        public = (self.folder / f"{host_key}.pub").read_text().split()
        known = f"[127.0.0.1]:{self.port} {public[0]} {public[1]}\n"
        (self.folder / "known_hosts").write_text(known)
        settings = {
            "HostName": "127.0.0.1",
            "Port": self.port,
            "User": getpass.getuser(),
            "IdentityFile": self.folder / key,
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "UserKnownHostsFile": self.folder / "known_hosts",
            "GlobalKnownHostsFile": "none",
            "StrictHostKeyChecking": "yes",
        }
        lines = [f"  {name} {value}\n" for name, value in settings.items()]
        (self.folder / "ssh_config").write_text("Host pi1 pi2\n" + "".join(lines))
        ssh = self.client / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {self.folder}/ssh_config "$@"\n')
        ssh.chmod(0o755)

    def use(self, key: str = "user", host_key: str = "host") -> None:
        """Let the user have another key, or know the host by another one."""
        self._write_client(key, host_key)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
