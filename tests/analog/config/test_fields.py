"""Names, defaults and members are the field's: typed from a list that was extracted from its best-known toolkit."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

import pytest

import analog.config
from analog.parameters import Parameters
from tensorlayer.errors import UnsupportedOperationError

#: Own or overridden fields of each class and their defaults; T and F are truth values, capitals members of enums, and a
#: field without a value has a default object of its class.
FIELDS = """
RuntimeParameter: data_type=FLOAT on_the_fly_bindings=F offload_input=F offload_gradient=F
MappingParameter: digital_bias=T weight_scaling_omega=0 weight_scaling_columnwise=F weight_scaling_lr_compensation=F
    learn_out_scaling=F out_scaling_columnwise=F max_input_size=512 max_output_size=512
InputRangeParameter: enable=F learn_input_range=T init_value=3.0 init_from_data=100 init_std_alpha=3.0 decay=.001
    input_min_percentage=.95 manage_output_clipping=F output_min_percentage=.95 gradient_scale=1 gradient_relative=T
    calibration_info=None
PrePostProcessingParameter: input_range periph_quant
PeripheryQuantizationParameter: n_bits=0 symmetric=T learn_quant_params=F init_learning_after=100
IOParameters: is_perfect=F mv_type=ONE_PASS inp_bound=1 inp_noise=0 inp_res=0.007936507936507936 inp_sto_round=F
    inp_asymmetry=0 out_bound=12 out_noise=.06 out_noise_std=0 out_res=0.00196078431372549 out_sto_round=F out_scale=1
    out_asymmetry=0 bound_management=ITERATIVE noise_management=ABS_MAX w_noise=0 w_noise_type=NONE ir_drop=0
    ir_drop_g_ratio=571428.5714285715 out_nonlinearity=0 out_nonlinearity_std=0 slope_calibration=0 v_offset_std=0
    v_offset_w_min=-1 r_series=0 w_read_asymmetry_dtod=0 max_bm_factor=1000 max_bm_res=.25 bm_test_negative_bound=T
    nm_thres=0
IOParametersIRDropT: ir_drop=1 ir_drop_rs=.15 ir_drop_segments=8 ir_drop_time_step_resolution_scale=1
    ir_drop_v_read=.4005 apply_xdep_pcm_read_noise=F xdep_pcm_read_noise_scale=1 adc_quantization=T adc_frequency=6.24
    ir_drop_integration_sum=F
UpdateParameters: desired_bl=31 fixed_bl=T pulse_type=STOCHASTIC_COMPRESSED res=0 x_res_implicit=0 d_res_implicit=0
    d_sparsity=F sto_round=F update_bl_management=T update_management=T um_grad_scale=1
SimpleDriftParameter: nu=0 t_0=1 reset_tol=1e-7
DriftParameter: nu=0 t_0=1 reset_tol=1e-7 nu_dtod=0 nu_std=0 wg_ratio=1 g_offset=0 w_offset=0 nu_k=0 log_g0=0
    w_noise_std=0
WeightClipParameter: fixed_value=-1 sigma=2.5 type=NONE
WeightRemapParameter: remapped_wmax=1 max_scale_range=0 max_scale_ref=0 type=NONE
WeightModifierParameter: std_dev=0 per_batch_sample=F res=0 sto_round=F dorefa_clip=.6 pdrop=0 enable_during_test=F
    rel_to_actual_wmax=T assumed_wmax=1 copy_last_column=F coeffs=(.0105392,.0768,-.046925) type=NONE g_max=25
    pcm_zero_thres=0 pcm_t_inference=0 pcm_prob_at_reset=0 pcm_prob_at_gmax=0 pcm_prob_at_random=0 pcm_t0=20
ActivationQuantConfig: n_bits=0 symmetric=T
WeightQuantConfig: n_bits=0 symmetric=T
QuantizationMap: default_qconfig=None module_qconfig_map={} instance_qconfig_map={} input_activation_qconfig_map={}
    excluded_modules=()
