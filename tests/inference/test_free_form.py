"""Numbers, sizes and names in the forms in which people write them, and what is refused because it can mean two
things."""

import json
import time

import pytest

from cnnviz.inference import free_form
from tests.helpers import refused

DEEP = "[" * 50_000


def said(read, given):
    """What is said where it is refused."""
    try:
        read(given)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "given",
    [
        "['owl', 'bee', 'elk']",
        "('owl', 'bee', 'elk')",
        '["owl", "bee", "elk"]',
        "(owl,bee, elk)",
        "[owl, bee, elk]",
        "owl, bee, elk",
        "owl\nbee\nelk\n",
        "owl; bee; elk",
        "“owl”, “bee”, “elk”",
        "'owl', 'bee', 'elk'",
        "['owl' 'bee'\n 'elk']",
        "array(['owl', 'bee', 'elk'], dtype='<U3')",
        "Index(['owl', 'bee', 'elk'], dtype='object')",
        "dict_keys(['owl', 'bee', 'elk'])",
        "[np.str_('owl'), np.str_('bee'), np.str_('elk')]",
        '{"owl": 0, "elk": 2, "bee": 1}',
        '{"2": "elk", "0": "owl", "1": "bee"}',
        "{1: 'bee', 0: 'owl', 2: 'elk'}",
        "{'elk': 3, 'owl': 1, 'bee': 2}",
        "{elk: 2, owl: 0, bee: 1}",
        "0: owl\n1: bee\n2: elk",
        "2 = elk, 0 = owl, 1 = bee",
        ["owl", "bee", "elk"],
        {"owl": 0, "elk": 2, "bee": 1},
    ],
)
def test_names_are_read_in_the_order_of_the_outputs(given):
    assert free_form.classes(given) == ("owl", "bee", "elk")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("tench (fish), goldfish", ("tench (fish)", "goldfish")),
        ("(a), (b)", ("(a)", "(b)")),
        ("10:30, 11:45", ("10:30", "11:45")),
        ("['O\\'Neill', 't-shirt/top']", ("O'Neill", "t-shirt/top")),
        ("x;y, z", ("x;y", "z")),
        ("[3, 8]", ("3", "8")),
        ('{"0": 7, "1": 9}', ("7", "9")),
        ('{"0": 1, "1": 0}', ("1", "0")),  # names that are numbers, each with its number
        ("7", ("7",)),
        ("", ()),
        ("()", ()),
    ],
)
def test_what_is_part_of_a_name_stays(given, expected):
    assert free_form.classes(given) == expected


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("{'owl', 'bee'}", "order"),
        ("{owl, bee}", "order"),
        ('{"owl": 0, "bee": 2}', "owl"),
        ('{"owl": 3, "bee": 4}', "owl"),
        ("0: owl\n2: bee", "owl"),
        ("{}", "{}"),
        ('{"0": "1", "1": "2", "2": "0"}', "both sides"),
        ("{0: 1, 1: 2, 2: 0}", "both sides"),
        ('[["owl"], ["bee"]]', '["owl"]'),
        ("[NaN, 1]", "NaN"),
        ("[null]", "null"),
    ],
)
def test_names_without_an_order_are_refused(given, named):
    with refused(named, "commas"):
        free_form.classes(given)


@pytest.mark.parametrize(
    "given", ["__import__('os').getcwd()", "[open('x')]", "['a'] * 9", "[i for i in 'ab']", "{**{}}", "f'{1}'"]
)
def test_nothing_is_executed(given):
    assert "\n" not in said(free_form.classes, given)


@pytest.mark.parametrize(
    "given",
    [DEEP, "(" * 90_000, "{1:" * 20_000, "[" + "-" * 50_000 + "1]", "[" + "1+" * 25_000 + "1]", "'a' " * 15_000]
    + [
        ";" * 150_000,
        "x;" * 90_000,
        "'" * 150_000,
        "1:" * 90_000,
        ", " * 90_000,
        "[" + "' " * 20_000,
        "array(" * 20_000,
    ]
    + ["," * 100_000, "[" + "1," * 90_000 + "]", "x" * 300_000, " " * 150_000 + "'", '"' * 90_000, "np.str_(" * 20_000],
)
def test_what_is_long_or_deep_is_read_in_a_moment(given):
    since = time.process_time()
    for read in (free_form.classes, free_form.sizes, lambda text: free_form.numbers(text, 3)):
        assert len(said(read, given)) < 300
    assert time.process_time() - since < 3


