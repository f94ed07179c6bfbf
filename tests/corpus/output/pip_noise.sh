#!/bin/sh
"$PYTHON" -m pip --version
"$PYTHON" -m pip list | head -40
"$PYTHON" -m pip install --no-deps --target "$(mktemp -d)" tqdm tabulate 2>&1 | grep -v -e '^Looking' -e Location
"$PYTHON" -m pip check | head -5
"$PYTHON" -m venv --without-pip "$(mktemp -d)/v" && echo "created in 0.8s"
