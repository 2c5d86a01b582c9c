"""The five lines of the loop beside the curves of a run, with what they take and what they have come to."""

from html import escape

from cnnviz.lessons.common.format import plural
from cnnviz.lessons.train.loop import MEANT, loop
from cnnviz.ui.lessons.train.run_view import RunView

STYLE = """<style>
ol.cnnviz-loop { margin: 0; padding: 8px 0; list-style: none; border-radius: 8px; font-size: 0.86rem;
  background: var(--st-secondary-background-color, #8881); }
.cnnviz-loop li { margin: 0; padding: 3px 10px; display: flex; flex-wrap: wrap; justify-content: space-between;
  gap: 0 12px; }
.cnnviz-loop code { padding: 0; background: none; color: inherit; font-size: 0.76rem;
  line-height: 1.4; overflow-wrap: anywhere; }
.cnnviz-loop span { opacity: 0.7; margin-left: auto; font-variant-numeric: tabular-nums; }
.cnnviz-loop-title { font-size: 0.78rem; opacity: 0.7; margin: 0 0 4px; }
</style>"""


def loop_of(view: RunView) -> str:
    """The lines as HTML; the pointer on one tells what it does."""
    loss, rate = view.last("loss"), view.last("learning_rate")
    beside = (
        "",
        plural(view.config.batch_size, "picture"),
        "" if loss is None else f"{loss:.4f}",
        "" if not view.config.clip_norm else f"at most {view.config.clip_norm:g} long",
        "" if rate is None else f"at a rate of {rate:.3g}",
    )
    items = "".join(
        f"<li title='{escape(meant)}'><code>{escape(line)}</code><span>{escape(said)}</span></li>"
        for line, meant, said in zip(loop(view.config), MEANT, beside, strict=True)
    )
    return f"{STYLE}<p class=cnnviz-loop-title>Every step</p><ol class=cnnviz-loop>{items}</ol>"
