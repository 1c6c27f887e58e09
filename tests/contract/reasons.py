"""Why methods and properties of Keras's surface are others here, or not there: a word for each that may be."""

_HOOK = "a hook that only the library calls, by the names that all its layers have"
_STATE = "the step of Keras's JAX trainer, which takes the values of variables; here variables change in place"
_FILES = "the names in a file of quantized weights"

REASONS = {
    "keras.Layer add_variable": "Keras's lacks `aggregation`, which `add_weight` has; here both are one",
    "keras.Layer add_weight": "Keras's `*args` are the arguments of Keras 2, which come in the same order",
    "keras.Operation rematerialized_call": "Keras calls the argument `fn` here and `layer_call` in layers",
    "keras.Model predict_step": _STATE,
    "keras.Model test_step": _STATE,
    "keras.Model train_step": _STATE,
    "keras.Optimizer build": "Keras calls the same argument `variables` in the base and `var_list` in optimizers",
    "keras.callbacks.TensorBoard summary": "TensorFlow's module of summaries; events are written here without it",
    "keras.layers.Dense variable_serialization_spec": _FILES,
    "keras.layers.EinsumDense variable_serialization_spec": _FILES,
    "keras.layers.Embedding variable_serialization_spec": _FILES,
    "keras.layers.RandomCrop compute_output_shape": "Keras's takes further arguments and has no use for them",
    "keras.layers.RandomGrayscale get_random_transformation": _HOOK,
    "keras.layers.RandomGrayscale transform_bounding_boxes": _HOOK,
    "keras.layers.RandomGrayscale transform_labels": _HOOK,
    "keras.layers.RandomGrayscale transform_segmentation_masks": _HOOK,
    "keras.optimizers.Adadelta update_step": "Keras calls the argument `grad` in Adadelta alone, `gradient` elsewhere",
}
