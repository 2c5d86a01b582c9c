"""A network as the Python that people have: which of its classes is meant, with which arguments, and what it takes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.parser import NotationError
from cnnviz.networks.source import builders, rebound, scripts
from cnnviz.networks.source.arguments import (
    MAX_TRIED,
    Argument,
    Called,
    asked,
    call_text,
    called,
    literal,
    parsed,
    required,
)
from cnnviz.networks.source.calls import MAX_LAYERS, check_executions
from cnnviz.networks.source.candidates import (
    Candidate,
    as_linked,
    candidate,
    candidates,
    factories,
    inputs_of,
    loose_layers,
    with_script,
)
from cnnviz.networks.source.classes import misspelt
from cnnviz.networks.source.classless import classed, said, without_its_maker
from cnnviz.networks.source.cleaning import Cleaned, clean
from cnnviz.networks.source.cleaning.lines import BREAKS
from cnnviz.networks.source.copies import copied, is_lazy, settled
from cnnviz.networks.source.flow import MAX_LINES
from cnnviz.networks.source.interpreter import Interpreter
from cnnviz.networks.source.loaded import without_loading
from cnnviz.networks.source.modules import keeps_mode
from cnnviz.networks.source.notes import notes, plain_lists
from cnnviz.networks.source.packages import is_brought
from cnnviz.networks.source.private import mangled
from cnnviz.networks.source.program import UNNAMED, Program, carried_out
from cnnviz.networks.source.reach import statements_for
from cnnviz.networks.source.repeated import told_apart
from cnnviz.networks.source.scripts import Script
from cnnviz.networks.source.spelled import spelled
from cnnviz.networks.source.unfolding import unfolded
from cnnviz.networks.source.values import Class, Created, Function

MAX_TRACED = 2_000_000_000  # parameters of a network that is followed, without weights
MAX_LOOSE = 10_000_000  # parameters of layers that are made with a network and are none of its own
_META = torch.device("meta")


@dataclass(frozen=True)
class Source:
    """A text that was read. `chosen` is the candidate that is meant, `known_as` its name in the program; `arguments`
    are those without default of its class, `written` the same as the text itself gives them, `inputs` the names of what
    its forward takes, `notes` what is to be said of the reading."""

    cleaned: Cleaned
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    arguments: tuple[Argument, ...]
    written: tuple[Argument, ...]
    inputs: tuple[str, ...]
    notes: tuple[str, ...]
    program: Program
    known_as: str

    def weightless(self, shapes: Sequence[tuple[int, ...]] = ()) -> nn.Module:
        """The network on the meta device: shapes without numbers. Lazy layers take their sizes from inputs of
        `shapes`, each without its batch. Raises NotationError."""
        with _META:
            network = self._network(self.program)
            check_executions(self.program.interpreter, network, self.cleaned.tree.body[0])
            if (layers := sum(1 for _ in network.modules())) > MAX_LAYERS:
                raise NotationError(
                    f"the network has {layers:,} layers and {MAX_LAYERS:,} are the most", self.chosen.line, 1
                )
            count = sum(parameter.numel() for parameter in network.parameters() if not is_lazy(parameter))
            if count > MAX_TRACED:
                raise NotationError(
                    f"the network has {count:,} parameters and {MAX_TRACED:,} are the most", self.chosen.line, 1
                )
            twin = copied(network)
            self._check_mode(twin)
            return settled(twin, shapes)

    def build(self, shapes: Sequence[tuple[int, ...]] = ()) -> nn.Module:
        """The network with fresh weights on torch's current default device, as the class itself would make them."""
        network = self.weightless()
        numbers = {module.__dict__["made_by"] for module in network.modules() if "made_by" in module.__dict__}
        spans, here = self.program.statements, torch.get_default_device()
        makers = {index for index, (a, b) in enumerate(spans) if any(a <= number < b for number in numbers)}
        body, given = self.cleaned.tree.body, [one.text for one in self.arguments]
        makers |= statements_for(body, self.program.names, network, makers, given)
        self._check_held(network, makers)
        again = carried_out(self.cleaned.tree, _place(self.cleaned), lambda index: here if index in makers else _META)
        return settled(self._network(again), shapes)

    def _check_mode(self, network: nn.Module) -> None:
        """Refuses a train or eval of the text that is not read."""
        if not keeps_mode(network):
            return
        try:
            network.train(network.training)
        except NotationError:
            raise
        except Exception as error:  # what torch raises
            at = getattr(error, "raised_at", self.cleaned.tree.body[0])
            raise self.program.interpreter.failed(at, "train cannot be carried out", error) from None

    def _check_held(self, network: nn.Module, makers: set[int]) -> None:
        """Refuses layers that are made with the network and are none of its own: nobody has counted them."""
        held, spans = self.program.interpreter.held, self.program.statements
        made = sum(held[spans[-1][1] :])
        made += sum(sum(held[a:b]) for index, (a, b) in enumerate(spans) if index in makers)
        own = sum(one.numel() for one in network.parameters() if not is_lazy(one))
        if made > own + MAX_LOOSE:
            raise NotationError(
                f"layers with {made:,} parameters are made, and {own:,} are the network's own; leave out the others, "
                "or put them into an nn.ModuleList",
                self.chosen.line,
                1,
            )

    @property
    def complete(self) -> str:
        """The text with the choice and the arguments written below it, so that it stands for itself; of a text with
        more in it than Python, the Python alone."""
        kind, is_first = self.program.meant(self.known_as), self.candidates[0] == self.chosen
        if not all(one.text.strip() for one in self.arguments):
            return self.cleaned.own
        alone = is_first if self.chosen.made else not isinstance(kind, Class) and self.known_as == self.chosen.name
        if self.arguments == self.written and alone:
            return self.cleaned.own
        text = self.cleaned.text
        if self.known_as != self.chosen.name:
            return f"{text.rstrip()}\n\nmodel = {self.maker}\n"
        if self.arguments == self.written and (name := self._name()) is not None:
            return f"{text.rstrip()}\n\nmodel = {name}\n"
        if isinstance(kind, Class) and self.program.names.get(kind.name) is not kind:
            starts = [0, *(found.end() for found in BREAKS.finditer(text))]
            text = text[: starts[_next_of(self.cleaned.tree, kind.node) - 1]]
        try:
            return f"{text.rstrip()}\n\nmodel = {self.call}\n"
        except ValueError:  # a function, or an object of the text's own
            return self.cleaned.own

    def _name(self) -> str | None:
        """A name of the text that stands for the network itself; None for none."""
        meant = self.program.meant(self.known_as)
        made = self.program.last(meant) if isinstance(meant, Class) else None
        network = made.network if made is not None else meant
        names = (name for name, one in self.program.names.items() if one is network and isinstance(one, nn.Module))
        return next(names, None)

    @property
    def maker(self) -> str:
        """The call of the function that makes the chosen network."""
        return f"{self.chosen.name}({', '.join(f'{one.name}={one.text.strip()}' for one in self.arguments)})"

    @property
    def call(self) -> str:
        """The call that makes the chosen network of a class, with the arguments that the text and the reader give.
        Raises ValueError for a value that has no text."""
        kind = self.program.meant(self.known_as)
        how = called(self.program, self.cleaned.tree, kind)
        values = {one.name: one.text for one in self.arguments}
        for name in how.names(kind):
            if name not in values:
                values[name] = self._written(how, name)
        several, named = how.further_texts(kind, self.program)
        return call_text(kind, {**values, **named}, several)

    def _written(self, how: Called, name: str) -> str:
        """What the text gives for a parameter: its value, or the expression for it where it cannot be written."""
        if how.made is not None and (name not in how.written or not isinstance(how.made.given[name], nn.Module)):
            try:
                return literal(how.made.given[name], self.program.interpreter.created)
            except ValueError:
                if name not in how.written:
                    raise
        return ast.unparse(how.written[name])

    @property
    def is_empty(self) -> bool:
        """Whether it is a row of no layers, as nn.Sequential() is."""
        row = self.program.meant(self.known_as)
        return isinstance(row, nn.Sequential) and len(row) == 0

    @cached_property
    def makers(self) -> dict[str, tuple[ast.Call, bool]]:
        """By its module path, the call that built each layer, and whether it has built that alone: not a network of
        another package, of which the layer is a part."""
        made, found = self.program.interpreter.made, {}
        for path, module in self.weightless().named_modules():
            number = vars(module).get("made_by")
            if number is not None and number < len(made) and not is_brought(made[number]):
                found[path] = made[number], "ready_made" not in vars(module)
        return found

    @cached_property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(parameter.numel() for parameter in self.weightless().parameters() if not is_lazy(parameter))

    def _network(self, program: Program) -> nn.Module:
        """The chosen network of a program that was carried out."""
        kind = program.meant(self.known_as)
        if self.known_as != self.chosen.name:
            self._check_arguments(program)
        if isinstance(kind, Class):
            made = program.last(kind)
            same = made is not None and self.arguments == self.written
            return self._unspoilt(program, made.network) if made is not None and same else self._made(program, kind)
        if self.known_as in program.failed_rows() or (self.known_as == UNNAMED and UNNAMED in program.broken):
            raise program.broken[self.known_as]
        if not isinstance(kind, nn.Module):
            raise NotationError(f"{self.chosen.name} is no network", self.chosen.line, 1)
        self._unspoilt(program, kind)
        if self.is_empty:
            raise NotationError(
                f"{self.chosen.name} has no layers; put some into it, as in nn.Sequential(nn.Flatten(), ...)",
                self.chosen.line,
                1,
            )
        return kind

    def _unspoilt(self, program: Program, network: nn.Module) -> nn.Module:
        """The network, where no line that was passed over would have changed it."""
        if program.spoilt:
            for module in network.modules():
                if module in program.spoilt:
                    raise program.spoilt[module]
        return network

    def _made(self, program: Program, kind: Class) -> nn.Module:
        """The network of a class, with the arguments that the reader gives, or that the text has given elsewhere."""
        interpreter = program.interpreter
        how = called(program, self.cleaned.tree, kind)
        known = how.names(kind)
        self._check_missing(kind.name, [one.name for one in self.arguments if one.name not in known])
        end = program.statements[-1][1]
        del interpreter.made[end:], interpreter.held[end:]  # of a network that was made before
        before, begun = len(interpreter.created), len(interpreter.begun)
        replaced = {one.name: one for one in self.arguments if one not in self.written or one.name not in known}
        several, named = how.further(kind)
        try:
            with interpreter.making():
                kwargs = {name: self._given(how, interpreter, name) for name in known if name not in replaced}
                for name, argument in replaced.items():
                    kwargs[name] = self._value(interpreter, argument)
                first = [kwargs.pop(name) for name in how.places(kind)] if several else []
                network = interpreter.call(kind, [*first, *several], {**kwargs, **named}, kind.node)
        except NotationError:
            raise
        except Exception as error:  # what torch raises while a network is made
            raise interpreter.failed(getattr(error, "raised_at", kind.node), "this cannot be built", error) from None
        finally:
            del interpreter.created[before:], interpreter.begun[begun:]
        if not isinstance(network, nn.Module):
            raise NotationError(f"{kind.name} is no network", self.chosen.line, 1)
        return network

    def _check_missing(self, name: str, wanted: Sequence[str]) -> None:
        """Refuses a network for which a value is not given."""
        missing = [one.name for one in self.arguments if not one.text.strip() and one.name in wanted]
        if missing:
            raise NotationError(
                f"{name} needs {' and '.join(missing)}; give a value, or write model = {name}(...) below it",
                self.chosen.line,
                1,
            )

    def _check_arguments(self, program: Program) -> None:
        """Refuses what a reader gives for the parameters of a function, where it is no value."""
        self._check_missing(self.chosen.name, [one.name for one in self.arguments])
        for one in self.arguments:
            self._value(program.interpreter, one)

    def _given(self, how: Called, interpreter: Interpreter, name: str) -> Any:
        """What the text gives for a parameter."""
        try:
            return how.value(interpreter, name)
        except NotationError as error:
            if name not in (one.name for one in self.arguments):
                raise
            why = error.reason.partition(";")[0]
            raise NotationError(f"{why}; give a value for {name}", error.line, error.column) from None

    def _value(self, interpreter: Interpreter, argument: Argument) -> Any:
        """The value of an argument that the reader gives beside the text."""
        if (expression := parsed(argument.text)) is None:
            why = "this is no value; write one such as 10"
        else:
            try:
                return interpreter.value(expression, interpreter.globals)
            except NotationError as error:
                why = error.reason
        raise NotationError(f"{argument.name} = {argument.text[:40]}: {why}", self.chosen.line, 1)


