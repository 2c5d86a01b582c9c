"""cnnviz: an interactive explainer of convolutional neural networks."""

import os

# Read by torch's OpenMP when it loads: threads that wait sleep. If they spin, as they would, and other processes
# want the cores too, training takes ten times as long and a prediction 40 ms in place of one.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
