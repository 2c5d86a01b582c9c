"""Whose run is next and who carries it out, within what a server allows."""
