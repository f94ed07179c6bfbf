"""A real browser for tests, where there is one: Chromium by its driver, spoken to over loopback.

Only the standard library is used: the driver speaks JSON over HTTP (W3C WebDriver).
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import shutil
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip
#: Less than the limit of a test, so that what is said names what was waited for.
_PATIENCE_S = 240
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One window; close it when done."""

    def __init__(self, profile: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self._driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self._driver.stdout:
            if match := re.search(r"successfully on port (\d+)", line):
                break
        self._address = f"http://127.0.0.1:{match[1]}/session"
        theme = ["--blink-settings=preferredColorScheme=0"] if dark else []
        arguments = [*_FLAGS, *theme, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        options = {"binary": CHROMIUM, "args": arguments}
        wanted = {
            "timeouts": {"script": _PATIENCE_S * 1000, "pageLoad": _PATIENCE_S * 1000},
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._address += f"/{answer['sessionId']}"
        # What the browser's own first page asks for is not the report's doing.
        self._ask("POST", "/url", {"url": "about:blank"})

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._ask("DELETE", "")
        self._driver.terminate()
        self._driver.wait()
        self._driver.stdout.close()

    def open(self, path: Path) -> None:
        self._ask("POST", "/url", {"url": path.as_uri()})
        self.settle()

    def run(self, script: str, *words: Any) -> Any:
        """Run a script in the page and give what it returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(words)})

    def settle(self) -> None:
        """Wait until the page has drawn what was asked for: two frames."""
        done = "arguments[0](0)"
        script = (
            f"const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => {done}))"
        )
        self._ask("POST", "/execute/async", {"script": script.replace(done, "done(0)"), "args": []})

    def press(self, *keys: str, on: str | None = None) -> None:
        """Press keys one after the other; where the focus is, or in an element that gets it first."""
        if on:
            self.run("document.querySelector(arguments[0]).focus()", on)
        steps = [{"type": kind, "value": key} for key in "".join(keys) for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": steps}]})
        self.settle()

    def click(self, css: str) -> None:
        element = self._ask("POST", "/element", {"using": "css selector", "value": css})[_ELEMENT]
        self._ask("POST", f"/element/{element}/click", {})
        self.settle()

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag the pointer between two places of the window."""
        move = {"type": "pointerMove", "duration": 0, "origin": "viewport"}
        steps = [
            {**move, "x": start[0], "y": start[1]},
            {"type": "pointerDown", "button": 0},
            {**move, "x": end[0], "y": end[1]},
            {"type": "pointerUp", "button": 0},
        ]
        self._ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]})
        self.settle()

    def texts(self, css: str) -> list[str]:
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", css
        )

    def shot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """What the console said, faults of scripts and of the policy among it."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def asked_for(self) -> list[str]:
        """Every address that the browser asked for since it was looked last."""
        entries = self._ask("POST", "/se/log", {"type": "performance"})
        events = [json.loads(entry["message"])["message"] for entry in entries]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as err:
            with err:
                raise AssertionError(json.load(err)["value"]["message"][:500]) from None


ARROW_DOWN, END, ENTER, ESCAPE = "\ue015", "\ue010", "\ue007", "\ue00c"
