from __future__ import annotations

import io

import pytest
from configobj import ConfigObj
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import dvcconfig

words = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, blacklist_characters="[]='\"#%,"),
    min_size=1,
    max_size=8,
)
texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, blacklist_characters='"%\x85\xa0'), max_size=12
)
sections = st.sampled_from(["core", "cache", 'remote "store"', 'remote "other one"'])


def quotable(value: str) -> bool:
    return value.isprintable()


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(
        sections, st.dictionaries(words.map(str.lower), texts.filter(quotable), max_size=3), max_size=3
    )
)
def test_dvc_s_own_reader_and_ours_read_what_we_write(found) -> None:
    text = dvcconfig.format_settings(found)

    theirs = ConfigObj(io.StringIO(text)).dict()

    assert theirs == found
    assert dvcconfig.parse(text) == {name: dict(keys) for name, keys in found.items()}


@settings(deadline=None, max_examples=100)
@given(
    st.dictionaries(
        sections, st.dictionaries(words.map(str.lower), texts.filter(quotable), max_size=3), max_size=3
    )
)
def test_we_read_what_dvc_writes(found) -> None:
    written = ConfigObj(found, encoding="utf-8")
    out = io.BytesIO()
    written.write(out)

    assert dvcconfig.parse(out.getvalue().decode()) == found


def test_what_cannot_be_quoted_is_refused_and_not_written_wrongly() -> None:
    for value in ("a\nb", "both ' and \" in, it"):
        with pytest.raises(ValueError, match="cannot hold"):
            dvcconfig.format_settings({"cache": {"dir": value}})


def test_garbage_is_passed_over() -> None:
    text = "\ufeff# x\n[core\nnothing\n[cache]  # here\n dir = /a # b\n= 3\n"

    assert dvcconfig.parse(text)["cache"]["dir"] == "/a"


def test_a_borrowed_remote_keeps_its_credentials_and_gets_a_folder_of_its_own() -> None:
    found = {
        "core": {"remote": "store", "autostage": "true"},
        'remote "store"': {"url": "s3://bucket/dvc/", "secret_access_key": "xyz", "version_aware": "true"},
        'remote "other"': {"url": "/mnt/x"},
    }

    borrowed = dvcconfig.borrow(found, "expctl")

    assert borrowed == {
        "core": {"remote": dvcconfig.BORROWED},
        'remote "store"': found['remote "store"'],
        'remote "other"': {"url": "/mnt/x"},
        f'remote "{dvcconfig.BORROWED}"': {"url": "s3://bucket/dvc/expctl", "secret_access_key": "xyz"},
    }


def test_there_is_nothing_to_borrow_without_a_default_remote() -> None:
    assert dvcconfig.borrow({'remote "store"': {"url": "/x"}}, "expctl") is None
    assert dvcconfig.borrow({"core": {"remote": "gone"}}, "expctl") is None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("url", "../store", "/repo/.dvc/../store"),
        ("url", "/abs", "/abs"),
        ("url", "s3://bucket", "s3://bucket"),
        ("url", "~/store", "~/store"),
        ("keyfile", "key", "/repo/.dvc/key"),
        ("ssl_verify", "false", "false"),
        ("profile", "work", "work"),
    ],
)
def test_paths_of_a_remote_are_made_absolute(key, value, expected) -> None:
    anchored = dvcconfig.anchored({'remote "a"': {key: value}}, "/repo/.dvc")

    assert anchored == {'remote "a"': {key: expected}}


def test_later_settings_win_key_by_key() -> None:
    merged = dvcconfig.merged({"core": {"remote": "a", "x": "1"}}, {"core": {"remote": "b"}})

    assert merged == {"core": {"remote": "b", "x": "1"}}
