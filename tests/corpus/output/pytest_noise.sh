#!/bin/sh
cd "$(mktemp -d)"
cat > test_a.py <<'T'
import pytest
def test_loss():
    loss = 0.53
    assert loss < 0.5, f"loss: {loss}"
@pytest.mark.parametrize("accuracy", [0.91, 0.2])
def test_acc(accuracy):
    assert accuracy > 0.5
def test_close():
    assert 0.3 == pytest.approx(0.31)
T
"$EXPCTL_PYTHON" -m pytest -v -p no:cacheprovider -p no:randomly --durations=3 test_a.py
"$EXPCTL_PYTHON" -m unittest -v test_a 2>&1 | tail -5