def made_of(source: Source) -> Created | None:
    """What the text itself has made of the chosen class, with the arguments that are chosen."""
    meant, program = source.program.meant(source.known_as), source.program
    if isinstance(meant, Class):
        return program.last(meant) if source.arguments == source.written else None
    return next((one for one in program.interpreter.created if one.network is meant), None)


def read(text: str, chosen: str = "", arguments: Mapping[str, str] | None = None) -> Source:
    """What a text says: nothing of it is executed. `chosen` names the candidate that is meant, the first one where it
    is none of them; `arguments` are values for those that its class has no default for. Raises NotationError with a
    sentence, line and column."""
    cleaned = clean(text)
    as_written, tree = cleaned.tree, classed(cleaned.tree)
    named = without_loading(spelled(tree, cleaned.text), cleaned.text)
    cleaned = replace(cleaned, tree=unfolded(mangled(told_apart(named))))
    program = carried_out(cleaned.tree, _place(cleaned))
    if (lost := without_its_maker(as_written)) is not None:
        why = f"self.{lost.attr[:40]} is made nowhere in the text; paste the __init__ that makes it, too"
        raise NotationError(why, *_place(cleaned)(lost.lineno, lost.col_offset))
    script = scripts.found(cleaned.tree, program)
    several = candidates(program, cleaned)
    if script is not None:
        several = with_script(script, several, program, cleaned)
        if any(one.name == script.made.name for one in several):
            cleaned = replace(cleaned, tree=ast.Module([*cleaned.tree.body, script.made], []))
            program = carried_out(cleaned.tree, _place(cleaned))
    elif not chosen and len(cleaned.tree.body) <= MAX_LINES and len(loose := loose_layers(program, several)) > 1:
        raise NotationError(
            f"{loose[0]} and {loose[-1]} are layers, and no line hands anything through them; paste forward, too, or "
            "the lines that call them",
            several[0].line,
            1,
        )
    failed = program.failed_rows()
    if all(one.name in failed for one in several):
        raise _nothing(program, cleaned, [one.name for one in several], as_written)
    if chosen in program.classes() and chosen not in (one.name for one in several):
        several += (candidate(chosen, False, program, cleaned),)
    if arguments and not chosen:
        several = as_linked(program, several, arguments)
    first = several[0]
    makers = () if arguments and not chosen else factories(program, cleaned, first)  # a link of before
    several = (*makers, *(one for one in several if not makers or one is not first or one.name == chosen))
    several = tuple(dict.fromkeys(several))
    meant = next((one for one in several if one.name == chosen), several[0])
    known_as = meant.name
    written: tuple[Argument, ...] = ()
    if meant in makers:
        meant, cleaned, program = _by_function(cleaned, [meant] if meant.name == chosen else makers[:MAX_TRIED])
        known_as = UNNAMED
    elif isinstance(program.meant(known_as), Function):
        written = builders.asked(program, cleaned.tree, known_as)
        known_as = UNNAMED
    elif isinstance(kind := program.meant(known_as), Class) and required(kind):
        written = asked(program, kind, called(program, cleaned.tree, kind))
    given = tuple(Argument(one.name, (arguments or {}).get(one.name) or one.text) for one in written)
    if known_as != meant.name and meant not in makers and all(parsed(one.text) is not None for one in given):
        cleaned = replace(cleaned, tree=_calling(cleaned.tree, meant.name, given))
        program = carried_out(cleaned.tree, _place(cleaned))
    kind = program.meant(known_as)
    remarks = *said(tree, as_written), *notes(program, cleaned, _place(cleaned))
    if isinstance(kind, nn.Module) and kind in program.rebound:
        remarks = *remarks, rebound.said(program.rebound[kind])
    if script is not None and known_as == script.made.name:
        remarks = _of_script(script, cleaned), *remarks
    found = Source(cleaned, several, meant, given, written, inputs_of(kind), remarks, program, known_as)
    return replace(found, notes=(*found.notes, *dict.fromkeys(plain_lists(cleaned, found.weightless))))


