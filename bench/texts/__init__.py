"""Networks as people write them: each module is read as a text, and imported as the Python that it is."""
