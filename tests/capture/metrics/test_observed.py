"""Live metrics in the forms that people have them in."""

import math

import pytest

from expctl.capture.metrics import observed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", '{"f1": 0.8, "latency": {"p95": 20}, "when": "now"}'),
        ("m.yaml", "f1: 0.8\nlatency: {p95: 20}\n"),
        ("m.yml", "metrics: {f1: 0.8, latency: {p95: 20}}\n"),
        ("m.csv", "f1,latency.p95\n0.8,20\n"),
        ("m.csv", "step,f1,latency.p95\n1,0.9,10\n2,0.8,20\n"),
        ("m.csv", "metric,value\nf1,0.8\nlatency.p95,20\n"),
        ("m.tsv", "f1\tlatency.p95\n0.8\t20\n"),
        ("-", '{"f1": 0.8, "latency.p95": 20}'),
        ("-", "f1: 0.8\nlatency.p95: 20\n"),
        ("-", "f1,latency.p95\n0.8,20\n"),
    ],
)
def test_names_with_numbers_are_read_in_each_form(name, text):
    assert observed.parse(text.encode(), name) == {"f1": 0.8, "latency.p95": 20}


def test_what_is_no_number_stays_visible_or_is_not_there():
    found = observed.parse(
        b'{"a": NaN, "b": null, "c": "0.9", "d": Infinity, "e": true, "f": [true]}', "m.json"
    )

    assert set(found) == {"a", "d"}
    assert math.isnan(found["a"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.json", "{"),
        ("m.json", "[1, 2]"),
        ("m.csv", "accuracy\ntrue\n"),
        ("m.yaml", "- 1\n"),
        ("m.csv", "1,2\n"),
        ("-", ""),
        ("-", "hello"),
    ],
)
def test_what_holds_no_metrics_is_refused(name, text):
    with pytest.raises(ValueError, match=r".+"):
        observed.parse(text.encode(), name)
