"""Models of torch onto crossbars, and back."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import torch
from torch.nn.utils.parametrize import is_parametrized

from analog.config import RPUConfig
from analog.errors import ConfigError
from analog.nn.attention import AnalogMultiheadAttention
from analog.nn.check import require_readable
from analog.nn.conv import AnalogConv1d, AnalogConv2d, AnalogConv3d
from analog.nn.conv_transpose import AnalogConvTranspose1d, AnalogConvTranspose2d, AnalogConvTranspose3d
from analog.nn.layer import AnalogLayer
from analog.nn.linear import AnalogLinear
from analog.nn.recurrent import AnalogGRU, AnalogLSTM, AnalogRNN
from analog.nn.recurrent_cells import AnalogGRUCell, AnalogLSTMCell, AnalogRNNCell
from analog.nn.seeds import seeds
from analog.nn.transformers import keep_from_fused_kernels
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["DEFAULT_MAPPING", "convert_to_analog", "convert_to_digital"]

LayerMapping = Mapping[type[torch.nn.Module], type[AnalogLayer]]

#: Which layers of torch become which on crossbars.
DEFAULT_MAPPING: LayerMapping = {
    layer.digital_class: layer
    for layer in (
        AnalogLinear,
        AnalogConv1d,
        AnalogConv2d,
        AnalogConv3d,
        AnalogConvTranspose1d,
        AnalogConvTranspose2d,
        AnalogConvTranspose3d,
        AnalogRNN,
        AnalogLSTM,
        AnalogGRU,
        AnalogRNNCell,
        AnalogLSTMCell,
        AnalogGRUCell,
        AnalogMultiheadAttention,
    )
}

#: A weight counts as lost if it is off by this part of the largest one.
ROUNDING = 1e-5
#: Layers that a warning names, at most.
SHOWN = 8


def convert_to_analog(
    model: torch.nn.Module,
    rpu_config: RPUConfig,
    *,
    mapping: LayerMapping | None = None,
    exclude: Collection[str] = (),
    specific_rpu_config_fun: Callable[[str, torch.nn.Module, RPUConfig], RPUConfig] | None = None,
    inplace: bool = False,
    seed: int | None = None,
) -> Any:
    """A model whose layers are on crossbars, with the weights that it has.

    Layers of exactly the classes in `mapping` are replaced, at any depth; of a class that is derived from one of these
    nobody knows what it computes. Weights keep their values to rounding if the devices can hold them: with
    ``mapping=MappingParameter(weight_scaling_omega=...)`` in the config they are scaled to what devices hold, otherwise
    large ones are clipped, and a warning says where. A layer that is used in several places is one layer afterwards.

    Parameters
    ----------
    model : torch.nn.Module
        The model, or a single layer.
    rpu_config : RPUConfig
        Devices, converters and pulses.
    mapping : mapping of type to type, optional
        Which classes of torch become which analog layers; `DEFAULT_MAPPING` when left out.
    exclude : collection of str, optional
        Paths of layers, as in ``model.named_modules()``, that stay digital with all that is in them.
    specific_rpu_config_fun : callable, optional
        ``function(path, layer, rpu_config)`` gives the config of each layer.
    inplace : bool, optional
        Whether layers are replaced in the model itself, which otherwise stays as it is. A model that is a single layer
        cannot be; its replacement is what is returned.
    seed : int, optional
        Of all devices; from torch's generator when left out.

    Returns
    -------
    torch.nn.Module
        The converted model. Its ``load_state_dict`` looks at all that it is given before it loads any of it.

    Raises
    ------
    ConfigError
        If a path to exclude does not exist, or a config does not fit a layer.
    UnsupportedOperationError
        If the weights of a layer are tied to those of another, or hooks or parametrizations act on it; if it has no
        weights yet (lazy layers, the meta device). Nothing has changed then.

    Examples
    --------
    >>> import torch
    >>> from analog.config import FloatingPointRPUConfig
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    >>> analog = convert_to_analog(model, FloatingPointRPUConfig(), exclude=["2"])
    >>> [type(layer).__name__ for layer in analog]
    ['AnalogLinear', 'ReLU', 'Linear']
    """
    chosen = DEFAULT_MAPPING if mapping is None else mapping
    _require_sense(model, chosen, exclude)
    unknown = set(exclude) - {name for name, _ in model.named_modules(remove_duplicate=False)}
    if unknown:
        raise ConfigError(f"exclude names {sorted(unknown)}: the model has no such modules, see model.named_modules()")
    kept = {id(part) for name in exclude for part in model.get_submodule(name).modules()}
    _require_extents(model, chosen, kept)
    found = dict(_outermost(model, lambda layer: _plain_type(layer) in chosen, kept))
    for name, layer in found.items():
        _require_plain(name, layer)
        _require_untied(name, layer, model)
    made: dict[int, AnalogLayer] = {}
    for (name, layer), number in zip(found.items(), seeds(seed, len(found)), strict=True):
        config = rpu_config if specific_rpu_config_fun is None else specific_rpu_config_fun(name, layer, rpu_config)
        if not isinstance(config, RPUConfig):
            raise ConfigError(f"the config of {name or 'the layer'!r} is {config!r}: give an RPUConfig, as rpu_config")
        made[id(layer)] = chosen[type(layer)].from_digital(layer, config, seed=number)
    _warn_of_losses({name: (layer, made[id(layer)]) for name, layer in found.items()})
    whole = _replaced(model, made, inplace)
    whole.register_load_state_dict_pre_hook(_look_first)  # type: ignore[no-untyped-call]
    return whole


def convert_to_digital(model: torch.nn.Module, *, inplace: bool = False) -> Any:
    """A model of torch with the present weights of its crossbars, in float32.

    Parameters
    ----------
    model : torch.nn.Module
        With analog layers at any depth.
    inplace : bool, optional
        As for `convert_to_analog`.

    Examples
    --------
    >>> import torch
    >>> from analog.config import FloatingPointRPUConfig
    >>> model = torch.nn.Linear(4, 3)
    >>> analog = convert_to_analog(model, FloatingPointRPUConfig())
    >>> torch.equal(convert_to_digital(analog).weight, model.weight)
    True
    """
    found = _outermost(model, lambda layer: isinstance(layer, AnalogLayer), set())
    made = {id(layer): layer.to_digital() for _, layer in found}
    return _replaced(model, made, inplace)


def _require_sense(model: object, mapping: LayerMapping, exclude: object) -> None:
    """Refuse arguments of other kinds."""
    if not isinstance(model, torch.nn.Module):
        raise ConfigError(f"model is {type(model).__name__}: give a module of torch")
    if isinstance(exclude, str):
        raise ConfigError(f"exclude is {exclude!r}: give a list of paths, as [{exclude!r}]")
    for digital, analog in mapping.items():
        if not (isinstance(analog, type) and issubclass(analog, AnalogLayer)):
            raise ConfigError(f"mapping makes of {digital.__name__} {analog!r}, which is no class of AnalogLayer")


def _outermost(
    module: torch.nn.Module, wanted: Callable[[Any], bool], kept: set[int], name: str = ""
) -> Iterator[tuple[str, Any]]:
    """The wanted modules with their first paths, each once, and nothing inside them; those in `kept` never."""
    if id(module) in kept:
        return
    kept.add(id(module))
    if wanted(module):
        yield name, module
        return
    for key, child in module.named_children():
        yield from _outermost(child, wanted, kept, f"{name}.{key}" if name else key)


def _plain_type(layer: torch.nn.Module) -> type[torch.nn.Module]:
    """The class of a layer; parametrizations put one of their own in front."""
    return type(layer).__bases__[0] if is_parametrized(layer) else type(layer)


def _require_plain(name: str, layer: torch.nn.Module) -> None:
    """Refuse layers that would lose what was attached to them, or that have no weights."""
    attached = layer._forward_hooks or layer._forward_pre_hooks or layer._backward_hooks or layer._backward_pre_hooks
    if attached or is_parametrized(layer):
        raise UnsupportedOperationError(
            f"hooks or parametrizations act on {name or 'the layer'!r}, which its analog layer would lose: remove them "
            "before, or exclude the layer"
        )
    if any(parameter.is_meta for parameter in layer.parameters()):
        raise UnsupportedOperationError(
            f"{name or 'the layer'!r} is on the meta device, without weights: give it some before, with to_empty(...) "
            "and load_state_dict(...)"
        )


def _require_extents(model: torch.nn.Module, mapping: LayerMapping, kept: Collection[int]) -> None:
    """Refuse layers that learn from their first input what they are."""
    for name, layer in model.named_modules():
        if getattr(layer, "cls_to_become", None) in mapping and id(layer) not in kept:
            raise UnsupportedOperationError(
                f"{name or 'the layer'!r} is a {type(layer).__name__}, whose extents nobody knows before it has had an "
                "input: call the model once before, or exclude the layer"
            )


def _require_untied(name: str, layer: torch.nn.Module, model: torch.nn.Module) -> None:
    """Refuse weights that another module has, too: crossbars hold their own."""
    own, inside = {id(parameter) for parameter in layer.parameters()}, set(layer.modules())
    for other, module in model.named_modules():
        if module not in inside and any(id(parameter) in own for parameter in module.parameters(recurse=False)):
            raise UnsupportedOperationError(
                f"weights of {name!r} are tied to those of {other!r}, but crossbars hold weights of their own: "
                "exclude the layer, or untie the weights"
            )


def _warn_of_losses(layers: dict[str, tuple[torch.nn.Module, AnalogLayer]]) -> None:
    losses = [f"{name or 'the layer'} ({loss:.2g})" for name, pair in layers.items() if (loss := _loss(*pair))]
    if losses:
        more = f" and {len(losses) - SHOWN} more" if len(losses) > SHOWN else ""
        warnings.warn(
            f"devices cannot hold all weights; the largest deviations are: {', '.join(losses[:SHOWN])}{more}; to scale "
            "weights to what devices hold, set mapping=MappingParameter(weight_scaling_omega=...) in the config",
            UserWarning,
            stacklevel=3,
        )


@torch.no_grad()
def _loss(digital: torch.nn.Module, analog: AnalogLayer) -> float:
    """The largest deviation of a weight; 0 if all are kept."""
    kept = dict(analog.to_digital().named_parameters())
    for name, weight in digital.named_parameters():
        deviation = float((kept[name] - weight).abs().max()) if weight.numel() else 0.0
        if deviation > ROUNDING * float(weight.abs().max()):
            return deviation
    return 0.0


def _replaced(model: torch.nn.Module, made: Mapping[int, torch.nn.Module], inplace: bool) -> torch.nn.Module:
    """The model, or a copy, with other layers in their places."""
    if not inplace:
        whole: torch.nn.Module = copy.deepcopy(model, dict(made))
    else:
        whole = made.get(id(model), model)
        for module in list(model.modules()):
            for key, child in module.named_children():
                if id(child) in made:
                    setattr(module, key, made[id(child)])
    keep_from_fused_kernels(whole)
    return whole


def _look_first(model: torch.nn.Module, state_dict: Mapping[str, Any], prefix: str, *_: Any) -> None:
    """Loading changes the whole model or nothing of it."""
    require_readable(model, state_dict, prefix)
