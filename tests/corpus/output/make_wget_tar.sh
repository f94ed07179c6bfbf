#!/bin/sh
cd "$(mktemp -d)"
mkdir data && for i in 1 2 3 4 5; do head -c 20000 /dev/urandom > data/f$i.bin; done
tar cvf d.tar data; gzip -v d.tar; sha256sum d.tar.gz | cut -c1-20; du -sh .; stat d.tar.gz | head -4
ls -la data; wc data/*; md5sum data/f1.bin | cut -c1-8
openssl speed -seconds 1 md5 2>&1 | tail -4
ping -c 2 127.0.0.1 2>&1 | tail -5
"$PYTHON" -m json.tool <<'J'
{"accuracy_required": 0.9, "model": {"dropout": 0.5, "loss": "mse", "score_weight": 1.5}}
J
echo "test 3 of 5 passed (60.0 %), 2 failures, coverage: 87.5%"
