"""What a user mistypes: a type checker must find every line that says so, and no other."""

import numpy as np

import kerasish as keras

x, y = np.ones((8, 4)), np.ones((8, 1))
inputs = keras.Input((4,))
model = keras.Sequential([keras.layers.Dense(1)])

keras.layers.Dens(3)  # wrong
keras.layers.Dense(3, activaton="relu")  # wrong
keras.layers.Dense(units="a")  # wrong
keras.layers.Dense()  # wrong
keras.layers.Dense(3, activation=3)  # wrong
keras.layers.Dense(3, kernel_regularizer=0.1)  # wrong
keras.layers.Conv2D(8, "3")  # wrong
keras.layers.Dropout(0.5, sed=1)  # wrong
keras.layers.BatchNormalization(momentum="0.9")  # wrong
keras.layers.MaxPooling2D(pool_sise=2)  # wrong
keras.optimizers.Adam(lr=0.1)  # wrong
keras.optimizers.Adm(0.1)  # wrong
keras.losses.MeanSquaredError(reduce="sum")  # wrong
keras.losses.mean_squared_error(x)  # wrong
keras.optimizers.AdamW(weightdecay=0.1)  # wrong
keras.optimizers.SGD("fast")  # wrong
keras.metrics.Mean(dtype=1)  # wrong
keras.callbacks.EarlyStopping(patience="3")  # wrong
keras.ops.softmaxx(x)  # wrong
keras.ops.numpy.summ(x)  # wrong
keras.ops.sum(x, axis="0")  # wrong
keras.ops.reshape(x, "8, 4")  # wrong
keras.ops.softmax(x, axs=1)  # wrong
keras.ops.mean(keras)  # wrong
keras.activations.relu(x, max_valeu=6)  # wrong
keras.random.normal((2,), seed="1")  # wrong
keras.initializers.HeNormal(seed="1")  # wrong
model.fitt(x, y)  # wrong
model.add(keras.layers.Dense)  # wrong
keras.layers.TimeDistributed("dense")  # wrong
keras.layers.Embedding(10, 2, input_lenght=3)  # wrong
keras.layers.ZeroPadding2D(paddings=1)  # wrong
keras.layers.StringLookup(vocabluary=["a"])  # wrong
model.compile("sgd", "mse", metric=["mae"])  # wrong
model.compile(0.1, "mse")  # wrong
model.compile("sgd", loss=3)  # wrong
model.fit(x, y, epochs="3")  # wrong
model.fit(x, y, epoch=3)  # wrong
model.fit(x, y, callbacks=["early"])  # wrong
print(model.fit(x, y, verbose=0).histroy)  # wrong
model.evaluate(x, y, return_dict="yes")  # wrong
model.predict(x, batchsize=3)  # wrong
model.save(3)  # wrong
keras.Model(inputs, model(inputs)).fitt(x, y)  # wrong
keras.Sequential([keras.layers.Dense], trainable="no")  # wrong
keras.models.load_modle("net.keras")  # wrong