FloatingPointDevice: diffusion=0 lifetime=0 drift
IdealDevice: construction_seed=0 diffusion=0 lifetime=0 reset_std=.01
ConstantStepDevice: construction_seed=0 dw_min=.001 dw_min_dtod=.3 dw_min_dtod_log_normal=F dw_min_std=.3
    enforce_consistency=T w_max=.6 w_max_dtod=.3 w_min=-.6 w_min_dtod=.3 up_down=0 up_down_dtod=.01 perfect_bias=F
    lifetime=0 lifetime_dtod=0 diffusion=0 diffusion_dtod=0 reset=0 reset_dtod=0 reset_std=.01 drift
    corrupt_devices_prob=0 corrupt_devices_range=.1 count_pulses=F
LinearStepDevice: dw_min=.001 gamma_up=0 gamma_down=0 gamma_up_dtod=.05 gamma_down_dtod=.05 allow_increasing=F
    mean_bound_reference=T mult_noise=T write_noise_std=0 apply_write_noise_on_set=T reverse_up=F reverse_down=F
    reverse_offset=.01
SoftBoundsDevice: mult_noise=T write_noise_std=0 apply_write_noise_on_set=T reverse_up=F reverse_down=F
    reverse_offset=.01
SoftBoundsPmaxDevice: p_max=1000 alpha=.0005 range_min=-1 range_max=1
SoftBoundsReferenceDevice: mult_noise=F write_noise_std=0 apply_write_noise_on_set=T slope_up_dtod=0 slope_down_dtod=0
    reference_mean=0 reference_std=0 subtract_symmetry_point=F
ExpStepDevice: A_up=.00081 A_down=.36833 gamma_up=12.44625 gamma_down=12.78785 a=.244 b=.2425 dw_min_std_add=0
    dw_min_std_slope=0 write_noise_std=0 apply_write_noise_on_set=T
PowStepDevice: pow_gamma=1 pow_gamma_dtod=.1 pow_up_down=0 pow_up_down_dtod=0 write_noise_std=0
    apply_write_noise_on_set=T
PowStepReferenceDevice: pow_gamma=1 pow_gamma_dtod=.1 pow_up_down=0 pow_up_down_dtod=0 subtract_symmetry_point=F
    n_estimation_steps=-1 reference_mean=0 reference_std=0
PiecewiseStepDevice: piecewise_up=(1.0,) piecewise_down=(1.0,) write_noise_std=0 apply_write_noise_on_set=T
VectorUnitCell: construction_seed=0 update_policy=ALL first_update_idx=0 gamma_vec=()
ReferenceUnitCell: update_policy=SINGLE_FIXED first_update_idx=0 gamma_vec=(1.0,-1.0)
OneSidedUnitCell: refresh_every=0 units_in_mbatch=T refresh_upper_thres=.75 refresh_lower_thres=.25 refresh_forward
    refresh_update copy_inverted=F
TransferCompound: gamma=0 gamma_vec=() transfer_every=1 no_self_transfer=T transfer_every_vec=() units_in_mbatch=T
    n_reads_per_transfer=1 transfer_columns=T with_reset_prob=0 random_selection=F fast_lr=1 transfer_lr=1
    transfer_lr_vec=() scale_transfer_lr=T scale_fast_lr=T transfer_forward transfer_update
BufferedTransferCompound: thres_scale=1 step=1 momentum=.1 forget_buffer=T
ChoppedTransferCompound: units_in_mbatch=F scale_fast_lr=F in_chop_prob=.1 in_chop_random=T out_chop_prob=0
    buffer_granularity=1 auto_granularity=0 step=1 momentum=0 forget_buffer=T no_buffer=F auto_scale=F auto_momentum=.99
    correct_gradient_magnitudes=F
DynamicTransferCompound: in_chop_random=F experimental_correct_accumulation=F buffer_cap=0 tail_weightening=5
MixedPrecisionCompound: device construction_seed=0 transfer_every=1 n_rows_per_transfer=-1 random_row=F granularity=0
    transfer_lr=1 n_x_bins=0 n_d_bins=0 stoc_round_x=T stoc_round_d=T
PythonLRTTDevice: rank=4 transfer_every=32 transfer_lr=1.0 lora_alpha=1.0 reinit_gain=.1 units_in_mbatch=F
    correct_gradient_magnitudes=F forward_inject=T rank_chunk=None columns_mode=T ab_bl_mgmt={} transfer_bl_mgmt={}
    unit_cell_devices
