"""The golden file: what the app says, word for word, in a fixed list of states.

`states.py` lists the states, `sentences.json` has what is said in each, and `python -m tests.golden` (`make golden`)
writes it anew. Whoever rewords a sentence sees one diff here; all other tests hold values, refusals and bounds.
"""
