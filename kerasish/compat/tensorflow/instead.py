"""What TensorFlow has and its stand-in has not: for each name, and all within it, what to write instead."""

from __future__ import annotations

_SESSIONS = (
    "sessions and placeholders ended with TensorFlow 1; call the functions with arrays, and models with `model(x)`"
)
_LAYERS = "build it of keras.layers, and train it with `fit`"

INSTEAD = {
    "Session": _SESSIONS,
    "InteractiveSession": _SESSIONS,
    "placeholder": _SESSIONS,
    "global_variables_initializer": _SESSIONS,
    "get_default_graph": _SESSIONS,
    "reset_default_graph": "keras.utils.clear_session() forgets names; there is no graph",
    "Graph": "there is no graph: operations run when they are called",
    "compat.v1": _SESSIONS,
    "set_random_seed": "write tf.random.set_seed(seed), or keras.utils.set_random_seed(seed)",
    "contrib": "tf.contrib ended with TensorFlow 1; " + _LAYERS,
    "layers": "tf.layers ended with TensorFlow 1; " + _LAYERS,
    "estimator": "estimators ended with TensorFlow 2.15; " + _LAYERS,
    "feature_column": "use keras.utils.FeatureSpace, or the preprocessing layers of keras.layers",
    "app": "tf.app ended with TensorFlow 1; call your main function",
    "flags": "tf.flags ended with TensorFlow 1; use argparse",
    "logging": "use Python's logging, or tf.get_logger()",
    "gfile": "write tf.io.gfile, or Python's open",
    "examples": "tf.examples ended with TensorFlow 1; use keras.datasets.mnist",
    "distribute": "one process trains here: use tf.distribute.get_strategy(), or leave the strategy out",
    "gradients": "gradients are taken with tf.GradientTape",
    "hessians": "gradients are taken with tf.GradientTape, and a Hessian with one tape in another and `tape.jacobian`",
    "IndexedSlices": "gradients are dense here, those of tf.gather and of embeddings too",
    "variable_creator_scope": "make the variables as they are to be",
    "tpu": "there are no TPUs: leave this out",
    "lite": "export the model with `model.export(path, format='onnx')`, and run it with ONNX Runtime",
    "saved_model": "save the model with `model.save('model.keras')`, and load it with keras.models.load_model",
    "train": "use keras.optimizers; of checkpoints there are Checkpoint, CheckpointManager and latest_checkpoint",
    "ragged": "sequences of several lengths are padded here: keras.utils.pad_sequences, with a mask",
    "RaggedTensor": "sequences of several lengths are padded here: keras.utils.pad_sequences, with a mask",
    "sparse": "make it dense with tf.sparse.to_dense",
    "lookup": "use tf.lookup.StaticHashTable, or the layers StringLookup or IntegerLookup of keras.layers",
    "queue": "use tf.data.Dataset, or a keras.utils.PyDataset",
    "raw_ops": "call the public function, such as tf.matmul",
    "signal": "use NumPy's fft, or the operations stft, istft, rfft and irfft of keras.ops",
    "audio": "use keras.utils.audio_dataset_from_directory, or the package soundfile",
    "quantization": "use `model.quantize`, where this version has it",
    "profiler": "use Python's cProfile",
    "experimental": "there is no experimental part here; the operation may be in keras.ops or NumPy",
    "data.TFRecordDataset": "records are TensorFlow's own format; read arrays, with numpy.load or h5py",
    "io.TFRecordWriter": "records are TensorFlow's own format; write arrays, with numpy.save or h5py",
    "io.parse_single_example": "records are TensorFlow's own format; read arrays, with numpy.load or h5py",
    "data.experimental": "most of it is a method of tf.data.Dataset by now",
    "python": "tensorflow.python is private; tensorflow.python.keras alone stands for Keras here",
}
