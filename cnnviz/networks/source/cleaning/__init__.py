"""From what people paste (a cell, a script, a notebook, a listing from a PDF) to Python. Nothing of it is executed.

`clean` leaves Python as it stands, but a text that is nothing but a string of code. Everything else goes through small
steps over lines that know where each of their characters stands in the reader's own text: `notebooks`, `escapes`,
`editors`, `hyphens`, `pages`, `characters`, `symbols`, `versions`, `marks`, `fences`, `blocks`, `prompts`, `numbering`
and `listings`, `foreign` (lines that are no part of the code in the midst of which they stand), `unindented`,
`indentation`, `flattened`, and `joining`, which joins what was cut at a fixed width and passes over what is no Python
between the statements; `lookalikes` reads names that a scanner has changed.
"""

from cnnviz.networks.source.cleaning.cleaner import MAX_CHARACTERS, Cleaned, clean

__all__ = ["MAX_CHARACTERS", "Cleaned", "clean"]
