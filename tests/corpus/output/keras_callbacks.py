import os
import tempfile

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy as np

keras.utils.set_random_seed(1)
X = np.random.default_rng(1).normal(size=(256, 6)).astype("float32")
y = X @ np.arange(6, dtype="float32")
m = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
m.compile(keras.optimizers.SGD(0.01), "mse", metrics=["mae"])
best = keras.callbacks.ModelCheckpoint(os.path.join(tempfile.mkdtemp(), "best.keras"), monitor="val_loss", save_best_only=True, verbose=1)
plateau = keras.callbacks.ReduceLROnPlateau(patience=1, verbose=1, min_delta=10)
m.fit(X[:192], y[:192], validation_data=(X[192:], y[192:]), epochs=4, batch_size=32, verbose=2, callbacks=[best, plateau])