PythonLRTTRPUConfig: runtime pre_post mapping forward backward update device
UnitCell: unit_cell_devices construction_seed=0
PulsedDevice: dw_min=.001 up_down=0 w_max=.6 w_min=-.6
DigitalRankUpdateCell: device construction_seed=0
PCMLikeNoiseModel: prog_coeff=(.26348,1.9650,-1.1731) g_max=25 t_read=250e-9 t_0=20 prog_noise_scale=1
    read_noise_scale=1 drift_scale=1 prog_coeff_g_max_reference=25
CustomUpdateParameters: gradient_noise=0
FloatingPointRPUConfig: runtime pre_post mapping device
SingleRPUConfig: runtime pre_post mapping forward backward update device
UnitCellRPUConfig: runtime pre_post mapping forward backward update device
DigitalRankUpdateRPUConfig: runtime pre_post mapping forward backward update device
InferenceRPUConfig: runtime pre_post mapping forward noise_model drift_compensation clip remap modifier
TorchInferenceRPUConfig: runtime pre_post mapping forward noise_model drift_compensation clip remap modifier
TorchInferenceRPUConfigIRDropT: runtime pre_post mapping forward noise_model drift_compensation clip remap modifier
QuantizedTorchInferenceRPUConfig: forward act_quant_config=None
CustomRPUConfig: runtime pre_post mapping forward backward update
"""

MEMBERS = """
RPUDataType: FLOAT DOUBLE HALF
BoundManagementType: NONE ITERATIVE ITERATIVE_WORST_CASE SHIFT
NoiseManagementType: NONE ABS_MAX ABS_MAX_NP_SUM MAX CONSTANT AVERAGE_ABS_MAX
WeightNoiseType: NONE ADDITIVE_CONSTANT PCM_READ
PulseType: NONE STOCHASTIC_COMPRESSED STOCHASTIC NONE_WITH_DEVICE MEAN_COUNT DETERMINISTIC_IMPLICIT
AnalogMVType: IDEAL ONE_PASS POS_NEG_SEPARATE POS_NEG_SEPARATE_DIGITAL_SUM SPLIT_MODE BIT_WISE
WeightModifierType: NONE DISCRETIZE MULT_NORMAL ADD_NORMAL DISCRETIZE_ADD_NORMAL DOREFA POLY PCM_NOISE PROG_NOISE
    DROP_CONNECT COPY
