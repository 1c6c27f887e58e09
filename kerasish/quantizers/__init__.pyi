# Written by .ci/write_stubs.py from the table in the file beside this one: change that, and write this anew.
# ruff: noqa
# fmt: off

from kerasish.quantizers.calibrated_configs import AWQConfig as AWQConfig
from kerasish.quantizers.calibrated_configs import GPTQConfig as GPTQConfig
from kerasish.quantizers.fake_quantization import fake_quant_with_min_max_vars as fake_quant_with_min_max_vars
from kerasish.quantizers.float8 import compute_float8_amax_history as compute_float8_amax_history
from kerasish.quantizers.float8 import compute_float8_scale as compute_float8_scale
from kerasish.quantizers.float8 import quantize_and_dequantize as quantize_and_dequantize
from kerasish.quantizers.integers import abs_max_quantize as abs_max_quantize
from kerasish.quantizers.integers import abs_max_quantize_grouped_with_zero_point as abs_max_quantize_grouped_with_zero_point
from kerasish.quantizers.integers import pack_int4 as pack_int4
from kerasish.quantizers.integers import unpack_int4 as unpack_int4
from kerasish.quantizers.quantization_configs import Float8QuantizationConfig as Float8QuantizationConfig
from kerasish.quantizers.quantization_configs import Int4QuantizationConfig as Int4QuantizationConfig
from kerasish.quantizers.quantization_configs import Int8QuantizationConfig as Int8QuantizationConfig
from kerasish.quantizers.quantization_configs import QuantizationConfig as QuantizationConfig
from kerasish.quantizers.quantizer import AbsMaxQuantizer as AbsMaxQuantizer
from kerasish.quantizers.quantizer import Quantizer as Quantizer
from kerasish.quantizers.serialization import deserialize as deserialize
from kerasish.quantizers.serialization import get as get
from kerasish.quantizers.serialization import serialize as serialize
