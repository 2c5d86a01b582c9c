"""Runs a weightless network once and writes down a row for every layer, function and method on a tensor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz.tracing.figures import figures_of
from cnnviz.tracing.meta import first_line
from cnnviz.tracing.operations import (
    STORAGE,
    VALUES,
    Operation,
    function_name,
    layer_name,
    layer_settings,
    operation_of,
    settings_of,
    tensors,
)
from cnnviz.tracing.receptive_field import ReceptiveField, after, field_and_jump, start
from cnnviz.tracing.steps import INPUT, Shape, Step


@dataclass(frozen=True)
class Stopped:
    """Where a network stopped: what was to be done with what, and torch's own error."""

    name: str
    operation: Operation
    layer: nn.Module | None
    sources: tuple[str, ...]
    scope: str
    error: Exception

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What came in."""
        return self.operation.inputs


def record(network: nn.Module, input_shape: Shape) -> tuple[list[Step], Stopped | None]:
    """The rows of `network`, on the meta device, for an input of `input_shape`, and where it stopped, if it did.

    Raises ValueError where it stops by itself, or decides by the values of a tensor.
    """
    recorder = Recorder(input_shape)
    with recorder.hooks(network), recorder, torch.no_grad():
        try:
            network(recorder.input)
        except Exception as error:  # a network of anybody's may raise anything
            recorder.stop_layer(error)  # a layer may refuse its input before it calls anything
            if recorder.stopped is None:
                raise ValueError(f"the network stops by itself: {first_line(error)}") from error
    return recorder.steps, recorder.stopped


def _check_transposed(layer: nn.Module, shapes: tuple[Shape, ...]) -> None:
    """What the meta device leaves unchecked: the channels of a transposed convolution."""
    channels = layer.in_channels if isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d) else None
    if channels and shapes and len(shapes[0]) > 2 and shapes[0][1] != channels:
        raise RuntimeError(f"expected {channels} channels and got {shapes[0][1]}")


class Recorder(TorchFunctionMode):
    """Rows by hooks around layers, and by torch's function mode around everything else."""

    def __init__(self, input_shape: Shape):
        super().__init__()
        self.input = torch.empty(input_shape, device="meta")
        self.steps: list[Step] = []
        self.stopped: Stopped | None = None
        self.unseen = start(input_shape)
        self.known: dict[int, tuple[Tensor, str, ReceptiveField]] = {id(self.input): (self.input, INPUT, self.unseen)}
        self.scopes: list[str] = []
        self.layer: nn.Module | None = None  # the layer that is at work: what it calls inside is no row
        self.counted: set[int] = set()
        self.names: dict[str, int] = {}

    @contextmanager
    def hooks(self, network: nn.Module) -> Iterator[None]:
        """Hooks on every module of `network`, a copy, for as long as it runs."""
        handles = []
        for path, module in network.named_modules():
            name = layer_name(module)
            enter, leave = self.layer_hooks(path, name) if name else self.scope_hooks(path)
            handles += [
                module.register_forward_pre_hook(enter, with_kwargs=True),
                module.register_forward_hook(leave, with_kwargs=True),
            ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def scope_hooks(self, path: str) -> tuple[Any, Any]:
        def enter(_module: nn.Module, _args: Any, _kwargs: Any) -> None:
            self.scopes.append(path)

        def leave(_module: nn.Module, _args: Any, _kwargs: Any, _result: Any) -> None:
            self.scopes.pop()

        return enter, leave

    def layer_hooks(self, path: str, name: str) -> tuple[Any, Any]:
        def enter(layer: nn.Module, args: Any, kwargs: Any) -> None:
            if self.layer is None:
                self.layer = layer
                self.at_work = (path, name, tensors([args, kwargs]))
                self.shapes = tuple(tuple(tensor.shape) for tensor in self.at_work[2])
                _check_transposed(layer, self.shapes)

        def leave(layer: nn.Module, _args: Any, _kwargs: Any, result: Any) -> None:
            if self.layer is not layer:
                return
            if not isinstance(layer, nn.Identity):  # which is no step at all
                inputs, own, results = self.at_work[2], list(layer.parameters()), tensors(result)
                self.row(path, name, layer_settings(layer), inputs, self.shapes, own, results, layer)
            self.layer = None  # only now, for what a row asks of its tensors is no step either

        return enter, leave

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if self.layer is not None:
            return function(*args, **kwargs)
        name, inputs = function_name(function), tensors([args, kwargs])
        shapes = tuple(tuple(tensor.shape) for tensor in inputs)
        try:
            result = function(*args, **kwargs)
        except Exception as error:
            self.stop(name, args, kwargs, inputs, shapes, error)
            raise
        found = [tensor for tensor in inputs if id(tensor) in self.known]
        if found and isinstance(result, Tensor | tuple | list) and (results := tensors(result)):
            if name in STORAGE:
                self.passed(found[0], results)
            else:
                self.called(name, args, kwargs, inputs, shapes, results)
        return result

    def stop_layer(self, error: Exception) -> None:
        """Whichever layer is at work has raised."""
        if self.stopped is None and self.layer is not None:
            path, name, inputs = self.at_work
            sources = tuple(self.known[id(tensor)][1] for tensor in inputs if id(tensor) in self.known)
            operation = Operation(name, layer_settings(self.layer), self.shapes)
            self.stopped = Stopped(path, operation, self.layer, sources, self.scope, error)

    def stop(self, name: str, args: Any, kwargs: Any, inputs: list[Tensor], shapes: Any, error: Exception) -> None:
        """A function or method that raised: what it was called with."""
        if name in VALUES:
            raise ValueError(
                f"the network decides by the values of a tensor ({name}), which a trace has not"
            ) from error
        sources = tuple(self.known[id(tensor)][1] for tensor in inputs if id(tensor) in self.known)
        if self.stopped is None and sources:
            word = operation_of(name, shapes[0], shapes[0])
            operation = Operation(word, settings_of(word, args, kwargs), shapes)
            self.stopped = Stopped(self.path(name), operation, None, sources, self.scope, error)

    @property
    def scope(self) -> str:
        """The path of the block that is at work."""
        return self.scopes[-1] if self.scopes else ""

    def path(self, name: str) -> str:
        return f"{self.scope}.{name}" if self.scope else name

    def passed(self, source: Tensor, results: list[Tensor]) -> None:
        """A call that changes nothing: its results go by the name of its source."""
        _, name, receptive_field = self.known[id(source)]
        for tensor in results:
            self.known[id(tensor)] = (tensor, name, receptive_field)

    def called(
        self, name: str, args: Any, kwargs: Any, inputs: list[Tensor], shapes: Any, results: list[Tensor]
    ) -> None:
        """A row for a function or method."""
        known = [i for i, tensor in enumerate(inputs) if id(tensor) in self.known]
        operation = operation_of(name, shapes[known[0]], tuple(results[0].shape))
        own = [tensor for tensor in inputs if isinstance(tensor, nn.Parameter)]
        path = self.path({"Add": "add", "Concatenate": "cat"}.get(operation, name))
        self.row(path, operation, settings_of(operation, args, kwargs), inputs, shapes, own, results, None)

    def row(
        self,
        path: str,
        word: str,
        settings: dict[str, Any],
        inputs: list[Tensor],
        shapes: tuple[Shape, ...],
        own: list[nn.Parameter] | list[Tensor],
        results: list[Tensor],
        layer: nn.Module | None,
    ) -> None:
        """Write the row down, and remember whose result it is."""
        pairs = [(self.known[id(t)], shape) for t, shape in zip(inputs, shapes, strict=True) if id(t) in self.known]
        if not pairs:  # of what does not come from the input
            return
        operation = Operation(word, settings, tuple(shape for _, shape in pairs), tuple(results[0].shape))
        new = [tuple(parameter.shape) for parameter in own if id(parameter) not in self.counted]
        figures = figures_of(operation, new)
        window, fields = figures.window, [one[2] for one, _ in pairs]
        receptive_field = after(fields, operation, window, self.unseen or ())
        field, jump = field_and_jump(receptive_field)
        self.counted |= {id(parameter) for parameter in own}
        name = self.unique(path)
        self.steps.append(
            Step(
                name,
                word,
                tuple(one[1] for one, _ in pairs),
                operation.inputs,
                operation.output,
                module=path if layer is not None else "",
                scope=path.rpartition(".")[0],
                kernel=window.kernel if window else None,
                stride=window.stride if window else None,
                padding=window.padding if window else None,
                dilation=window.dilation if window else None,
                groups=int(settings.get("groups", 1)) if operation.is_a("Conv") else 1,
                tensors=tuple((key, tuple(tensor.shape)) for key, tensor in layer.named_parameters()) if layer else (),
                parameters=sum(map(prod, new)),
                arithmetic=figures.arithmetic,
                reused=bool(own) and not new,
                macs=figures.macs // max(1, self.input.shape[0]),
                memory=4 * prod(operation.output),
                receptive_field=field,
                jump=jump,
            )
        )
        for tensor in results:
            self.known[id(tensor)] = (tensor, name, receptive_field)

    def unique(self, path: str) -> str:
        """`path`, with a number where it has been used before."""
        self.names[path] = self.names.get(path, 0) + 1
        return path if self.names[path] == 1 else f"{path}_{self.names[path]}"
