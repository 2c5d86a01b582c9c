"""A network that was read, as a file of its own: the classes, functions and values that it is made of, written anew.

Only what the reader knows is written, so that a file made from a stranger's text does no more than that text was seen
to do: no name, attribute, import or decorator outside `tables`, also in lines that nothing has carried out.
"""

import ast
import re
from copy import deepcopy
from dataclasses import dataclass

from torch import Tensor, nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import bounds, builtins, changes, packages, plain, ready_made, tables
from cnnviz.networks.source.arguments import expression, is_known
from cnnviz.networks.source.reading import Source, made_of
from cnnviz.networks.source.values import Class, Created, Function, Namespace

_DEFINED = (ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, ast.Expr)
_BUILDING = ("append", "extend", "insert", "update", "add_module")  # by which layers are put together
_NAMING = ("add_module", "register_module", "register_buffer", "register_parameter")
_DYNAMIC = ("getattr", "hasattr", "setattr")
_UNNAMED = (*_DYNAMIC, "type")  # which stand where they are called and nowhere else
_POWERFUL = frozenset(  # functions of Python's that no name may resemble, bound or not
    tables.words(
        """
    breakpoint compile copyright credits delattr dir eval exec exit globals help license locals memoryview open quit
    vars
    """
    )
)
_FRAMES = frozenset(  # attributes by which generators, coroutines and errors lead to the machine
    tables.words(
        """
    gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_await cr_origin ag_frame ag_code ag_await tb_frame tb_next
    f_back f_builtins f_code f_globals f_locals f_trace co_code co_consts co_names func_globals func_code mro
    """
    )
)
_REACHING = re.compile(  # methods by which objects of other packages read, run or write what is elsewhere
    r"(load|save|merge|export|download)(_|$)|from_|get_state|to_(onnx|torchscript|pickle|disk)$"
)
_METHODS = ("__init__", "__call__", "__len__", "__getitem__", "__iter__")  # that a class may have of its own
_OF_TYPES = frozenset(  # what modules for annotations are asked for
    (*tables.ANNOTATIONS, "annotations", "TYPE_CHECKING", "TypeVar", "Generic", "Protocol", "overload", "cast", "Self")
)
_ABOVE = ("torch", "nn", "F")  # modules that stand at the top of every file
_OF_THE_MACHINE = ("os",)  # of which the reader takes nothing, and a file would
_KNOWN_ATTRIBUTES = frozenset(
    [
        *tables.METHODS,
        *tables.PROPERTIES,
        *tables.ITSELF,
        *tables.LAYER_ATTRIBUTES,
        *tables.NETWORK_METHODS,
        *tables.CONTAINER_METHODS,
        *("apply", "device", "dtype", "values", "indices", "__init__", "format"),
        *(name for names in plain.METHODS_OF.values() for name in names),
    ]
)


@dataclass(frozen=True)
class Written:
    """The imports of a file, one a line, its definitions, and the expression that makes the network."""

    imports: tuple[str, ...]
    definitions: str
    network: str


def written(source: Source) -> Written:
    """The file of the chosen network. Raises NotationError where its text says something in a way that is not written
    anew, though it is read."""
    statements = [_with_fresh_weights(one) for one in _needed(source)]
    if "device" not in {name for one in statements for name in _given_by(one)}:
        statements = [_WithoutDevice().visit(deepcopy(one)) for one in statements]
    network = _made(source)
    _Check(source, statements, network).all()
    imports = sorted({*(line for one in statements for line in _imports(one)), *_unsaid(statements, network)})
    definitions = [_reshaping(_without_docstrings(one)) for one in statements if isinstance(one, _DEFINED)]
    return Written(tuple(imports), "\n\n\n".join(ast.unparse(one) for one in definitions), network)


def _made(source: Source) -> str:
    """The expression that makes the network. Raises NotationError."""
    made = made_of(source)
    if made is not None:
        return _expression(source, made)
    missing = [one.name for one in source.arguments if not one.text.strip()]
    if missing:
        raise NotationError(f"{source.chosen.name} needs {' and '.join(missing)}; give a value", source.chosen.line, 1)
    return _call(source)


def _call(source: Source) -> str:
    """The call of a class that the text does not make itself; of layers, their name. Raises NotationError."""
    if not isinstance(source.program.meant(source.known_as), Class):
        return source.chosen.name if source.known_as == source.chosen.name else source.maker
    try:
        return source.call
    except ValueError as error:
        raise _unwritten(source, error) from None


