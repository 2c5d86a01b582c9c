import math

import pytest

from cnnviz.lessons.common.format import count, duration, number, percent, plural, probability, sentence_case, size_of
from cnnviz.ops.arithmetic import times

SHARES = [  # share, as a probability, as a share of counts with 1 and with 2 digits; the browser's base.js has the same
    (0.0, "< 0.1 %", "0.0 %", "0.00 %"),
    (1e-9, "< 0.1 %", "< 0.1 %", "< 0.01 %"),
    (0.0004, "< 0.1 %", "< 0.1 %", "0.04 %"),
    (0.0005, "0.1 %", "0.1 %", "0.05 %"),
    (0.0006, "0.1 %", "0.1 %", "0.06 %"),
    (0.0025, "0.3 %", "0.3 %", "0.25 %"),
    (0.0625, "6.3 %", "6.3 %", "6.25 %"),
    (0.5, "50.0 %", "50.0 %", "50.00 %"),
    (0.9876, "98.8 %", "98.8 %", "98.76 %"),
    (0.999, "99.9 %", "99.9 %", "99.90 %"),
    (0.9995, "> 99.9 %", "> 99.9 %", "99.95 %"),
    (0.99995, "> 99.9 %", "> 99.9 %", "> 99.99 %"),
    (1 - 2**-53, "> 99.9 %", "> 99.9 %", "> 99.99 %"),
    (1.0, "> 99.9 %", "100.0 %", "100.00 %"),
]


@pytest.mark.parametrize(("share", "likely", "one", "two"), SHARES)
def test_a_share_is_written_by_one_rule(share, likely, one, two):
    assert (probability(share), percent(share, 1), percent(share)) == (likely, one, two)


def test_nothing_but_nothing_is_0_and_nothing_but_all_is_100():
    for whole in (60_000, 10_000, 999, 7, 1):
        for part in range(0, whole + 1, max(1, whole // 500)):
            for digits in (0, 1, 2):
                text = percent(part / whole, digits)
                assert (float(text.strip("<> %")) == 0) <= (part == 0) and (text.startswith("100")) == (part == whole)
                assert float(text.strip("<> %")) == pytest.approx(100 * part / whole, abs=10**-digits)
    assert percent(0.004, 0) == "< 1 %" and percent(0.996, 0) == "> 99 %" and percent(0.526, 0) == "53 %"


def test_how_many_there_are():
    texts = [plural(n, "image") for n in (0, 1, 2, 1.0, 2.5, 0.9999, 12.345, 1135, 123.4)]
    assert texts == [
        *("no images", "1 image", "2 images", "1 image", "2.5 images", "1 image", "12.3 images", "1,135 images"),
        "123 images",
    ]
    assert (plural(1, "class", "classes"), plural(3, "class", "classes")) == ("1 class", "3 classes")


def test_how_long_it_took():
    texts = [duration(seconds) for seconds in (0, 7.44, 9.97, 10.4, 48, 59.4, 59.6, 119.7, 200, 3599.7, 7500, 90_000)]
    assert texts[:6] == ["0.0 s", "7.4 s", "10 s", "10 s", "48 s", "59 s"]
    assert texts[6:] == ["1 min 0 s", "2 min 0 s", "3 min 20 s", "1 h 0 min", "2 h 5 min", "25 h 0 min"]
    assert (duration(9.5), duration(9.94), duration(9.96)) == ("9.5 s", "9.9 s", "10 s")


def test_how_many_bytes():
    texts = [size_of(size) for size in (0, 999, 1000, 6_312, 999_700, 30_878_645, 102e6, 999.9e6, 1.5e9)]
    assert texts == ["0 bytes", "999 bytes", "1 kB", "6.31 kB", "1 MB", "30.9 MB", "102 MB", "1 GB", "1.5 GB"]


def test_sizes_and_products_have_one_cross():
    assert times((16, 5, 5)) == "16 × 5 × 5" and times([4096]) == "4,096" and times((-1, 1000)) == "-1 × 1,000"
    assert times(()) == ""


def test_other_numbers_and_labels():
    assert count(61_706.0) == "61,706" and number(1.2e-07) == "1.2e-07" and number(-0.25) == "-0.25"
    assert number(math.pi) == "3.14159" and sentence_case("max and Average") == "Max and Average"
    assert sentence_case("") == ""
