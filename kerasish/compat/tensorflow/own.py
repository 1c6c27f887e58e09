"""TensorFlow's names for what is written for the purpose, by the file that has it, and for what is Keras's.

`tf.name=function` where the function is called otherwise than the last part of the name.
"""

from __future__ import annotations

KERAS = {
    "keras": "kerasish",
    "python.keras": "kerasish",
    "compat.v1.keras": "kerasish",
    "initializers": "kerasish.initializers",
    "losses": "kerasish.losses",
    "metrics": "kerasish.metrics",
    "optimizers": "kerasish.optimizers",
    "constant_initializer": "kerasish.initializers:Constant",
    "ones_initializer": "kerasish.initializers:Ones",
    "random_normal_initializer": "kerasish.initializers:RandomNormal",
    "random_uniform_initializer": "kerasish.initializers:RandomUniform",
    "zeros_initializer": "kerasish.initializers:Zeros",
}

OWN = {
    "types": (
        "float16 float32 float64 half=float16 double=float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 "
        "uint64 bool=bool_ string complex64 complex128 as_dtype dtypes.as_dtype DType dtypes.DType "
        "Tensor Variable Module TensorShape TensorSpec is_tensor GradientTape UnconnectedGradients"
    ),
    "arrays": (
        "constant convert_to_tensor identity ensure_shape shape size rank fill eye linalg.eye range linspace meshgrid "
        "split pad gather gather_nd tensor_scatter_nd_add boolean_mask where slice one_hot sort argsort "
        "math.top_k nn.top_k unique searchsorted argmax math.argmax argmin math.argmin get_static_value "
        "newaxis sequence_mask nest.map_structure nest.flatten nest.pack_sequence_as nest.is_nested"
    ),
    "maths": (
        "reduce_sum math.reduce_sum reduce_prod math.reduce_prod reduce_mean math.reduce_mean "
        "math.reduce_euclidean_norm math.count_nonzero divide math.divide truediv=divide math.truediv=divide add_n "
        "math.add_n math.squared_difference math.multiply_no_nan math.xlogy cumsum math.cumsum math.cumprod "
        "math.bincount math.confusion_matrix histogram_fixed_width clip_by_norm linalg.global_norm "
        "clip_by_global_norm math.l2_normalize nn.l2_normalize linalg.l2_normalize math.zero_fraction "
        "nn.zero_fraction"
    ),
    "linalg": (
        "matmul linalg.matmul linalg.matvec linalg.matrix_transpose linalg.adjoint einsum linalg.einsum norm "
        "linalg.norm linalg.trace linalg.diag linalg.diag_part linalg.band_part linalg.qr linalg.svd linalg.lstsq "
        "linalg.triangular_solve"
    ),
    "nn": (
        "nn.convolution nn.conv1d nn.conv2d=convolution nn.conv3d=convolution nn.depthwise_conv2d "
        "nn.conv2d_transpose nn.max_pool nn.max_pool1d=max_pool nn.max_pool2d=max_pool nn.max_pool3d=max_pool "
        "nn.avg_pool nn.avg_pool1d=avg_pool nn.avg_pool2d=avg_pool nn.avg_pool3d=avg_pool nn.bias_add nn.dropout "
        "nn.moments nn.batch_normalization nn.l2_loss nn.sigmoid_cross_entropy_with_logits "
        "nn.weighted_cross_entropy_with_logits nn.softmax_cross_entropy_with_logits "
        "nn.sparse_softmax_cross_entropy_with_logits nn.embedding_lookup nn.compute_average_loss"
    ),
    "random": (
        "random.set_seed random.normal random.truncated_normal random.uniform random.shuffle random.categorical "
        "random.gamma random.Generator random.experimental.Generator image.random_crop=crop "
        "compat.v1.set_random_seed=set_seed"
    ),
    "image": (
        "image.ResizeMethod image.resize image.convert_image_dtype image.rgb_to_grayscale image.grayscale_to_rgb "
        "image.flip_left_right image.flip_up_down image.transpose image.rot90 image.random_flip_left_right "
        "image.random_flip_up_down image.adjust_brightness image.adjust_contrast image.adjust_saturation "
        "image.adjust_hue image.adjust_gamma image.random_brightness image.random_contrast image.random_saturation "
        "image.random_hue image.per_image_standardization image.crop_to_bounding_box image.pad_to_bounding_box "
        "image.central_crop image.resize_with_crop_or_pad image.total_variation image.psnr image.image_gradients "
        "image.extract_patches io.decode_image image.decode_image "
        "io.decode_jpeg=decode_picture image.decode_jpeg=decode_picture "
        "io.decode_png=decode_picture image.decode_png=decode_picture io.decode_bmp=decode_picture "
        "io.encode_png image.encode_png io.encode_jpeg image.encode_jpeg"
    ),
    "control": (
        "function cond case switch_case while_loop map_fn vectorized_map scan foldl custom_gradient "
        "recompute_grad=unchanged py_function numpy_function print=print_ group=no_op no_op "
        "autograph.experimental.do_not_convert=unchanged autograph.set_verbosity=no_op executing_eagerly "
        "name_scope=block_without_effect device=block_without_effect init_scope=block_without_effect "
        "control_dependencies=block_without_effect errors.InvalidArgumentError errors.OutOfRangeError "
        "errors.NotFoundError errors.ResourceExhaustedError assert_equal debugging.assert_equal assert_greater "
        "debugging.assert_greater assert_less debugging.assert_less debugging.assert_non_negative debugging.Assert "
        "debugging.check_numerics debugging.set_log_device_placement=no_op "
        "config.run_functions_eagerly=no_op config.experimental_run_functions_eagerly=no_op "
        "config.functions_run_eagerly=executing_eagerly config.set_visible_devices=no_op "
        "config.experimental.set_visible_devices=no_op config.experimental.set_memory_growth=no_op "
        "config.experimental.enable_op_determinism=no_op config.set_soft_device_placement=no_op "
        "config.threading.set_intra_op_parallelism_threads=no_op config.optimizer.set_jit=no_op "
        "config.threading.set_inter_op_parallelism_threads=no_op config.set_logical_device_configuration=no_op "
        "config.optimizer.set_experimental_options=no_op test.is_gpu_available=is_false "
        "test.is_built_with_cuda=is_false compat.v1.enable_eager_execution=no_op compat.v1.enable_v2_behavior=no_op "
        "compat.v1.executing_eagerly=executing_eagerly"
    ),
    "system": (
        "__version__=VERSION version.VERSION config.list_physical_devices "
        "config.experimental.list_physical_devices config.list_logical_devices=list_physical_devices "
        "config.get_visible_devices=list_physical_devices config.PhysicalDevice test.gpu_device_name get_logger "
        "compat.v1.logging.set_verbosity compat.v1.logging.DEBUG compat.v1.logging.INFO compat.v1.logging.WARN "
        "compat.v1.logging.ERROR compat.v1.logging.FATAL"
    ),
    "files": (
        "io.read_file io.write_file io.gfile.GFile io.gfile.exists io.gfile.isdir io.gfile.glob io.gfile.listdir "
        "io.gfile.makedirs io.gfile.mkdir io.gfile.remove io.gfile.rmtree io.gfile.copy io.gfile.rename io.gfile.join "
        "io.decode_raw strings.lower strings.upper strings.strip strings.length strings.regex_replace "
        "strings.regex_full_match strings.join=string_join strings.split strings.to_number strings.as_string "
        "as_string"
    ),
    "summary": (
        "summary.create_file_writer summary.scalar summary.histogram summary.image summary.text summary.flush "
        "summary.experimental.set_step"
    ),
    "data": (
        "data.Dataset data.AUTOTUNE data.experimental.AUTOTUNE data.Options data.INFINITE_CARDINALITY "
        "data.UNKNOWN_CARDINALITY data.experimental.INFINITE_CARDINALITY data.experimental.UNKNOWN_CARDINALITY"
    ),
}
