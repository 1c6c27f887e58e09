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
    "compat.v2": "kerasish.compat.tensorflow.namespace:whole",
    "quantization.fake_quant_with_min_max_vars": "kerasish.quantizers:fake_quant_with_min_max_vars",
    "constant_initializer": "kerasish.initializers:Constant",
    "ones_initializer": "kerasish.initializers:Ones",
    "random_normal_initializer": "kerasish.initializers:RandomNormal",
    "random_uniform_initializer": "kerasish.initializers:RandomUniform",
    "zeros_initializer": "kerasish.initializers:Zeros",
}

OWN = {
    "types": (
        "float16 float32 float64 half=float16 double=float64 bfloat16 int8 int16 int32 int64 uint8 uint16 uint32 "
        "uint64 bool=bool_ string complex64 complex128 as_dtype dtypes.as_dtype DType dtypes.DType Tensor Variable "
        "Module TensorShape TensorSpec is_tensor GradientTape UnconnectedGradients RaggedTensor IndexedSlices "
        "types.experimental.Tensor types.experimental.TensorLike=Tensor autodiff.GradientTape compat.as_bytes "
        "compat.as_text compat.as_str=as_text compat.as_str_any dtypes.float16 dtypes.float32 dtypes.float64 "
        "dtypes.half=float16 dtypes.double=float64 dtypes.bfloat16 dtypes.int8 dtypes.int16 dtypes.int32 dtypes.int64 "
        "dtypes.uint8 dtypes.uint16 dtypes.uint32 dtypes.uint64 dtypes.bool=bool_ dtypes.string dtypes.complex64 "
        "dtypes.complex128"
    ),
    "arrays": (
        "equal math.equal not_equal math.not_equal constant convert_to_tensor identity ensure_shape shape size rank "
        "fill eye linalg.eye range linspace meshgrid split pad gather gather_nd tensor_scatter_nd_add boolean_mask "
        "where slice one_hot sort argsort math.top_k nn.top_k unique searchsorted argmax math.argmax argmin "
        "math.argmin get_static_value newaxis sequence_mask guarantee_const=identity nest.map_structure nest.flatten "
        "nest.pack_sequence_as nest.is_nested"
    ),
    "maths": (
        "reduce_sum math.reduce_sum reduce_prod math.reduce_prod reduce_mean math.reduce_mean "
        "math.reduce_euclidean_norm math.count_nonzero divide math.divide truediv=divide math.truediv=divide add_n "
        "math.add_n math.squared_difference math.multiply_no_nan math.xlogy cumsum math.cumsum math.cumprod "
        "math.scalar_mul scalar_mul math.accumulate_n=add_n realdiv=divide math.reciprocal_no_nan math.xdivy "
        "math.xlog1py truncatediv math.polyval math.cumulative_logsumexp math.is_non_decreasing "
        "math.is_strictly_increasing complex=complex_ dtypes.complex=complex_ math.ndtri math.erfcinv math.bincount "
        "math.confusion_matrix histogram_fixed_width clip_by_norm linalg.global_norm clip_by_global_norm "
        "math.l2_normalize nn.l2_normalize linalg.l2_normalize math.zero_fraction nn.zero_fraction"
    ),
    "linalg": (
        "matmul linalg.matmul linalg.matvec linalg.matrix_transpose linalg.adjoint einsum linalg.einsum norm "
        "linalg.norm linalg.trace linalg.diag linalg.diag_part linalg.band_part linalg.qr linalg.svd linalg.lstsq "
        "linalg.triangular_solve linalg.set_diag linalg.tensor_diag linalg.tensor_diag_part linalg.eigvalsh "
        "linalg.matrix_rank linalg.normalize linalg.cholesky_solve linalg.expm"
    ),
    "gamma": "math.lgamma math.digamma math.polygamma math.lbeta math.zeta",
    "places": (
        "dynamic_partition dynamic_stitch math.segment_max math.unsorted_segment_max math.segment_min "
        "math.segment_prod math.segment_mean math.unsorted_segment_min math.unsorted_segment_prod "
        "math.unsorted_segment_mean math.unsorted_segment_sqrt_n reverse_sequence tensor_scatter_nd_sub "
        "tensor_scatter_nd_max tensor_scatter_nd_min unique_with_counts unravel_index math.invert_permutation "
        "strided_slice space_to_batch space_to_batch_nd=space_to_batch nn.space_to_batch batch_to_space bitcast "
        "broadcast_static_shape broadcast_dynamic_shape identity_n"
    ),
    "tensor_array": "TensorArray",
    "nn": (
        "nn.convolution nn.conv1d nn.conv2d=convolution nn.conv3d=convolution nn.depthwise_conv2d nn.conv_transpose "
        "nn.conv1d_transpose=conv_transpose nn.conv2d_transpose=conv_transpose nn.conv3d_transpose=conv_transpose "
        "nn.separable_conv2d nn.atrous_conv2d nn.pool nn.max_pool_with_argmax nn.crelu nn.log_poisson_loss "
        "nn.scale_regularization_loss nn.local_response_normalization nn.lrn=local_response_normalization "
        "nn.weighted_moments nn.experimental.stateless_dropout nn.max_pool nn.max_pool1d=max_pool "
        "nn.max_pool2d=max_pool nn.max_pool3d=max_pool nn.avg_pool nn.avg_pool1d=avg_pool nn.avg_pool2d=avg_pool "
        "nn.avg_pool3d=avg_pool nn.bias_add nn.dropout nn.moments nn.batch_normalization nn.l2_loss "
        "nn.sigmoid_cross_entropy_with_logits nn.weighted_cross_entropy_with_logits "
        "nn.softmax_cross_entropy_with_logits nn.sparse_softmax_cross_entropy_with_logits nn.embedding_lookup "
        "nn.compute_average_loss"
    ),
    "ctc": "nn.ctc_loss nn.ctc_greedy_decoder nn.ctc_beam_search_decoder nn.collapse_repeated",
    "candidates": (
        "nn.sampled_softmax_loss nn.nce_loss random.log_uniform_candidate_sampler random.uniform_candidate_sampler"
    ),
    "sparse": (
        "sparse.SparseTensor SparseTensor sparse.from_dense sparse.to_dense sparse.reorder sparse.transpose "
        "sparse.eye sparse.sparse_dense_matmul sparse.reduce_sum sparse.softmax"
    ),
    "random": (
        "random.set_seed random.normal random.truncated_normal random.uniform random.shuffle random.categorical "
        "random.gamma random.Generator random.experimental.Generator image.random_crop=crop "
        "compat.v1.set_random_seed=set_seed random.poisson random.stateless_normal random.stateless_truncated_normal "
        "random.stateless_uniform random.stateless_categorical random.experimental.stateless_shuffle random.split "
        "random.experimental.stateless_split=split random.fold_in random.experimental.stateless_fold_in=fold_in "
        "image.stateless_random_crop=stateless_crop random.get_global_generator random.set_global_generator "
        "random.experimental.get_global_generator random.experimental.set_global_generator"
    ),
    "image": (
        "image.ResizeMethod image.resize image.convert_image_dtype image.rgb_to_grayscale image.grayscale_to_rgb "
        "image.flip_left_right image.flip_up_down image.transpose image.rot90 image.random_flip_left_right "
        "image.random_flip_up_down image.adjust_brightness image.adjust_contrast image.adjust_saturation "
        "image.adjust_hue image.adjust_gamma image.random_brightness image.random_contrast image.random_saturation "
        "image.random_hue image.per_image_standardization image.crop_to_bounding_box image.pad_to_bounding_box "
        "image.central_crop image.resize_with_crop_or_pad image.total_variation image.psnr image.image_gradients "
        "image.resize_with_pad image.sobel_edges image.rgb_to_yuv image.yuv_to_rgb image.rgb_to_yiq image.yiq_to_rgb "
        "image.adjust_jpeg_quality image.random_jpeg_quality image.stateless_random_flip_left_right "
        "image.stateless_random_flip_up_down image.stateless_random_brightness image.stateless_random_contrast "
        "image.stateless_random_saturation image.stateless_random_hue image.stateless_random_jpeg_quality "
        "image.extract_patches io.decode_image image.decode_image io.decode_jpeg=decode_picture "
        "image.decode_jpeg=decode_picture io.decode_png=decode_picture image.decode_png=decode_picture "
        "io.decode_bmp=decode_picture io.encode_png image.encode_png io.encode_jpeg image.encode_jpeg "
        "image.decode_bmp=decode_picture"
    ),
    "windows": (
        "image.ssim image.ssim_multiscale image.crop_and_resize image.non_max_suppression "
        "image.combined_non_max_suppression image.draw_bounding_boxes"
    ),
    "signal": (
        "signal.hann_window signal.hamming_window signal.frame signal.overlap_and_add signal.rfft signal.irfft "
        "signal.fft signal.ifft signal.fft2d signal.ifft2d signal.fftshift signal.ifftshift signal.stft "
        "signal.inverse_stft signal.inverse_stft_window_fn signal.linear_to_mel_weight_matrix signal.dct "
        "signal.mfccs_from_log_mel_spectrograms"
    ),
    "audio": "audio.decode_wav audio.encode_wav",
    "control": (
        "function cond case switch_case while_loop map_fn vectorized_map scan foldl foldr custom_gradient "
        "grad_pass_through tuple=tuple_ no_gradient=no_op recompute_grad=unchanged py_function numpy_function "
        "print=print_ group=no_op no_op autograph.experimental.do_not_convert=unchanged autograph.set_verbosity=no_op "
        "executing_eagerly name_scope=block_without_effect device=block_without_effect "
        "init_scope=block_without_effect control_dependencies=block_without_effect errors.InvalidArgumentError "
        "errors.OutOfRangeError errors.NotFoundError errors.ResourceExhaustedError debugging.Assert Assert "
        "debugging.check_numerics debugging.disable_traceback_filtering=no_op "
        "debugging.enable_traceback_filtering=no_op experimental.numpy.experimental_enable_numpy_behavior=no_op "
        "debugging.set_log_device_placement=no_op config.run_functions_eagerly=no_op "
        "config.experimental_run_functions_eagerly=no_op config.functions_run_eagerly=executing_eagerly "
        "config.set_visible_devices=no_op config.experimental.set_visible_devices=no_op "
        "config.experimental.set_memory_growth=no_op config.experimental.enable_op_determinism=no_op "
        "config.set_soft_device_placement=no_op config.threading.set_intra_op_parallelism_threads=no_op "
        "config.optimizer.set_jit=no_op config.threading.set_inter_op_parallelism_threads=no_op "
        "config.set_logical_device_configuration=no_op config.optimizer.set_experimental_options=no_op "
        "test.is_gpu_available=is_false test.is_built_with_cuda=is_false compat.v1.enable_eager_execution=no_op "
        "compat.v1.enable_v2_behavior=no_op compat.v1.executing_eagerly=executing_eagerly"
    ),
    "checks": (
        "assert_equal assert_greater assert_less assert_rank debugging.assert_equal debugging.assert_none_equal "
        "debugging.assert_greater debugging.assert_greater_equal debugging.assert_less debugging.assert_less_equal "
        "debugging.assert_positive debugging.assert_non_negative debugging.assert_negative "
        "debugging.assert_non_positive debugging.assert_near debugging.assert_all_finite debugging.assert_rank "
        "debugging.assert_rank_at_least debugging.assert_rank_in debugging.assert_scalar debugging.assert_type "
        "debugging.assert_integer debugging.assert_shapes debugging.is_numeric_tensor nest.assert_same_structure"
    ),
    "checkpoint": "train.Checkpoint train.CheckpointManager train.latest_checkpoint",
    "distribute": (
        "distribute.Strategy distribute.MirroredStrategy distribute.OneDeviceStrategy distribute.get_strategy "
        "distribute.has_strategy distribute.ReduceOp distribute.InputContext "
        "distribute.cluster_resolver.TPUClusterResolver"
    ),
    "system": (
        "__version__=VERSION version.VERSION config.list_physical_devices config.experimental.list_physical_devices "
        "config.list_logical_devices=list_physical_devices config.get_visible_devices=list_physical_devices "
        "config.PhysicalDevice test.gpu_device_name get_logger compat.v1.logging.set_verbosity "
        "compat.v1.logging.DEBUG compat.v1.logging.INFO compat.v1.logging.WARN compat.v1.logging.ERROR "
        "compat.v1.logging.FATAL"
    ),
    "files": (
        "io.read_file io.write_file io.gfile.GFile io.gfile.exists io.gfile.isdir io.gfile.glob io.gfile.listdir "
        "io.gfile.makedirs io.gfile.mkdir io.gfile.remove io.gfile.rmtree io.gfile.copy io.gfile.rename io.gfile.join "
        "io.decode_raw strings.lower strings.upper strings.strip strings.length strings.regex_replace "
        "strings.regex_full_match strings.join=string_join strings.split strings.to_number strings.as_string "
        "as_string"
    ),
    "strings": (
        "strings.substr strings.bytes_split strings.unicode_split strings.unicode_decode strings.unicode_encode "
        "strings.reduce_join strings.ngrams strings.to_hash_bucket_fast strings.format"
    ),
    "lookup": (
        "lookup.KeyValueTensorInitializer lookup.TextFileInitializer lookup.TextFileIndex lookup.StaticHashTable "
        "lookup.StaticVocabularyTable"
    ),
    "summary": (
        "summary.create_file_writer summary.scalar summary.histogram summary.image summary.text summary.flush "
        "summary.experimental.set_step"
    ),
    "data": (
        "data.Dataset data.AUTOTUNE data.experimental.AUTOTUNE data.Options data.INFINITE_CARDINALITY "
        "data.UNKNOWN_CARDINALITY data.experimental.INFINITE_CARDINALITY data.experimental.UNKNOWN_CARDINALITY"
    ),
    "sources": (
        "data.TextLineDataset data.experimental.cardinality data.experimental.assert_cardinality "
        "data.experimental.sample_from_datasets data.experimental.choose_from_datasets "
        "data.experimental.get_single_element data.experimental.make_csv_dataset io.decode_csv "
        "data.experimental.prefetch_to_device=same data.experimental.copy_to_device=same"
    ),
}
