"""Labelled forms in which secrets stand, and in which what only looks like one stands.

Each case is a kind, the input, and the secrets in it; none for a harmless one. Kinds are ``argv`` (a list of
words), ``param`` (a mapping), ``url`` and ``log`` (text). Tokens are put together here, so that no scanner
takes this file for a leak.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One labelled form."""

    kind: str
    given: object
    secrets: tuple[str, ...] = ()


PW = "hunter2!x"
HEX = "0f343b0931126a20f133d67c2b018a3b"
SHA1 = "7f3a2b1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a"
SHA256 = SHA1 + "0123456789abcdef01234567"
UUID = "123e4567-e89b-12d3-a456-426614174000"
GITHUB = "ghp" + "_" + "a1B2" * 9
FACE = "hf" + "_" + "aBcD" * 9
OPENAI = "sk" + "-proj-" + "a1B2_" * 8
AWS_ID = "AKIA" + "IOSFODNN7EXAMPLE"
AWS = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
JWT = "eyJ" + "hbGciOiJIUzI1" + ".eyJ" + "zdWIiOiIxMjM0" + ".SflKxwRJSMeKKF2QT4"


def _secret_words(text: str, *secrets: str) -> Case:
    return Case("argv", text.split(), secrets or (PW,))


def _harmless_words(text: str) -> Case:
    return Case("argv", text.split())


