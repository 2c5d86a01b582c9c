"""cnnviz, as `streamlit run app.py` serves it. The pages begin with home.py; where one fails, it says so calmly."""

import streamlit as st

from cnnviz.ui import pictures
from cnnviz.ui.labs import routes as labs
from cnnviz.ui.shell import serving

app = st.App(
    "home.py",
    routes=[*labs.ROUTES, *pictures.ROUTES],
    middleware=serving.MIDDLEWARE,
    on_script_error=serving.tell,
    lifespan=serving.lifespan,
)
