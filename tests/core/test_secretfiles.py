from __future__ import annotations

import pytest

from expctl.core import secretfiles
from tests.core.test_redact import TOKENS


@pytest.mark.parametrize(
    "path",
    [".env", "app/.env.local", ".envrc", "server.pem", "id_rsa", "keys/id_ed25519", "id_rsa.old", "ID_RSA",
     ".netrc", "credentials.json", "secrets.yaml", "my-service-account-2.json", "kaggle.json", "id_work"],
)  # fmt: skip
def test_names_of_secret_files_are_known(path):
    assert secretfiles.by_name(path)


@pytest.mark.parametrize(
    "path",
    ["train.py", "id_mapping.py", "id_rsa.pub", "environment.yaml", "env.py", "model.pkl", "tokenizer.json",
     "secret_sharing.py", "data/id_map.json"],
)  # fmt: skip
def test_names_of_sources_are_let_through(path):
    assert secretfiles.by_name(path) is None


@pytest.mark.parametrize(
    "data",
    [b"-----BEGIN RSA PRIVATE KEY-----\nMII", b"-----BEGIN OPENSSH PRIVATE KEY-----",
     b"key = AKIAIOSFODNN7EXAMPLE",
     b"token: ghp_" + b"a" * 36, b"hf_" + b"A" * 34, b"OPENAI = 'sk-proj-" + b"a1B2" * 10 + b"'",
     b"aws_secret_access_key = " + b"a" * 40],
)  # fmt: skip
def test_shapes_of_secrets_are_known(data):
    assert secretfiles.by_content(b"x = 1\n" + data + b"\n")


@pytest.mark.parametrize(
    "data",
    [b"import sk-learn\n", b"num_memory_tokens = 4", b"a" * 64, b"AKIA is a prefix", b"hf_model = 'x'",
     b"npm_config_registry=x", b"PRIVATE KEY handling is in keys.py"],
)  # fmt: skip
def test_ordinary_text_is_let_through(data):
    assert secretfiles.by_content(data) is None


def test_templates_of_secret_files_are_told_by_their_end():
    assert secretfiles.is_template(".env.example")
    assert not secretfiles.is_template(".env.local")


def test_one_table_says_what_a_token_is():
    for token in TOKENS.values():
        assert secretfiles.by_content(b"x = '" + token.encode() + b"'\n"), token


@pytest.mark.parametrize(
    "text",
    ["wandb_api_key: 0f343b0931126a20f133d67c2b018a3b0f343b09\n", 'API_SECRET = "a1B2c3D4e5F6g7H8i9J0k1"\n',
     '{"client_secret": "a1B2c3D4e5F6g7H8i9J0k1", "x": 1}', "export DB_PASSWORD='a1B2c3D4e5F6g7H8i9J0k1'\n"],
)  # fmt: skip
def test_a_long_value_under_a_secret_name_keeps_a_file_out(text):
    assert "under the name" in secretfiles.by_content(text.encode())


@pytest.mark.parametrize(
    "text",
    ["api_key = os.environ['OPENAI_API_KEY_1234_5678']\n", 'api_key = "put-your-own-key-here-please"\n',
     "sort_key = '0f343b0931126a20f133d67c2b018a3b'\n", "token = tokenizer.special_tokens_2024_0001[12]\n",
     "password = getpass.getpass('1234 1234 1234 1234 pass')\n", "DATABASE = 'postgresql://me:pw@localhost/x'\n",
     "key: 0f343b0931126a20f133d67c2b018a3b0f343b09\n", "sha256 = '0f343b0931126a20f133d67c2b018a3b'\n"],
)  # fmt: skip
def test_a_source_that_only_speaks_of_secrets_is_let_through(text):
    assert secretfiles.by_content(text.encode()) is None
