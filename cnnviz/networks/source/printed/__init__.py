"""What print shows of a network: its layers (`layers`), also where not all was copied (`cut`). Of a Sequential that is
the network; of torchvision's classes the call that makes it is found (`torchvision`, `recognised`, `parts`); of any
other class what its forward may do is guessed (`guessing`, `order`, `sizes`)."""

from cnnviz.networks.source.printed.reading import Printed, read

__all__ = ["Printed", "read"]
