#!/bin/sh
cd "$(mktemp -d)" && head -c 3000000 /dev/urandom > data.bin
"$PYTHON" -u -m http.server 18734 --bind 127.0.0.1 & s=$!
sleep 1
curl -v -o out.bin http://127.0.0.1:18734/data.bin
wget -O out2.bin http://127.0.0.1:18734/data.bin || true
curl -s -o /dev/null -w 'status: %{http_code} time: %{time_total} size: %{size_download} score: n/a\n' http://127.0.0.1:18734/x
kill $s