def _of_script(script: Script, cleaned: Cleaned) -> str:
    """What is to be said of a network that stands in no class."""
    first, last = (cleaned.place(line, 1)[0] for line in script.lines)
    where = f"lines {first:,} to {last:,}, which stand" if first != last else f"line {first:,}, which stands"
    return f"{script.made.name} is read from {where} in no class."


def _by_function(cleaned: Cleaned, makers: Sequence[Candidate]) -> tuple[Candidate, Cleaned, Program]:
    """The first of those functions that makes a network, or the first of all where none does; and the text, with a call
    of it at its end, carried out."""
    tried = []
    for one in makers:
        calling = replace(cleaned, tree=_calling(cleaned.tree, one.name))
        tried.append((one, calling, carried_out(calling.tree, _place(calling))))
        if isinstance(tried[-1][2].names.get(UNNAMED), nn.Module):
            return tried[-1]
    return tried[0]


def _calling(tree: ast.Module, name: str, arguments: Sequence[Argument] = ()) -> ast.Module:
    """The tree with a call of that function at its end, which stands where the function does."""
    at = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name)
    known = [ast.keyword(one.name, value) for one in arguments if (value := parsed(one.text)) is not None]
    call = ast.Assign([ast.Name(UNNAMED, ast.Store())], ast.Call(ast.Name(name, ast.Load()), [], known))
    for node in ast.walk(call):
        ast.copy_location(node, at)
    call.end_lineno = at.lineno
    return ast.Module([*tree.body, call], tree.type_ignores)