ARGV = [
    # options and pairs
    _secret_words(f"x --password {PW} --lr 1"), _secret_words(f"x --password={PW}"),
    _secret_words(f"x -password {PW}"), _secret_words(f"x db.password={PW}"),
    _secret_words(f"x +db.password={PW}"), _secret_words(f"env PGPASSWORD={PW} psql"),
    _secret_words(f"MYSQL_PWD={PW} mysql"), _secret_words(f"x --db-pass {PW}"),
    _secret_words(f"x DB_PASS={PW}"),
    _secret_words(f"env REDISCLI_AUTH={PW} x"), _secret_words(f"x --env=PGPASSWORD={PW}"),
    _secret_words(f"docker run -e DB_PASSWORD={PW} image"), _secret_words(f"x --set=a.db.password={PW}"),
    _secret_words(f"spark-submit --conf spark.ssl.keyStorePassword={PW} a.py"),
    _secret_words(f"java -Djavax.net.ssl.trustStorePassword={PW} -jar a"),
    _secret_words(f"keytool -storepass {PW}"), _secret_words(f"terraform apply -var=db_password={PW}"),
    _secret_words(f"x --api-key {PW}"), _secret_words(f"x --wandb_key {PW}"),
    _secret_words(f"x --hf-token {PW}"),
    _secret_words(f"x --client-secret={PW}"), _secret_words(f"x --secret-key={PW}"),
    _secret_words(f"x --aws_secret_access_key={AWS}", AWS), _secret_words(f"x --http-password={PW}"),
    _secret_words(f"kubectl create secret generic s --from-literal=password={PW}"),
    # tools with habits
    _secret_words(f"mysql -u root -p{PW} db"), _secret_words(f"sudo -u me mysqldump -p{PW} db"),
    _secret_words(f"mariadb -p{PW}"), _secret_words(f"sshpass -p {PW} ssh host"),
    _secret_words(f"sshpass -p{PW} x"),
    _secret_words(f"redis-cli -a {PW}"), _secret_words(f"mongosh -u me -p {PW}"),
    _secret_words(f"sqlcmd -P {PW}"),
    _secret_words(f"ldapsearch -D cn=x -w {PW}"), _secret_words(f"curl -u me:{PW} h"),
    _secret_words(f"curl -ume:{PW} h"), _secret_words(f"curl --user me:{PW} h"),
    _secret_words(f"curl --user=me:{PW} h"),
    _secret_words(f"curl --proxy-user me:{PW} h"), _secret_words(f"timeout 5 curl -u me:{PW} h"),
    _secret_words(f"http -a me:{PW} h"), _secret_words(f"docker login -u me -p {PW}"),
    _secret_words(f"az login --service-principal -p {PW}"), _secret_words(f"smbclient -U me%{PW} h"),
    _secret_words(f"openssl enc -k {PW}"), _secret_words(f"openssl rsa -passin pass:{PW}"),
    _secret_words(f"7z a -p{PW} a.7z"), _secret_words(f"zip -P {PW} a.zip"),
    _secret_words(f"twine upload -p {PW}"),
    _secret_words(f"wandb login {SHA1}", SHA1), _secret_words(f"sqlplus me/{PW}@db"),
    _secret_words(f"aws configure set aws_secret_access_key {AWS}", AWS),
    _secret_words(f"dvc remote modify --local r password {PW}"),
    _secret_words(f"npm config set //registry.npmjs.org/:_authToken {PW}"),
    _secret_words(f"curl -b session={PW} h", PW),
    # headers, JSON, scripts
    Case("argv", ["curl", "-H", f"Authorization: Bearer {PW}"], (PW,)),
    Case("argv", ["curl", "--header", f"Authorization: Basic {PW}"], (PW,)),
    Case("argv", ["curl", f"--header=X-Api-Key: {PW}"], (PW,)),
    Case("argv", ["curl", "-H", f"Cookie: sid={PW}"], (PW,)),
    Case("argv", ["git", "-c", f"http.extraHeader=Authorization: Bearer {PW}", "fetch"], (PW,)),
    Case("argv", ["x", "--config", f'{{"api_key": "{PW}", "lr": 0.1}}'], (PW,)),
    Case("argv", ["x", f'--config={{"db": {{"password": "{PW}"}}}}'], (PW,)),
    Case("argv", ["x", "--config", f"{{api_key: {PW}, lr: 0.1}}"], (PW,)),
    Case("argv", ["x", "--config", f"{{'password': '{PW}'}}"], (PW,)),
    Case("argv", ["x", f'[{{"secret": "{PW}"}}]'], (PW,)),
    Case("argv", ["bash", "-c", f"export DB_PASSWORD={PW}; python train.py"], (PW,)),
    Case("argv", ["bash", "-lc", f"DB_PASSWORD='{PW}' python train.py && echo done"], (PW,)),
    Case("argv", ["sh", "-c", f"mysql -p{PW} < dump.sql"], (PW,)),
    Case("argv", ["sh", "-c", f"curl -s -u me:{PW} https://h | tar x"], (PW,)),
    Case("argv", ["sh", "-c", f'curl -H "Authorization: Bearer {PW}" h'], (PW,)),
    Case("argv", ["bash", "-c", f"bash -c 'export TOKEN_SECRET={PW}; x'"], (PW,)),
    Case("argv", ["ssh", "host", f"PGPASSWORD={PW} psql -c 'select 1'"], (PW,)),
    Case("argv", ["psql", f"host=h user=u password={PW} dbname=d"], (PW,)),
    Case("argv", ["python", "-c", f"connect(password='{PW}')"], (PW,)),
    Case("argv", ["ansible", "-e", f"ansible_password={PW} x=1"], (PW,)),
    Case("argv", ["x", "--opt", GITHUB], (GITHUB,)),
    Case("argv", ["x", f"--opt={OPENAI}"], (OPENAI,)),
    # harmless
    *map(_harmless_words, (
        "x --max-tokens 5 --pad-token <pad>", "x --num_memory_tokens 16", "x --token_dropout 0.1",
        "x --password-file /run/pw", "x --no-password me", "x --token --lr 1",
        "x --tokenizer bert-base-uncased",
        "x model.num_heads=8 key=val", "x --sort-key val_loss", "x --primary-key id", f"git checkout {SHA1}",
        f"x --run-id {UUID}", f"x --checksum {SHA256}", f"x --data data.{HEX}", "docker run -p 8080:80 image",
        "ssh -p 2222 host", "x -p 0.5", "x -u me", "mkdir -p out", "python -u train.py", "cp -a in out",
        "x --key-padding-mask true", "x --query_key_value fused", "x --author me", "x --pass 3",
        "x --n-pass 2",
        "x --forward-pass full", "x --eos-token </s> --bos-token <s>", "x --image-token <image>",
        "x --auth none", "x --auth-type oauth", "x --secret-name my-secret", "x --keys a,b",
        "x --name base64ish-QmFzZTY0UnVu", "curl -o out.json https://h/x", "mysql -p db", "x --monkey banana",
        "x --passthrough yes", "x --compass north", "x --credentials /home/me/c.json", "tar -P -xf a.tar",
        "x --api-key $API_KEY", "x --password ${PW}", "x --token-type jwt", "x --special-token-id 5",
        "wandb sync run-20240101", "x s3://b/k?versionId=3HL4kqtJlcpXroDTDmjVBH40Nrjfkd",
        "x lr=1e-3 epochs=5",
        "x --stop_token <|im_end|>", "x --loss-weight.key 0.3", "git commit -m message -u no",
    )),
    Case("argv", ["bash", "-c", "python train.py --lr 0.1 && echo 'token: done'"]),
    Case("argv", ["x", "--config", '{"pad_token": "<pad>", "max_tokens": 5}']),
    Case("argv", ["curl", "-H", "Content-Type: application/json"]),
    Case("argv", ["x", "--prompt", "The password is: what?"]),
]  # fmt: skip

