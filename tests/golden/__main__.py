"""python -m tests.golden: writes down anew what the app says."""

import logging
import os
import tempfile
from pathlib import Path

from tests.golden import said

os.environ["CNNVIZ_HELPERS"] = "0"  # pages compute here, as in the tests
logging.disable(logging.WARNING)  # Streamlit's, of a page without a browser
with tempfile.TemporaryDirectory() as folder:
    said.write(Path(folder))
print(f"written: {said.FILE}; look through the diff")
