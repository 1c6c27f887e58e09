"""Files and configurations of Keras 1, Keras 2 and tf.keras, in today's spelling."""
