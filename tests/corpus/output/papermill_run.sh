#!/bin/sh
cd "$(mktemp -d)"
cat > n.ipynb <<'N'
{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [], "source": "lr = 0.1"},
 {"cell_type": "code", "execution_count": null, "id": "b", "metadata": {}, "outputs": [], "source": "for e in range(3):\n    print(f'epoch {e} loss {0.5 / (e + 1):.4f}')\nprint('auc =', 0.8125)"}],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
N
"$PYTHON" -m papermill n.ipynb o.ipynb -p lr 0.2 --log-output
