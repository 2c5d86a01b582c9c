"""The name of a session, for its own browser alone."""

import secrets

KEY = "name of the session for its own browser"


def name() -> str:
    """What tells this session from the one that comes after it; no secret, and known nowhere else."""
    import streamlit as st  # here, for what stands on a stage is known without it

    known: str = st.session_state.setdefault(KEY, secrets.token_hex(4))
    return known