def _expression(source: Source, made: Created) -> str:
    """The call that makes a network again, with the values that it was given. Raises NotationError."""
    try:
        return expression(made, source.program.interpreter.created)
    except ValueError as error:
        if source.known_as != source.chosen.name:
            return f"{source.chosen.name}()"
        made_again = isinstance(error.args[0], nn.Module | Function) and is_known(source.program, made.node)
        if made_again:
            return ast.unparse(made.node)
        raise _unwritten(source, error) from None


def _unwritten(source: Source, error: ValueError) -> NotationError:
    return NotationError(f"{bounds.describe(error.args[0])} is not written into a file", source.chosen.line, 1)


# --- what the network needs


def _needed(source: Source) -> list[ast.stmt]:
    """The statements at the top of the text that the chosen network is made of, in their order."""
    body = source.cleaned.tree.body
    named = [source.chosen.name] if source.known_as == source.chosen.name else []
    wanted, found = {*named, *_names_of(source)}, set()
    while wanted:
        name = wanted.pop()
        for index, statement in enumerate(body):
            if index not in found and name in _given_by(statement):
                found.add(index)
                wanted |= {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}
    return [body[index] for index in sorted(found)]


def _names_of(source: Source) -> set[str]:
    """The names in the call that makes the network."""
    return {one.id for one in ast.walk(ast.parse(_made(source))) if isinstance(one, ast.Name)}


def _given_by(statement: ast.stmt) -> set[str]:
    """The names that a statement at the top brings."""
    match statement:
        case ast.ClassDef() | ast.FunctionDef():
            return {statement.name}
        case ast.Import() | ast.ImportFrom():
            return {(one.asname or one.name).partition(".")[0] for one in statement.names}
        case ast.Assign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        case ast.AugAssign(target=ast.Name(id=name)) if not changes.is_step(statement):
            return {name}
        case ast.For() | ast.Expr():
            return {name for node in ast.walk(statement) for name in _built_by(node)}
    return set()


def _built_by(node: ast.AST) -> set[str]:
    """The name of what a call puts layers into: convs.append(...)."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=how)) if how in _BUILDING:
            return {name}
    return set()


def _imports(statement: ast.stmt) -> list[str]:
    """An import, a name a line."""
    if isinstance(statement, ast.Import):
        return [ast.unparse(ast.Import([one])) for one in statement.names if one.name in builtins.NAMESPACES]
    if isinstance(statement, ast.ImportFrom) and not statement.level:
        known = [one for one in statement.names if _is_read(statement, one)]
        return [ast.unparse(ast.ImportFrom(statement.module, [one], 0)) for one in known]
    return []


def _unsaid(statements: list[ast.stmt], network: str) -> set[str]:
    """The imports that a text leaves out which begins in the middle."""
    nodes = [node for one in (*statements, ast.parse(network)) for node in ast.walk(one)]
    asked = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    asked -= {*_ABOVE, *(name for one in statements for name in _given_by(one))}
    asked -= {one.arg for one in nodes if isinstance(one, ast.arg)}
    asked -= {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return {builtins.USUAL_LINES[name] for name in asked if name in builtins.USUAL_LINES}


def _is_read(node: ast.ImportFrom, one: ast.alias) -> bool:
    """Whether a file may import that: what is read of torch, of Python's modules and of packages of layers."""
    if node.module in tables.TYPES or node.module in packages.WRITTEN:
        return True
    return node.module in builtins.NAMESPACES and node.module not in packages.MODULES


def _without_docstrings(statement: ast.stmt) -> ast.stmt:
    """The statement without the texts that stand for themselves, which nobody has checked."""
    copied = deepcopy(statement)
    for node in ast.walk(copied):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            kept = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
    return copied


def _with_fresh_weights(statement: ast.stmt) -> ast.stmt:
    """The statement without what it asks of torchvision's weights: the network was made with fresh ones."""
    if not any(ready_made.calls_in(ast.walk(statement))):
        return statement
    copied = deepcopy(statement)
    for node, _ in ready_made.calls_in(ast.walk(copied)):
        node.args, node.keywords = [], ready_made.without_weights(node)
    return copied


