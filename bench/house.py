"""The house in figures: `python -m bench.house [TREE ...]`, a column for each checkout, by default for this one.

Of cnnviz/: its nodes (modules and packages at the top level), the imports between them, found in the syntax trees with
those inside functions; groups of nodes that import one another in a circle; public functions and classes of all its
modules (without `_`); Python files, those of pages/ counted with them. Then moves between files (bench/moves.py) in the
rerun of a fragment that follows an edited cell, a network pasted into its box, with the table of its steps unfolded, or
a new report of a run that is watched; and, where AppTest reruns the whole page, in that.

    python -m bench.house ../before .                     two checkouts side by side
    python -m bench.house --profile "an edited cell"      between which files its moves are, and what they call
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.moves import SCENARIOS, Moves
from harness.server import ROOT

PROFILED = 25  # rows of each table of a profile


# --- structure


def files(tree: Path, *folders: str) -> list[Path]:
    """The Python files of these folders."""
    return sorted(path for folder in folders for path in (tree / folder).rglob("*.py"))


def node_of(path: Path, package: Path) -> str:
    """The module or package at the top level of cnnviz/ that a file belongs to."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def imported(path: Path, package: Path) -> Iterator[str]:
    """The dotted names within cnnviz that a file imports: 'networks.zoo'; a submodule and a name look alike."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(package.parent).parts[: -node.level] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("cnnviz.") for name in names if name.startswith("cnnviz."))


def imports(tree: Path) -> dict[str, set[str]]:
    """Of each node at the top level of cnnviz/, the others that it imports."""
    package = tree / "cnnviz"
    edges: dict[str, set[str]] = {node_of(path, package): set() for path in files(tree, "cnnviz")}
    del edges["__init__"]
    for path in files(tree, "cnnviz"):
        own = node_of(path, package)
        if own in edges:
            edges[own] |= {name.split(".")[0] for name in imported(path, package)} & edges.keys() - {own}
    return edges


def circles(edges: dict[str, set[str]]) -> int:
    """Groups of nodes that can be reached from one another."""
    reached = {node: set(to) for node, to in edges.items()}
    for through in edges:
        for node in edges:
            if through in reached[node]:
                reached[node] |= reached[through]
    return len(
        {frozenset(to for to in reached[node] if node in reached[to]) for node in edges if node in reached[node]}
    )


def public_names(tree: Path) -> int:
    """Functions and classes of the modules of cnnviz/ whose names begin with no `_`."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bodies = (ast.parse(path.read_text(encoding="utf-8")).body for path in files(tree, "cnnviz"))
    return sum(isinstance(node, kinds) and not node.name.startswith("_") for body in bodies for node in body)


# --- moves


def played(tree: Path, scenario: str) -> dict[str, Moves]:
    """The moves of a scenario in the app of the checkout at `tree`; in a process that has imported no other one."""
    sys.path.insert(0, str(tree))
    with tempfile.TemporaryDirectory(prefix="cnnviz-") as folder:
        os.environ |= {"CNNVIZ_RUNS": f"{folder}/runs", "CNNVIZ_DATA": f"{folder}/data"}
        return SCENARIOS[scenario].play(tree)


def profile(tree: Path, scenario: str) -> str:
    """Between which files the moves of a scenario are, and which functions they call."""
    parts = []
    for kind, moves in played(tree, scenario).items():
        pairs = [[source, target, str(count)] for (source, target), count in moves.pairs.most_common(PROFILED)]
        calls = [[*names, str(count)] for names, count in moves.functions.most_common(PROFILED)]
        parts.append(f"{scenario} ({kind}): {moves.count} moves")
        parts += [table(["from", "to", "moves"], pairs), table(["from", "to", "called there", "moves"], calls)]
    return "\n\n".join(parts)


# --- all of it


def figures(tree: Path) -> dict[str, int]:
    """The figures of the checkout at `tree`; in a process that has imported no other one."""
    edges = imports(tree)
    found = {
        "nodes at the top level of cnnviz/": len(edges),
        "imports between them": sum(map(len, edges.values())),
        "circles among them": circles(edges),
        "public functions and classes": public_names(tree),
        "Python files": len(files(tree, "cnnviz", "pages")),
    }
    for scenario in SCENARIOS:
        for kind, moves in played(tree, scenario).items():
            found[f"moves, {scenario} ({kind})"] = moves.count
    return found


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; figures stand to the right."""
    figure = [all(row[at].isdigit() for row in rows) for at in range(len(header))]
    lines = [header, ["---:" if right else "---" for right in figure], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def again(*words: str) -> str:
    """What this program prints in a process of its own."""
    command = [sys.executable, "-m", "bench.house", *words]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="*", type=Path, default=[ROOT], metavar="TREE", help="a checkout")
    parser.add_argument("--profile", choices=SCENARIOS, help="where the moves of this come from, in the first TREE")
    parser.add_argument("--json", action="store_true", help="the figures of the first TREE alone, to be read on")
    chosen = parser.parse_args(arguments)
    trees = [tree.resolve() for tree in chosen.trees]
    if chosen.profile:
        print(profile(trees[0], chosen.profile))
    elif chosen.json:
        print(json.dumps(figures(trees[0])))
    else:
        columns = [json.loads(again("--json", str(tree))) for tree in trees]
        rows = [[name, *(str(column[name]) for column in columns)] for name in columns[0]]
        print(table(["", *(tree.name for tree in trees)], rows))


if __name__ == "__main__":
    main()
