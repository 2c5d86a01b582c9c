"""Versions of packages that a text asks for before it does the one or the other: packaging's, distutils' and those that
are installed, which are the ones that it is read for."""

from __future__ import annotations

import ast
import re
from importlib import metadata
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source import bounds
from cnnviz.networks.source.values import Class, Known, Namespace, Row, row

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_FIELDS = ("major", "minor", "micro", "release", "version")
_LONGEST = 100  # characters of a version
_INSTALLED = ("torch", "torchvision")  # of which a text may ask for the version
_KIND = Class("Version", (), {}, ast.ClassDef("Version", [], [], [], []), fields=_FIELDS)
_KIND.tuples = True


def installed(name: str) -> str:
    """The version of a package, without what it was built for: 2.1.0 for 2.1.0+cpu; 0 where it is not there."""
    try:
        return metadata.version(name).partition("+")[0]
    except metadata.PackageNotFoundError:
        return "0"


def _parsed(interpreter: Interpreter, node: ast.AST, text: Any) -> Row:
    """Version("1.10.0+cu111"): its numbers, by which it is compared."""
    if isinstance(text, Row) and text.kind is _KIND:
        return text
    found = re.match(r"v?(\d{1,9}(?:\.\d{1,9})*)", text) if isinstance(text, str) and len(text) <= _LONGEST else None
    if found is None:
        raise interpreter.wrong(node, f"a version is a word such as '1.10.0', and this is {bounds.describe(text)}")
    numbers = [int(one) for one in found[1].split(".")]
    release = (*numbers, *[0] * (3 - len(numbers)))
    return row(_KIND, [*release[:3], release, [*release]])


def _of_package(interpreter: Interpreter, node: ast.AST, name: Any) -> str:
    """importlib.metadata.version("torch")."""
    if name not in _INSTALLED:
        raise interpreter.wrong(node, f"the version of {' and '.join(_INSTALLED)} is known here; write this one down")
    return installed(name)


_PARSE = {name: Known(name, _parsed, ours=True) for name in ("Version", "LooseVersion", "StrictVersion")}
_PACKAGING = Namespace("packaging.version", {"Version": _PARSE["Version"], "parse": _PARSE["Version"]})
_DISTUTILS = Namespace("distutils.version", _PARSE)
_METADATA = Namespace("importlib.metadata", {"version": Known("version", _of_package, ours=True)})
MODULES = {
    "packaging": Namespace("packaging", {"version": _PACKAGING}),
    "packaging.version": _PACKAGING,
    "distutils": Namespace("distutils", {"version": _DISTUTILS}),
    "distutils.version": _DISTUTILS,
    "looseversion": Namespace("looseversion", {"LooseVersion": _PARSE["LooseVersion"]}),
    "pkg_resources": Namespace("pkg_resources", {"parse_version": _PARSE["Version"]}),
    "importlib": Namespace("importlib", {"metadata": _METADATA}),
    "importlib.metadata": _METADATA,
    "importlib_metadata": _METADATA,
}