PARAMS = [
    *(Case("param", {name: PW}, (PW,)) for name in (
        "password", "db_password", "dbPassword", "PGPASSWORD", "api_key", "openai_key", "clientSecret",
        "access_token", "hf_token", "auth", "passphrase", "smtp_pass", "secret", "private_key",
        "wandb_api_key",
        "ssh_passphrase", "connection_credentials",
    )),
    Case("param", {"db": {"user": "me", "pass": PW}}, (PW,)),
    Case("param", {"secrets": {"one": PW}}, (PW,)),
    Case("param", {"users": [{"name": "me", "password": PW}]}, (PW,)),
    Case("param", {"dsn": f"host=h password={PW}"}, (PW,)),
    Case("param", {"command": f"mysql --password={PW}"}, (PW,)),
    Case("param", {"uri": f"postgresql://me:{PW}@db/x"}, (PW,)),
    Case("param", {"note": f"use {FACE}"}, (FACE,)),
    Case("param", {"aws": {"key_id": AWS_ID}}, (AWS_ID,)),
    *(Case("param", given) for given in (
        {"num_memory_tokens": 16}, {"max_tokens": 512}, {"token_dropout": 0.1}, {"pad_token": "<pad>"},
        {"tokenizer": "meta-llama/Llama-3.1-8B"}, {"tokenizer_name": "bert-base-uncased"}, {"commit": SHA1},
        {"md5": HEX}, {"sha256": SHA256}, {"run_id": UUID}, {"run_name": "c2FtcGxlLXJ1bi1uYW1l"},
        {"seed": 42},
        {"sort_key": "val_loss"}, {"key": "image"}, {"keys": ["a", "b"]}, {"n_pass": 3},
        {"forward_pass": "full"},
        {"token": {"type": "bpe", "vocab": 32000}}, {"password_file": "/run/pw"}, {"use_auth": True},
        {"secret_name": "prod/db"}, {"image_token": "<image>"}, {"author": "Ada Lovelace"}, {"pass": 2},
        {"query_token": "[Q]"}, {"checkpoint": f"run-{SHA1[:12]}.pt"}, {"key_dim": 64},
        {"tokens_per_batch": 4096},
        {"api_key": None}, {"password": ""}, {"hf_token": "${HF_TOKEN}"}, {"auth": "basic"},
        {"cookie": False},
        {"special_tokens": ["<s>", "</s>"]}, {"token_embedding": "learned"}, {"etag": f'"{HEX}"'},
        {"version_id": "3HL4kqtJlcpXroDTDmjVBH40Nrjfkd"}, {"image": f"repo/app@sha256:{SHA256}"},
        {"prompt": "Enter your password: "}, {"pkey": "id"}, {"passes": 10}, {"stop_token": "<|im_end|>"},
    )),
]  # fmt: skip

URLS = [
    *(Case("url", given, (PW,)) for given in (
        f"https://me:{PW}@h.org/x", f"https://{PW}@h.org/x", f"postgresql://u:{PW}@db:5432/x",
        f"redis://:{PW}@d/0",
        f"https://b.s3.amazonaws.com/k?X-Amz-Signature={PW}&p=1",
        f"https://x.blob.core.windows.net/c?sv=1&sig={PW}",
        f"https://h/x?api_key={PW}", f"https://h/x?a=1&access_token={PW}", f"mongodb+srv://u:{PW}@c.net/d",
        f"amqp://u:{PW}@mq/", f"ftp://u:{PW}@h/x", f"sqlite+x://u:{PW}@h/x", f"https://h/x?token={PW}#top",
        f"git+https://oauth2:{PW}@h/x.git", f"snowflake://u:{PW}@acc/db",
    )),
    *(Case("url", given) for given in (
        "https://example.com/a?b=c", "git@github.com:me/x.git", "ssh://git@host/x.git", "s3://bucket/key=1/x",
        "s3://b/k?versionId=3HL4kqtJlcpXroDTDmjVBH40Nrjfkd", "http://host:8080/path@v1",
        "gs://b/o#1700000000",
        f"https://h/x/commit/{SHA1}", f"https://h/{UUID}?page=2", "https://h/search?q=token", "file:///a/b@c",
        "https://h/x?sort_key=name&tokens=5", "hf://datasets/a/b@main/x.parquet", "postgresql://db:5432/x",
        "https://h/x?versionId=abc&partNumber=1",
    )),
]  # fmt: skip

