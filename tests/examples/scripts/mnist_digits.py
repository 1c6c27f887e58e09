"""A digit classifier, with the data and the argument handling that such scripts have."""

import argparse

import keras
import numpy as np
from keras import layers
from keras.datasets import mnist
from keras.utils import to_categorical

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=2)
parser.add_argument("--samples", type=int, default=4000)
args = parser.parse_args()

keras.utils.set_random_seed(0)
num_classes = 10
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train, y_train = x_train[: args.samples], y_train[: args.samples]
x_test, y_test = x_test[:1000], y_test[:1000]
x_train = x_train.reshape(-1, 784).astype("float32") / 255.0
x_test = x_test.reshape(-1, 784).astype("float32") / 255.0
y_train = to_categorical(y_train, num_classes)
y_test = to_categorical(y_test, num_classes)

model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
        layers.Dense(128, activation="relu", kernel_initializer="he_normal"),
        layers.BatchNormalization(),
        layers.Dropout(0.2),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
model.summary()
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=64, epochs=args.epochs, validation_split=0.1, verbose=2)
score = model.evaluate(x_test, y_test, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])

assert sorted(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
assert len(history.epoch) == args.epochs
assert score[1] > 0.85
answers = np.argmax(model.predict(x_test[:5], verbose=0), axis=-1)
assert answers.shape == (5,)
