"""A trained network: its checkpoint, what it says about pictures, how good it is."""
