import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(0)
X = np.random.default_rng(0).normal(size=(640, 8)).astype("float32")
y = (X[:, 0] > 0).astype("int32")
m = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
m.compile("adam", "binary_crossentropy", metrics=["accuracy"])
m.summary()
m.fit(X[:512], y[:512], validation_split=0.25, epochs=4, batch_size=64)
score = m.evaluate(X[512:], y[512:])
print("Test loss:", score[0])
print("Test accuracy:", score[1])
m.predict(X[:64])
