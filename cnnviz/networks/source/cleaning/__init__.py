"""From what people paste (a cell, a script, a notebook, a listing from a PDF) to Python. Nothing of it is executed.

`clean` leaves Python as it stands. Everything else goes through small steps over lines that know where each of their
characters stands in the reader's own text: `notebooks`, `pages`, `characters`, `marks`, `fences`, `blocks`, `prompts`,
`numbering`, `indentation`, `flattened`, and `joining`, which joins what was cut at a fixed width and passes over
what is no Python between the statements.
"""

from cnnviz.networks.source.cleaning.cleaner import MAX_CHARACTERS, Cleaned, clean

__all__ = ["MAX_CHARACTERS", "Cleaned", "clean"]
