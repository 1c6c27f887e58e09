"""Names of Keras 2, `tf.keras` and TensorFlow, as tables onto what is here. Nothing of it loads before it is used."""
