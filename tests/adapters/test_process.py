"""Helpers are asked while we go on."""

from __future__ import annotations

import threading

import pytest

from expctl.adapters import process


def test_what_was_asked_alongside_is_answered_when_it_is_wanted() -> None:
    asked, answer = threading.Event(), threading.Event()

    def ask() -> str:
        asked.set()
        answer.wait()
        return "answer"

    wait = process.alongside(ask)
    asked.wait()  # it does not wait for us to want it
    answer.set()

    assert wait() == "answer"


def test_a_fault_is_raised_where_the_answer_is_wanted() -> None:
    def ask() -> None:
        raise OSError("no")

    wait = process.alongside(ask)

    with pytest.raises(OSError, match="no"):
        wait()


def test_without_a_thread_it_is_asked_at_once(monkeypatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    seen: list[int] = []
    wait = process.alongside(lambda: seen.append(1))

    assert seen == [1]
    assert wait() is None
