from cnnviz.ui.core.html_table import Markup, table


def body(html):
    return html.partition("</style>")[2]


def test_a_table_is_escaped_and_says_its_name():
    html = body(table("A <name>'s", ["Who", "Much"], [("<b>", "1,000")], [1]))
    assert html == (
        "<div class=cnnviz-table tabindex=0 role=region aria-label='A &lt;name&gt;&#x27;s'><table>"
        "<thead><tr><th>Who</th><th class=n>Much</th></tr></thead>"
        "<tbody><tr><td>&lt;b&gt;</td><td class=n>1,000</td></tr></tbody></table></div>"
    )


def test_only_markup_stays_html_and_only_the_marked_row_has_a_background():
    html = body(table("Rows", ["A"], [("<i>",), (Markup("<i>1 ×</i> 2"),)], marked=1))
    assert "<tr><td>&lt;i&gt;</td></tr><tr class=marked><td><i>1 ×</i> 2</td></tr>" in html
    assert "marked" not in body(table("Rows", ["A"], [("1",), ("2",)]))


def test_a_dense_table_leaves_columns_out_on_a_phone():
    html = body(table("Rows", ["A", "B", "C"], [("1", "2", "3")], [1], dense=True, wide=[1, 2]))
    assert html.startswith('<div class="cnnviz-table dense" ')
    assert "<td>1</td><td class='n wide'>2</td><td class=wide>3</td>" in html