def _place(cleaned: Cleaned) -> Callable[[int, int], tuple[int, int]]:
    """The line and column in the reader's text, from 1, of a place that the tree gives: its columns count bytes."""
    lines = cleaned.text.split("\n")

    def place(line: int, column: int) -> tuple[int, int]:
        written = lines[line - 1] if line <= len(lines) else ""
        before = written[:column] if written.isascii() else written.encode()[:column].decode(errors="ignore")
        return cleaned.place(line, len(before) + 1)

    return place


# --- which network is meant


def _next_of(tree: ast.Module, node: ast.ClassDef) -> int:
    """The line of the next statement at the top that gives the name of a class to something else, from 1."""
    for statement in tree.body:
        if statement.lineno > node.lineno and (statement.end_lineno or 0) > (node.end_lineno or 0):
            for one in ast.walk(statement):
                if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == node.name:
                    return min([statement.lineno, *(deco.lineno for deco in one.decorator_list)])
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and one.id == node.name:
                    return statement.lineno
    return node.lineno


def _without_class(tree: ast.Module) -> ast.expr | None:
    """Where a line at the top asks for self."""
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            for one in ast.walk(statement):
                if isinstance(one, ast.Name) and one.id == "self":
                    return one
    return None


def _nothing(program: Program, cleaned: Cleaned, rows: list[str], as_written: ast.Module) -> NotationError:
    """Why a text has no network; `rows` are the names of layers in a row that were not read."""
    for node in cleaned.tree.body:
        if isinstance(node, ast.ClassDef) and node.name in program.broken:
            return program.broken[node.name]
    if rows:
        return program.broken[rows[0]]
    classes = [one for one in program.names.values() if isinstance(one, Class) and one.base is not None]
    if classes:
        at = _place(cleaned)(classes[-1].node.lineno, classes[-1].node.col_offset)
        hint = misspelt(program.interpreter, classes[-1], "forward") or "; write def forward(self, x) into it"
        return NotationError(f"{classes[-1].name} has no forward, which says what it does with its input{hint}", *at)
    if (alone := _without_class(as_written)) is not None:
        why = "self stands outside of a class; put these lines into class Net(nn.Module)"
        return NotationError(why, *_place(cleaned)(alone.lineno, alone.col_offset))
    if program.why is not None:
        return program.why
    return NotationError("there is no network; write nn.Sequential(...) or a class Net(nn.Module)", 1, 1)
