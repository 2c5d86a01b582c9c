"""The table that a summary of a network prints: torchsummary, torchinfo, Lightning, Keras. It says too little to read a
network from it; which one it is says what to paste instead."""

import re

from cnnviz.networks.source.keras import rows

TABLE = (
    "This is the table of a summary; it prints no kernel sizes, strides or paddings. "
    "Paste what print(model) shows, or the class itself."
)
KERAS_TABLE = (
    "This is the table of a Keras summary, and not all of its rows say which shape comes out; "
    "paste the code that makes the model."
)
_HEADER = re.compile(
    r"Layer \(type[^\n]{0,240}(?:Param|Output Shape)"  # also (type:depth-idx), (type (var_name):depth-idx)
    r"|[|\u2502\u2503][ \t]*Name[ \t]*[|\u2502\u2503][ \t]*Type[ \t]*[|\u2502\u2503][ \t]*Params"
    r"|[\u251c\u2514]\u2500\w{1,80}(?: \(\w{1,80}\))?: \d{1,4}-\d{1,4}\s"
    r"|^[ \t]{0,80}[A-Z]\w{1,60}-\d{1,4}[ \t]{1,80}\[(?:-1|\d{1,6}), \d",  # a row of torchsummary
    re.MULTILINE,
)
_CODE = re.compile(r"\bclass\s+\w+\s*[(:]|\bSequential\(|\bnn\.\w+\s*\(")


def said_of(text: str) -> str:
    """What is said of a text that holds the table of a summary and no network beside it; '' of any other text."""
    if _CODE.search(text) or _HEADER.search(text) is None:
        return ""
    return KERAS_TABLE if rows.recognised(text) else TABLE