class _WithoutDevice(ast.NodeTransformer):
    """x for x.to(device), where the text leaves it to others to say what that is."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=of, attr="to"), args=[ast.Name(id="device")], keywords=[]):
                return of
        return node


def _named_by(call: ast.Call) -> list[str]:
    """The name that a call gives to a layer or tensor: self.add_module("conv", ...)."""
    naming = isinstance(call.func, ast.Attribute) and call.func.attr in _NAMING and call.args
    first = call.args[0] if naming else None
    return [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []


def _reshaping(statement: ast.stmt) -> ast.stmt:
    """x.reshape for x.view: scripts of runs lay images channels last, which view refuses; the numbers are the same."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "view":
            node.func.attr = "reshape"
    return statement


# --- that it says no more than the reader knows


def _fields(kind: ast.ClassDef) -> list[str]:
    """The names that a class's own lines are given."""
    targets = [one for line in kind.body if isinstance(line, ast.Assign) for one in line.targets]
    targets += [line.target for line in kind.body if isinstance(line, ast.AnnAssign)]
    return [one.id for one in targets if isinstance(one, ast.Name)]


def _modules(nodes: list[ast.AST]) -> dict[str, Namespace | None]:
    """The modules that imports bring, at the top and within functions, by the names that they then have."""
    found: dict[str, Namespace | None] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                whole = one.name if one.asname else one.name.partition(".")[0]
                found[one.asname or whole] = builtins.NAMESPACES.get(whole)
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                found[one.asname or one.name] = builtins.NAMESPACES.get(f"{node.module}.{one.name}")
    return found