def test_a_list_in_lists_is_named_in_short():
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    with refused("[[[..."):
        free_form.sizes(deep)


@pytest.mark.parametrize(
    "given", [("a", "b"), ("tench, Tinca tinca", "goldfish"), ("[1", "2]"), ("1", "2"), ("é, è", '"'), ("{a", "b}")]
    + [("0: a", "1: b"), ("'a'", "'b'"), ("a;b", "c"), ("a;b",), ("(a", "b)")],
)  # fmt: skip
def test_classes_are_written_as_they_are_read(given):
    assert free_form.classes(free_form.written(given)) == given
    assert free_form.written(("a", "b")) == "a, b", "no brackets where none are needed"


THREE = (0.25, 0.5, 0.125)


@pytest.mark.parametrize(
    "given",
    [
        "0.25, 0.5, 0.125",
        "0.25,0.5,.125",
        "0.25 0.5 0.125",
        "0.25; 0.5; 1.25e-1",
        "[0.25 0.5  0.125]",
        "(0.25, 0.5, 0.125,)",
        '["0.25", "0.5", "0.125"]',
        "['0.25', '0.5', '0.125']",
        "[[[0.25]], [[0.5]], [[0.125]]]",
        "tensor([[[0.2500]],\n        [[0.5000]],\n        [[0.1250]]])",
        "torch.tensor([0.25, 0.5, 0.125], dtype=torch.float64)",
        "tensor([0.25, 0.5, 0.125], device='cuda:0')",
        "np.array([0.25, 0.5, 0.125])",
        "[np.float64(0.25), np.float64(0.5), np.float64(0.125)]",
        "0,25 0,5 0,125",
        "0,25, 0,5, 0,125",
        "0,25;0,5;0,125",
        "０.２５, ０.５, ０.１２５",
        list(THREE),
    ],
)
def test_numbers_are_read_as_they_are_written(given):
    assert free_form.numbers(given, 3) == THREE
    with refused("one number", "one channel"):
        free_form.numbers(given, 1)


@pytest.mark.parametrize("given", ["0.25", "0,25", "[0.25]", "tensor([0.25])", "(0.25,)", "tensor(0.25)", 0.25])
def test_one_number_is_for_all_channels(given):
    assert free_form.numbers(given, 1) == (0.25,) and free_form.numbers(given, 4) == (0.25,) * 4


def test_a_comma_that_can_be_either_is_asked_about():
    with refused("0,3", "two ways", "2 numbers"):
        free_form.numbers("0,3", 2)
    assert free_form.numbers("0, 3", 2) == free_form.numbers("[0,3]", 2) == (0, 3)


@pytest.mark.parametrize(
    "given",
    ["", "a", "[]", "nan", "[NaN]", "inf", "1e309", "1_0", "[1_0]", "[true]", "0x10", "1/2", "50%", "None", "٣"]
    + ["9" * 5000, 10**400, {"a": 1}, [0.5, True], "--1", "0.5.5", "0.5 a"],
)
def test_what_is_no_number_is_refused(given):
    with refused("3 numbers"):
        free_form.numbers(given, 3)
    with refused("one number"):
        free_form.numbers(given, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("48", (48, 48)),
        ("[48]", (48, 48)),
        ("48x40", (48, 40)),
        ("48 × 40", (48, 40)),
        ("48*40", (48, 40)),
        ("(48, 40)", (48, 40)),
        ("1x48x40", (1, 48, 40)),
        ("(3, 48, 40)", (3, 48, 40)),
        ("(48, 40, 3)", (3, 48, 40)),
        ("torch.Size([1, 3, 48, 40])", (3, 48, 40)),
        ("(64, 2, 2)", (64, 2, 2)),
        ('{"height": 48, "width": 40}', (48, 40)),
        (48, (48, 48)),
        ([48, 40], (48, 40)),
    ],
)
def test_sizes_are_read_as_they_are_written(given, expected):
    assert free_form.sizes(given) == expected


@pytest.mark.parametrize(
    "given",
    ["", "-5x3", "5x-3", "0", "48.0", "[1e3]", "[true, 2]", "48 x 40 px", "x", "[]", "[[1, 2]]", "1,2,3,4,5"]
    + ["1x1x1x1x1", "2x3x48x40", "100x100x100", '{"shortest_edge": 48}', "null", 4.5, True, "9" * 50],
)  # fmt: skip
def test_what_is_no_size_is_refused(given):
    with refused("height and width", "28x28") as caught:
        free_form.sizes(given)
    assert (given if isinstance(given, str) else json.dumps(given))[:5] in str(caught.value)
