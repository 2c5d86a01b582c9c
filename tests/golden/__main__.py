"""python -m tests.golden: writes down anew what the app says."""

import tempfile
from pathlib import Path

from tests.golden import said

with tempfile.TemporaryDirectory() as folder:
    said.write(Path(folder))
print(f"written: {said.FILE}; look through the diff")
