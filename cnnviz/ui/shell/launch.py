"""The app from its own files, wherever they lie: what `streamlit run app.py` does in a clone."""

from collections.abc import Sequence

from streamlit.web.cli import main

from cnnviz import app_file


def run(port: int | None, further: Sequence[str] = ()) -> None:
    """Serves the app until it is interrupted, and ends the process; `further` are options of Streamlit's, which says
    itself what is wrong with them. It takes its settings from .streamlit/config.toml beside app.py."""
    at = [] if port is None else ["--server.port", str(port)]
    main(["run", str(app_file("app.py")), *at, *further], prog_name="streamlit")
