"""A network as the Python that people have: a class, a script or a notebook around it. Nothing of it is executed.

`read` finds the network by an interpreter over the syntax tree, which knows what `tables.py` names and no more; what
it builds are modules of torch whose forward is the text's own, interpreted. `printed` reads what print shows of a
network, `keras` what Keras writes.
"""

from cnnviz.networks.source.arguments import Argument
from cnnviz.networks.source.candidates import Candidate
from cnnviz.networks.source.reading import Source, read
from cnnviz.networks.source.writing import Written, written

__all__ = ["Argument", "Candidate", "Source", "Written", "read", "written"]
