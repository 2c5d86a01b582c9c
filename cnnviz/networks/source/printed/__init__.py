"""What print shows of a network: its layers (`layers`), also where not all was copied (`cut`), where rows are missing
by their numbers (`numbers`) or by what is said of all (`totals`), of a quantized network (`quantized`) and in lists
(`lists`). Of a Sequential that is the network; with a forward beside it (`joined`) both are a class; of torchvision's
classes the call that makes it is found (`torchvision`, `recognised`, `parts`); of any other class what its forward may
do is guessed (`guessing`, `order`, `sizes`), or it is said why that is not known (`refusing`)."""

from cnnviz.networks.source.printed.reading import Printed, read

__all__ = ["Printed", "read"]