WeightClipType: NONE FIXED_VALUE LAYER_GAUSSIAN AVERAGE_CHANNEL_MAX
WeightRemapType: NONE LAYERWISE_SYMMETRIC CHANNELWISE_SYMMETRIC
VectorUnitCellUpdatePolicy: ALL SINGLE_FIXED SINGLE_SEQUENTIAL SINGLE_RANDOM
AnalogContextDataViewMode: PLACEHOLDER DATA_VIEW BUFFER
InputRangeCalibrationType: NONE MOVING_STD MOVING_QUANTILE CACHE_QUANTILE MAX
"""


#: All classes and enums of that toolkit, and of its fork with low-rank transfer.
NAMES = """
RPUDataType BoundManagementType NoiseManagementType WeightNoiseType PulseType AnalogMVType WeightModifierType
WeightClipType WeightRemapType VectorUnitCellUpdatePolicy AnalogContextDataViewMode InputRangeCalibrationType
FloatingPointRPUConfig SingleRPUConfig UnitCellRPUConfig DigitalRankUpdateRPUConfig InferenceRPUConfig
TorchInferenceRPUConfig TorchInferenceRPUConfigIRDropT QuantizedTorchInferenceRPUConfig CustomRPUConfig
RuntimeParameter PrePostProcessingParameter PeripheryQuantizationParameter MappingParameter InputRangeParameter
IOParameters IOParametersIRDropT UpdateParameters CustomUpdateParameters SimpleDriftParameter DriftParameter
WeightClipParameter WeightRemapParameter WeightModifierParameter BaseQuantConfig ActivationQuantConfig
WeightQuantConfig QuantizationMap FloatingPointDevice IdealDevice PulsedDevice ConstantStepDevice LinearStepDevice
SoftBoundsDevice SoftBoundsPmaxDevice SoftBoundsReferenceDevice ExpStepDevice PowStepDevice PowStepReferenceDevice
PiecewiseStepDevice UnitCell VectorUnitCell ReferenceUnitCell OneSidedUnitCell TransferCompound
BufferedTransferCompound ChoppedTransferCompound DynamicTransferCompound DigitalRankUpdateCell MixedPrecisionCompound
LRTTTransferCompound PythonLRTTDevice PythonLRTTRPUConfig
"""


def table(text: str) -> dict[str, list[str]]:
    joined = text.strip().replace("\n    ", " ")
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in joined.splitlines())}


def meant(text: str, default: Any) -> Any:
    """The value that an entry of the table stands for."""
    if isinstance(default, Enum):
        return type(default)[text]
    return eval(text, {"T": True, "F": False})


def defaults(cls: type) -> dict[str, Any]:
    found = {}
    for field in dataclasses.fields(cls):
        has_factory = field.default_factory is not dataclasses.MISSING
        found[field.name] = field.default_factory() if has_factory else field.default
    return found


@pytest.mark.parametrize("name", table(FIELDS))
def test_fields_and_defaults(name: str) -> None:
    own = defaults(getattr(analog.config, name))
    for entry in table(FIELDS)[name]:
        field, given, text = entry.partition("=")
        assert field in own
        if given:
            wanted = meant(text, own[field])
            assert own[field] == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)
            assert isinstance(own[field], bool) == isinstance(wanted, bool)


@pytest.mark.parametrize("name", table(MEMBERS))
def test_members(name: str) -> None:
    assert {member.name for member in getattr(analog.config, name)} == set(table(MEMBERS)[name])


def made(cls: type[Parameters]) -> Parameters:
    """With defaults, and what has none."""
    needs = {"unit_cell_devices": (analog.config.ConstantStepDevice(), analog.config.SoftBoundsDevice())}
    has_parts = defaults(cls).get("unit_cell_devices") == ()
    return cls(**needs) if has_parts else cls()


CLASSES = {
    name: cls
    for name, cls in ((name, getattr(analog.config, name)) for name in analog.config.__all__)
    if isinstance(cls, type) and issubclass(cls, Parameters) and not cls.__abstractmethods__
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_default_is_what_the_constructor_would_take(name: str) -> None:
    """Defaults are checked by nobody else; and everything is a value that survives a file."""
    cls = CLASSES[name]
    one = made(cls)
    assert cls(**{field.name: getattr(one, field.name) for field in dataclasses.fields(cls) if field.init}) == one
    assert hash(one) == hash(made(cls))
    assert cls.from_json(one.to_json()) == cls.from_toml(one.to_toml(defaults=False)) == one
    assert eval(repr(one), vars(analog.config)) == one


def known(cls: type) -> set[type]:
    return {cls}.union(*(known(derived) for derived in cls.__subclasses__()))


def test_no_class_of_parameters_is_left_out() -> None:
    rooms = ("analog.parameters.", "analog.devices.", "analog.compound.", "analog.config.", "analog.inference.")
    ours = {cls for cls in known(Parameters) if cls.__module__.startswith(rooms) and not cls.__abstractmethods__}
    bases = {"Parameters", "ExactDevice", "BufferingCompound", "ProgrammedPair"}
    assert {cls.__name__ for cls in ours} - bases - set(analog.config.__all__) == set()


@pytest.mark.parametrize("name", NAMES.split())
def test_every_name_of_the_field_is_offered(name: str) -> None:
    assert name in analog.config.__all__
    assert getattr(analog.config, name).__name__ == name


def test_names_that_are_not_offered_say_why() -> None:
    with pytest.warns(DeprecationWarning, match="DifferenceUnitCell is the old name of OneSidedUnitCell"):
        assert analog.config.DifferenceUnitCell is analog.config.OneSidedUnitCell
    with pytest.raises(UnsupportedOperationError, match=r"no CountLRFeedbackPolicy: .*TransferCompound is AGAD"):
        from analog.config import CountLRFeedbackPolicy  # noqa: F401
    with pytest.raises(AttributeError, match="no 'ConstantStepDevce': did you mean 'ConstantStepDevice'"):
        analog.config.ConstantStepDevce  # noqa: B018
    assert not hasattr(analog.config, "ConstantStepDevce")
