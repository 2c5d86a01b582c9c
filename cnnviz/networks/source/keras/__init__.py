"""What Keras writes, as PyTorch: the code of a Sequential (`code`), also in the functional way (`functional`, with the
`functions` between its layers), its configuration (`config`), and the table of a summary (`summary`, whose rows `rows`
reads and `comparing` holds against what the layers give). `kinds` and `layers` say what of PyTorch a layer is,
`networks` and `state` what code makes, `values` and `expressions` what stands in it, `windows` what padding comes
to."""

from cnnviz.networks.source.keras.layers import Translated
from cnnviz.networks.source.keras.reading import read

__all__ = ["Translated", "read"]
