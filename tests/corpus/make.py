"""Make the logs of the corpus again, by running each script: python make.py INTERPRETER [NAME…].

INTERPRETER is one whose environment has the tools. Logs of scripts whose name ends in ``_terminal`` are those
of a terminal, as ``expctl run`` keeps them; the others' output went through a pipe. Labels are written by
hand: nothing here makes them.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

HERE = Path(__file__).parent / "output"
TERMINAL = "_terminal"


def main(interpreter: str, names: list[str]) -> None:
    for script in sorted([*HERE.glob("*.py"), *HERE.glob("*.sh")]):
        if names and script.stem not in names:
            continue
        words = [interpreter, "-u", str(script)] if script.suffix == ".py" else ["bash", str(script)]
        env = os.environ | {"PYTHON": interpreter, "EXPCTL_PYTHON": sys.executable, "LC_ALL": "C.UTF-8"}
        run = _in_terminal if script.stem.endswith(TERMINAL) else _through_pipe
        data = run(words, env)
        for path, instead in (
            (str(HERE), "/home/ada"),
            (str(Path(interpreter).parents[1]), "/home/ada/venv"),
            (str(Path(sys.executable).parents[1]), "/home/ada/venv"),
            ("/tmp/", "/scratch/"),
        ):
            data = data.replace(path.encode(), instead.encode())
        data = re.sub(rb"(?<=Processing )/\S+/", b"/home/ada/wheels/", data)
        script.with_suffix(".log").write_bytes(data)
        print(f"{len(data):7d}  {script.stem}", flush=True)


def _through_pipe(words: list[str], env: dict[str, str]) -> bytes:
    return subprocess.run(
        words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/tmp", check=False
    ).stdout


def _in_terminal(words: list[str], env: dict[str, str]) -> bytes:
    master, end = pty.openpty()
    settings = termios.tcgetattr(end)
    settings[1] &= ~termios.OPOST
    termios.tcsetattr(end, termios.TCSANOW, settings)
    termios.tcsetwinsize(end, (40, 100))
    process = subprocess.Popen(
        words, env=env | {"TERM": "xterm-256color"}, stdout=end, stderr=end, cwd="/tmp"
    )
    os.close(end)
    parts = []
    while True:
        try:
            part = os.read(master, 1 << 16)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    process.wait()
    return b"".join(parts)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
