"""Secrets are hidden, and what only looks like one is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import redact
from expctl.core.redact import HIDDEN

if TYPE_CHECKING:
    from pathlib import Path

# Put together here, so that no scanner takes this file for a leak.
TOKENS = {
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "github": "ghp" + "_" + "a1B2" * 9,
    "github fine": "github" + "_pat_" + "a1B2" * 10,
    "gitlab": "glpat" + "-" + "a1B2" * 5,
    "hugging face": "hf" + "_" + "aBcD" * 9,
    "openai": "sk" + "-proj-" + "a1B2_" * 8,
    "anthropic": "sk" + "-ant-api03-" + "a1B2-" * 8,
    "stripe": "sk" + "_live_" + "a1B2" * 6,
    "slack": "xoxb" + "-1234567890-abcdef",
    "google": "AIza" + "Sy" + "a1B2c" * 6 + "abc",
    "jwt": "eyJ" + "hbGciOiJIUzI1" + ".eyJ" + "zdWIiOiIxMjM0" + ".SflKxwRJSMeKKF2QT4",
    "npm": "npm" + "_" + "a1B2" * 9,
    "pypi": "pypi" + "-AgEIcHlwaS5vcmc" + "a1B2" * 12,
    "sendgrid": "SG" + "." + "a1" * 11 + "." + "b2" * 21 + "c",
    "databricks": "dapi" + "0123456789abcdef" * 2,
}
HARMLESS_NAMES = [
    "num_memory_tokens", "max_tokens", "max_new_tokens", "pad_token", "eos_token_id", "bos_token",
    "unk_token", "mask_token", "sep_token", "tokens_per_second", "tokenizer", "token_dim",
    "token_type_ids", "image_token", "special_tokens", "n_tokens", "num_tokens", "lr", "key", "sort_key",
    "primary_key", "keyword", "keys", "author", "authors", "passes", "n_pass", "bypass", "compass",
    "secretary", "password_file", "secret_name", "api_key_env", "key_padding_mask", "num_heads",
    "tokenize", "monkey_patch", "query_key_value", "passthrough",
]  # fmt: skip
SECRET_NAMES = [
    "password", "PASSWORD", "db.password", "--password", "-password", "passwd", "user_password",
    "MYSQL_PWD", "secret", "client_secret", "clientSecret", "AWS_SECRET_ACCESS_KEY", "api_key", "apiKey",
    "--api-key", "APIKEY", "x-api-key", "OPENAI_API_KEY", "WANDB_API_KEY", "access_key", "private_key",
    "auth_token", "HF_TOKEN", "token", "--token", "github_token", "accessToken", "credentials", "auth",
    "password2",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_that_says_secret_hides_its_value(name: str) -> None:
    assert redact.redact_value(name, "correct-horse") == (HIDDEN, True)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
@pytest.mark.parametrize(
    "value", ["correct-horse", 42, True, None, "<|im_end|>", "<|reserved_special_token_12|>"]
)
def test_a_name_that_only_sounds_like_one_hides_nothing(name: str, value: object) -> None:
    assert redact.redact_value(name, value) == (value, False)


@pytest.mark.parametrize(
    "value", [True, None, "", "none", "$HF_TOKEN", "${TOKEN}", "/run/secrets/x", "key.pem", 7, "***"]
)
def test_what_cannot_be_a_secret_stays(value: object) -> None:
    assert redact.redact_value("hf_token", value) == (value, False)


def test_a_number_can_be_a_password_but_not_a_token() -> None:
    assert redact.redact_value("password", 123456) == (HIDDEN, True)
    assert redact.redact_value("pad_token", 50256) == (50256, False)


def test_a_token_of_a_user_is_known_by_its_look() -> None:
    assert redact.redact_value("user_token", "a1b2c3d4e5f6g7h8i9") == (HIDDEN, True)
    assert redact.redact_value("user_token", "<|user|>") == ("<|user|>", False)


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_a_shape_is_known_wherever_it_stands(token: str) -> None:
    assert redact.redact_value("note", token) == (HIDDEN, True)
    assert redact.redact_argv(["x", f"--opt={token}", token])[0] == ("x", f"--opt={HIDDEN}", HIDDEN)
    assert token not in redact.redact_text(f'{{"a": "{token}"}} got {token}, thanks')[0]


@pytest.mark.parametrize(
    "text",
    [
        "7f3a2b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a", "a3b2c1d4e5f60718293a4b5c6d7e8f90",
        "sk-learn-0-24-compatible-model", "scikit-learn", "ghp_short", "resnet50.a1_in1k", "task-sk-7",
        "https://example.com/a?b=c", "git@github.com:me/x.git", "ssh://git@host/x.git",
        "s3://bucket/key=1/x", "http://host:8080/path@v1",
        "epoch 3/10: train_loss=0.41 tokens=512 key=val", "basic authentication", "monkey: banana",
        "key: value", "tokens per second: 1234.5", "token: hello_world", "bearer of bad news",
        "KeyError: 'token'", "pad_token='<pad>'", "passed: 12 tests", "author: somebody",
        "sha256=0f343b0931126a20", "C:\\keys\\secret", "password: ", "secret = None", "api_key=None",
        "token=$TOKEN", "hf_hub_download",
    ],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact.redact_text(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://me:pw@h.org/x", "https://h.org/x"),
        ("https://me:p@w@h.org/x", "https://h.org/x"),
        ("https://sometoken@h.org/x", "https://h.org/x"),
        ("postgresql://u:p@db:5432/x?a=1", "postgresql://db:5432/x?a=1"),
        ("see http://a:b@c/ and redis://:pw@d/0.", "see http://c/ and redis://d/0."),
        ("https://b.s3/k?X-Amz-Signature=abcdef12&p=1", f"https://b.s3/k?X-Amz-Signature={HIDDEN}&p=1"),
        ("https://x.blob/c?sv=1&sig=aB%2Fc12", f"https://x.blob/c?sv=1&sig={HIDDEN}"),
    ],
)  # fmt: skip
def test_urls_lose_their_credentials_only(text: str, clean: str) -> None:
    assert redact.strip_url(text) == clean
    assert redact.redact_argv([text])[0] == (clean,)


@pytest.mark.parametrize(
    ("argv", "clean", "said"),
    [
        ("x --password hunter2 --lr 1", f"x --password {HIDDEN} --lr 1", ["--password"]),
        ("x --password=hunter2", f"x --password={HIDDEN}", ["--password"]),
        ("x -password hunter2", f"x -password {HIDDEN}", ["-password"]),
        ("x db.password=hunter2", f"x db.password={HIDDEN}", ["db.password"]),
        ("env HF_TOKEN=abcdefgh python x", f"env HF_TOKEN={HIDDEN} python x", ["HF_TOKEN"]),
        ("x --token --lr 1", "x --token --lr 1", []),
        ("x --max-tokens 5 --pad-token <pad>", "x --max-tokens 5 --pad-token <pad>", []),
        ("x --token", "x --token", []),
        ("curl https://u:p@h/x", "curl https://h/x", ["word 1"]),
        ("x --url=https://u:p@h/x", "x --url=https://h/x", ["--url"]),
        ("x --password-file /run/pw", "x --password-file /run/pw", []),
    ],
)
def test_words_of_a_command_are_redacted_and_said(argv: str, clean: str, said: list[str]) -> None:
    assert redact.redact_argv(argv.split()) == (tuple(clean.split()), said)


def test_a_header_is_hidden() -> None:
    words = [
        "curl",
        "-H",
        "Authorization: Bearer abcdefghij0123456789",
        "-H",
        "Authorization: Basic dTpwYXNz",
    ]

    clean, said = redact.redact_argv(words)

    assert clean[2] == f"Authorization: Bearer {HIDDEN}"
    assert clean[4] == f"Authorization: Basic {HIDDEN}"
    assert said == ["-H", "-H"]


def test_a_tree_keeps_its_form_and_says_the_dotted_names() -> None:
    tree = {
        "db": {"password": "hunter2", "ports": [1, 2]},
        "urls": ["http://u:p@h/"],
        "lr": 0.1,
        "secrets": {"a": "bbbb"},
    }

    clean, said = redact.redact_tree(tree)

    assert clean == {
        "db": {"password": HIDDEN, "ports": [1, 2]},
        "urls": ["http://h/"],
        "lr": 0.1,
        "secrets": {"a": HIDDEN},
    }
    assert said == ["db.password", "urls.0", "secrets.a"]
    assert tree["db"] == {"password": "hunter2", "ports": [1, 2]}


@pytest.mark.parametrize(
    "line",
    [
        "password=hunter22", "password: hunter22", "'password': 'hunter22'", '"db_password": "hunter22",',
        "PASSWORD => hunter22", "connecting with api_key=hunter22 now", "client_secret = hunter22)",
        "passwd=hunter22;", "x --password=hunter22",
        "Namespace(lr=0.1, password='hunter22', x=1)", "token=hunter22hunter22", "HF_TOKEN: hunter22hunter22",
    ],
)  # fmt: skip
def test_a_secret_that_a_program_prints_is_hidden_by_its_name(line: str) -> None:
    clean, hits = redact.redact_text(line)

    assert hits == 1
    assert clean == line.replace("hunter22hunter22", "hunter22").replace("hunter22", HIDDEN)


def test_a_private_key_goes_as_a_whole() -> None:
    key = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY-----"

    assert redact.redact_text(f"a\n{key}\nb") == (f"a\n{HIDDEN}\nb", 1)


def test_secrets_of_the_environment_are_known_for_the_log() -> None:
    env = {
        "WANDB_API_KEY": "s3cr3tvalue",
        "PATH": "/bin",
        "MY_TOKEN": "abc",
        "HF_TOKEN_PATH": "/home/x/t",
        "PWD": "/home/x",
    }

    assert redact.secrets_of(env, ["x", "--password", "hunter22", "--secret=pass=word"]) == (
        "s3cr3tvalue",
        "pass=word",
        "hunter22",
    )


def test_only_what_can_be_told_from_ordinary_text_is_looked_for() -> None:
    found = ["123456", "12345", "two\nlines", "longer-than-123456", "123456", redact.HIDDEN]

    assert redact.known_secrets(found) == ("longer-than-123456", "123456")


def test_secrets_are_taken_from_the_environment_by_name_and_from_urls() -> None:
    env = {
        "A_TOKEN": "token-value-1",
        "DATABASE_URL": "postgres://me:pw-of-a-url@db/x",
        "OTHER": "harmless-1",
    }

    assert redact.secrets_of(env) == ("token-value-1", "pw-of-a-url")
    assert redact.secrets_of({}, ["x", "https://me:pw-of-a-url@h/"]) == ("pw-of-a-url",)
    assert redact.secrets_of({"OTHER": "harmless-1", "PWD": "secret-folder"}, ["x", "--lr", "harmless"]) == ()


@pytest.fixture
def stream(tmp_path: Path):
    def run(data: bytes, *known: str) -> tuple[bytes, int]:
        (tmp_path / "src").write_bytes(data)
        hits = redact.redact_stream(str(tmp_path / "src"), str(tmp_path / "dst"), known=known)
        return (tmp_path / "dst").read_bytes(), hits

    return run


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=100)
def test_a_log_of_any_bytes_passes_unchanged(tmp_path_factory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("log")
    (folder / "src").write_bytes(data)

    if redact.redact_stream(str(folder / "src"), str(folder / "dst")) == 0:
        assert (folder / "dst").read_bytes() == data


def test_a_log_is_cleaned_and_everything_else_kept_byte_for_byte(stream) -> None:
    noise = b"\xff\xfe\r\x1b[31mloss 0.1\x1b[0m token=8\n" * 3
    token = TOKENS["github"].encode()

    clean, hits = stream(noise + b"using " + token + b" and s3cr3tvalue\n" + noise, "s3cr3tvalue", "s3cr3t")

    assert hits == 2
    assert clean == noise + b"using <redacted> and <redacted>\n" + noise


def test_a_secret_over_the_edge_of_a_block_is_found(stream) -> None:
    token = TOKENS["github"].encode()
    for lead in ((1 << 20) - 20, (1 << 20) - 1):
        clean, hits = stream(b"x" * (lead // 2) + b"\n" + b" " * (lead - lead // 2 - 1) + token + b"\n")
        assert hits == 1
        assert token not in clean


def test_a_private_key_over_the_edge_of_a_block_goes_as_a_whole(stream) -> None:
    key = b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + b"abcd\n" * 400 + b"-----END RSA PRIVATE KEY-----\n"
    clean, hits = stream(b"line\n" * 209_000 + key + b"tail\n")

    assert hits == 1
    assert b"abcd" not in clean
    assert clean.endswith(b"tail\n")


def test_a_key_that_never_ends_does_not_eat_memory_or_the_rest(stream) -> None:
    clean, hits = stream(b"-----BEGIN RSA PRIVATE KEY-----\n" + b"abcd\n" * 100)

    assert (clean, hits) == (b"<redacted>", 1)


def test_a_megabyte_of_progress_bars_is_quick(stream) -> None:
    data = b"".join(
        b"\r%3d%%|####| %d/1000 [00:01<00:00, 98.1it/s, loss=0.%03d]" % (n // 10, n, n) for n in range(1000)
    )
    before = time.process_time()

    clean, hits = stream((data + b"\n") * 60)

    assert hits == 0
    assert clean == (data + b"\n") * 60
    assert time.process_time() - before < 20


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000, "://" * 100_000, "key=" * 20_000, "https://" + "a" * 300_000, "eyJ" + "a." * 100_000,
        "eyJ-" * 20_000, "key a-" * 20_000, "key" + "a" * 500_000, "sk-" * 20_000, "-----BEGIN " * 20_000,
        "token=" * 20_000, "password" * 20_000, "api_key " * 20_000, "secret.-" * 20_000,
        "a" * 300_000 + "token=b",
    ],
)  # fmt: skip
def test_no_text_makes_the_search_slow(text: str) -> None:
    before = time.process_time()
    redact.redact_text(text)

    assert time.process_time() - before < 20


def test_many_secrets_behind_a_long_line_take_no_copy_of_it_each():
    line = "." * (8 << 20) + "password=hunter2 " * 20_000
    before = time.process_time()
    text, hits = redact.redact_text(line)

    assert hits == 20_000
    assert "hunter2" not in text
    assert time.process_time() - before < 10