class _Check:
    """Goes through every line of some statements, and of the expression that makes the network."""

    def __init__(self, source: Source, statements: list[ast.stmt], network: str):
        self.source, self.statements = source, statements
        written = [*map(_without_docstrings, statements), ast.parse(network)]
        self.nodes = nodes = [node for one in written for node in ast.walk(one)]
        self.bound = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        self.bound |= {one.arg for one in nodes if isinstance(one, ast.arg)}
        self.bound |= {one.name for one in nodes if isinstance(one, ast.ClassDef | ast.FunctionDef)}
        own = {one.attr for one in nodes if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)}
        own |= {one.name for one in nodes if isinstance(one, ast.FunctionDef)}
        own |= {name for one in nodes if isinstance(one, ast.ClassDef) for name in _fields(one)}
        own |= {name for node in nodes if isinstance(node, ast.Call) for name in _named_by(node)}
        self.attributes = {one for one in own if not (hasattr(Tensor, one) or hasattr(nn.Module, one))}
        above = {**builtins.USUAL, **source.program.names}
        above = {name: one for name, one in above.items() if name in _ABOVE or name not in self.bound}
        spaces = {**above, **_modules(nodes)}
        self.spaces = {name: one for name, one in spaces.items() if isinstance(one, Namespace)}
        self.within = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        self.within |= {id(node.func) for node in nodes if isinstance(node, ast.Call)}

    def all(self) -> None:
        """Raises NotationError at the first piece that is not known."""
        for node in self.nodes:
            self.node(node)

    def node(self, node: ast.AST) -> None:
        match node:
            case ast.Name():
                self.name(node)
            case ast.Attribute():
                self.attribute(node)
            case ast.arg(arg=name) | ast.ClassDef(name=name) if name.startswith("__") or name in _POWERFUL:
                raise self.wrong(node, name[:40])
            case ast.FunctionDef(name=name) if (name.startswith("__") and name not in _METHODS) or name in _POWERFUL:
                raise self.wrong(node, name[:40])
            case ast.ExceptHandler(name=str() as name) | ast.alias(asname=str() as name) if name in _POWERFUL:
                raise self.wrong(node, name[:40])
            case ast.Call(func=ast.Name(id=name)) if name in _DYNAMIC:
                self.dynamic(node)
            case ast.Call(func=ast.Name(id="type"), args=args) if len(args) != 1:
                raise self.wrong(node, "this class")
            case ast.Constant(value=str(text)) if "__" in text:
                raise self.wrong(node, "this word")
            case ast.Constant(value=bytes()) | ast.Match():
                raise self.wrong(node, "this")
            case ast.Import() | ast.ImportFrom():
                self.imported(node)
            case ast.ClassDef(keywords=[_, *_]) | ast.ClassDef(decorator_list=[_, *_]):
                raise self.wrong(node, "this class")
            case ast.Global() | ast.Nonlocal() | ast.Yield() | ast.YieldFrom() | ast.Await() | ast.AsyncFunctionDef():
                raise self.wrong(node, "this")

    def name(self, node: ast.Name) -> None:
        known = node.id in self.bound or node.id in builtins.NAMES or self.space(node) is not None
        known = known or node.id in builtins.USUAL or node.id in self.brought() or node.id == "super"
        if not known or node.id.startswith("__") or node.id in _POWERFUL:
            raise self.wrong(node, node.id[:40])
        if id(node) not in self.within and (node.id in _UNNAMED or self.space(node) is not None):
            raise self.wrong(node, f"{node.id[:40]} under another name")
        space = self.spaces.get(node.id)
        if space is not None and space.name in packages.MODULES and space.name not in packages.WRITTEN:
            raise self.wrong(node, node.id[:40])
        if node.id in self.bound and node.id in self.spaces:
            raise self.wrong(node, f"{node.id[:40]}, which stands for a module and for something else,")

    def brought(self) -> set[str]:
        return {name for one in self.statements if _imports(one) for name in _given_by(one)}

    def attribute(self, node: ast.Attribute) -> None:
        space = self.space(node.value)
        if space is not None:
            if node.attr not in space.members:
                raise self.wrong(node, node.attr[:40])
            if id(node) not in self.within and self.space(node) is not None:
                raise self.wrong(node, f"{node.attr[:40]} under another name")
        elif not self.is_known(node.attr):
            raise self.wrong(node, node.attr[:40])

    def is_known(self, attribute: str) -> bool:
        """Whether it is one of the text's own, or one that the reader knows."""
        own = attribute in self.attributes and not attribute.startswith("__") and attribute not in _FRAMES
        own = own and not _REACHING.match(attribute)
        return own or attribute in _KNOWN_ATTRIBUTES

    def space(self, node: ast.AST) -> Namespace | None:
        """The module of torch's or Python's that an expression names."""
        if isinstance(node, ast.Name):
            return self.spaces.get(node.id)
        if isinstance(node, ast.Attribute) and (outer := self.space(node.value)) is not None:
            found = outer.members.get(node.attr)
            return found if isinstance(found, Namespace) else None
        return None

    def dynamic(self, node: ast.Call) -> None:
        """getattr(self, f"layer{i}"): of self alone, by a name that begins with letters that are written there."""
        of, name = [*node.args, None, None][:2]
        if isinstance(name, ast.Constant) and not (isinstance(name.value, str) and self.is_named(name.value)):
            raise self.wrong(node, str(name.value)[:40])
        while isinstance(name, ast.Call) and isinstance(name.func, ast.Attribute):
            name = name.func.value  # 'layer{}'.format(i)
        while isinstance(name, ast.BinOp):
            name = name.left
        first = name.values[0] if isinstance(name, ast.JoinedStr) and name.values else name
        start = first.value if isinstance(first, ast.Constant) else ""
        if not (isinstance(of, ast.Name) and of.id == "self" and isinstance(start, str) and start[:1].isalpha()):
            raise self.wrong(node, "this name, which is put together")
        if any(one.startswith(start) for one in _FRAMES):
            raise self.wrong(node, f"a name that begins with {start[:40]}")

    def is_named(self, word: str) -> bool:
        """Whether a word may be an attribute's name: none of torch's own but those that the reader knows."""
        return self.is_known(word) or (word.isidentifier() and not (hasattr(nn.Module, word) or hasattr(Tensor, word)))

    def imported(self, node: ast.Import | ast.ImportFrom) -> None:
        module = "" if isinstance(node, ast.Import) else str(node.module)
        for one in node.names:
            name = f"{module}.{one.name}" if module else one.name
            of_packages = {module, name} & {*packages.FROM, *packages.MODULES}
            if of_packages and of_packages.isdisjoint(packages.WRITTEN):
                raise self.wrong(node, name[:40])
            space = builtins.space_of(node, one) if isinstance(node, ast.ImportFrom) and not node.level else None
            of_types = module in tables.TYPES and one.name in _OF_TYPES
            known = name in builtins.NAMESPACES or of_types or (space and one.name in space.members)
            if not known or name.partition(".")[0] in _OF_THE_MACHINE:
                raise self.wrong(node, name[:40])

    def wrong(self, node: ast.AST, what: str) -> NotationError:
        return self.source.program.interpreter.wrong(node, f"{what} is not written into a file")
