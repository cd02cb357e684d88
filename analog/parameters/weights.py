"""What is done to the weights of hardware-aware training between its steps."""

from __future__ import annotations

from enum import Enum

from analog.errors import ConfigError
from analog.parameters.base import Parameters
from analog.parameters.ranges import Fraction, NonNegative, Positive

__all__ = [
    "WeightClipParameter",
    "WeightClipType",
    "WeightModifierParameter",
    "WeightModifierType",
    "WeightRemapParameter",
    "WeightRemapType",
]


class WeightClipType(Enum):
    """How weights are clipped."""

    NONE = "None"
    FIXED_VALUE = "FixedValue"
    LAYER_GAUSSIAN = "LayerGaussian"
    AVERAGE_CHANNEL_MAX = "AverageChannelMax"


class WeightClipParameter(Parameters):
    """Clipping of weights, once per step of the optimizer.

    Parameters
    ----------
    fixed_value : float, optional
        Clip at plus and minus this; for ``LAYER_GAUSSIAN`` at most there. None if not positive.
    sigma : float, optional
        Clip at so many standard deviations of the weights (``LAYER_GAUSSIAN``).
    type : WeightClipType, optional
        How.
    """

    fixed_value: float = -1.0
    sigma: Positive = 2.5
    type: WeightClipType = WeightClipType.NONE


class WeightRemapType(Enum):
    """How weights and digital factors are rescaled."""

    NONE = "None"
    LAYERWISE_SYMMETRIC = "LayerwiseSymmetric"
    CHANNELWISE_SYMMETRIC = "ChannelwiseSymmetric"


class WeightRemapParameter(Parameters):
    """Rescaling of weights against digital factors, once per step of the optimizer.

    Parameters
    ----------
    remapped_wmax : float, optional
        The largest absolute weight afterwards.
    max_scale_range : float, optional
        How many times the smallest factor the others may be; 0 is unbounded.
    max_scale_ref : float, optional
        The least that counts as smallest factor.
    type : WeightRemapType, optional
        How.
    """

    remapped_wmax: Positive = 1.0
    max_scale_range: NonNegative = 0.0
    max_scale_ref: NonNegative = 0.0
    type: WeightRemapType = WeightRemapType.NONE


class WeightModifierType(Enum):
    """How weights are disturbed in training."""

    NONE = "None"
    DISCRETIZE = "Discretize"
    MULT_NORMAL = "MultNormal"
    ADD_NORMAL = "AddNormal"
    DISCRETIZE_ADD_NORMAL = "DiscretizeAddNormal"
    DOREFA = "Dorefa"
    POLY = "Poly"
    PCM_NOISE = "PcmNoise"
    PROG_NOISE = "ProgNoise"
    DROP_CONNECT = "DropConnect"
    COPY = "Copy"


class WeightModifierParameter(Parameters):
    """Disturbance of the weights of a product while training.

    Parameters
    ----------
    std_dev : float, optional
        Standard deviation of the noise, in units of the largest absolute weight.
    per_batch_sample : bool, optional
        Whether every vector of a batch sees its own disturbance.
    res : float, optional
        Step of a discretisation, in units of the largest absolute weight; above 1 its inverse.
    sto_round : bool, optional
        Whether it rounds stochastically.
    dorefa_clip : float, optional
        Bound of the weights of ``DOREFA``.
    pdrop : float, optional
        Probability that a weight is taken as zero.
    enable_during_test : bool, optional
        Whether the last disturbance stays on in evaluation.
    rel_to_actual_wmax : bool, optional
        Whether the largest absolute weight is looked up; else it is `assumed_wmax`.
    assumed_wmax : float, optional
        The largest absolute weight if it is not looked up.
    copy_last_column : bool, optional
        Whether the last column, an analog bias, stays undisturbed.
    coeffs : tuple of float, optional
        Of the polynomial in the absolute weight that is the standard deviation of ``POLY``.
    type : WeightModifierType, optional
        How.
    g_max : float, optional
        Largest conductance, microsiemens.
    pcm_zero_thres : float, optional
        Conductances below are zero, microsiemens.
    pcm_t_inference : float, optional
        Time since programming, seconds.
    pcm_prob_at_reset, pcm_prob_at_gmax, pcm_prob_at_random : float, optional
        Probabilities that a device is stuck at zero, at `g_max`, anywhere.
    pcm_t0 : float, optional
        Time of the first read after programming, seconds.
    """

    std_dev: NonNegative = 0.0
    per_batch_sample: bool = False
    res: NonNegative = 0.0
    sto_round: bool = False
    dorefa_clip: Positive = 0.6
    pdrop: Fraction = 0.0
    enable_during_test: bool = False
    rel_to_actual_wmax: bool = True
    assumed_wmax: Positive = 1.0
    copy_last_column: bool = False
    coeffs: tuple[float, ...] = (0.0105392, 0.0768, -0.046925)
    type: WeightModifierType = WeightModifierType.NONE
    g_max: Positive = 25.0
    pcm_zero_thres: NonNegative = 0.0
    pcm_t_inference: NonNegative = 0.0
    pcm_prob_at_reset: Fraction = 0.0
    pcm_prob_at_gmax: Fraction = 0.0
    pcm_prob_at_random: Fraction = 0.0
    pcm_t0: Positive = 20.0

    def __post_init__(self) -> None:
        """The three kinds of stuck devices exclude each other."""
        stuck = self.pcm_prob_at_reset + self.pcm_prob_at_gmax + self.pcm_prob_at_random
        if stuck > 1:
            raise ConfigError(f"WeightModifierParameter: the probabilities of stuck devices add up to {stuck:g} > 1")