LOGS = [
    *(Case("log", given, (PW,)) for given in (
        f"password={PW}", f"password: {PW}", f"'password': '{PW}'", f'"db_password": "{PW}",',
        f"PASSWORD => {PW}",
        f"connecting with api_key={PW} now", f"client_secret = {PW})", f"passwd={PW};", f"x --password={PW}",
        f"Namespace(lr=0.1, password='{PW}', x=1)", f"+ export PGPASSWORD={PW}",
        f"Authorization: Bearer {PW}",
        f"> authorization: Basic {PW}", f"headers={{'X-Api-Key': '{PW}'}}", f"DB_PASS={PW}",
        f"Running: mysql --password {PW} db", f"INFO:root:{{'user': 'me', 'password': '{PW}'}}",
        f"engine = postgresql://me:{PW}@db/x", f"cloning https://me:{PW}@h.org/x.git ...",
        f"[2024-01-01 10:00:00] secret_key: {PW}", f"Set-Cookie: {PW}; Path=/",
    )),
    *(Case("log", given.format(token), (token,)) for given, token in (
        ("got {}, thanks", GITHUB), ('{{"a": "{}"}}', OPENAI), ("HF_TOKEN={}", FACE),
        ("key {} expired", AWS_ID),
        ("aws_secret_access_key = {}", AWS), ("token={}", "hunter2hunter2hunter2"), ("jwt {}", JWT),
        ("refresh_token: '{}'", "1//0gAbCdEf1234567890"),
    )),
    *(Case("log", given) for given in (
        "epoch 3/10: train_loss=0.41 tokens=512 key=val", "num_memory_tokens: 16",
        "tokens per second: 1234.5",
        "token: hello_world", "KeyError: 'token'", "pad_token='<pad>'", "passed: 12 tests", "pass: 3/10",
        "Pass 1: loss=0.3", "author: somebody", f"sha256={SHA256}", f"commit {SHA1}",
        f"HEAD is now at {SHA1[:7]}",
        f"md5: {HEX}  model.pt", f"run {UUID} started", "basic authentication", "bearer of bad news",
        "Loading tokenizer meta-llama/Llama-3.1-8B", "special_tokens_map.json: 100%", "monkey: banana",
        "password: ", "secret = None", "api_key=None", "token=$TOKEN", "Enter password:", "max_tokens=512",
        "  --password PASSWORD  the password to use", "usage: x [--api-key KEY] [--token TOKEN]",
        "eos_token_id: 50256", "Special tokens have been added in the vocabulary", "key: value",
        "keys: ['a']",
        "wandb: Run data is saved locally in ./wandb/run-20240101_000000-3f9k2a1b", "val_key_acc=0.93",
        "step=100 token_acc=0.5123 key_loss=1.2e-3", "cache_key=9f86d081884c7d659a2f", "sort_key = name",
        f'etag: "{HEX}"', "Successfully authenticated as user", "tokenizer_config.json: 1.2kB",
        "forward_pass: 12.3ms backward_pass: 30.1ms", "password_file: /run/secrets/pw",
        "token_type_ids: tensor([0, 0])", "compass=north bypass=true", "footprint: 12.5", "hotpot: 0.71",
        "<|eot_id|> token: 128009", "auth: none", "cookies: disabled",
    )),
]  # fmt: skip

#: What is known to be missed or hidden for nothing, each with why: kept out of the promise, in the figures.
HARD = [
    Case("argv", ["bash", "-c", f"echo {PW} | docker login --password-stdin"], (PW,)),
    Case("argv", ["htpasswd", "-b", "file", "me", PW], (PW,)),
    Case("argv", ["x", "me", PW], (PW,)),
    Case("log", f"your password is {PW}", (PW,)),
    Case("log", f"logging in as me / {PW}", (PW,)),
    Case("param", {"login": f"me:{PW}"}, (PW,)),
    Case("log", "the secret: practise every day"),
    Case("param", {"secret_santa": "raffle"}),
]

CASES = [*ARGV, *PARAMS, *URLS, *LOGS]
