import os
import tempfile

import numpy as np
from catboost import CatBoostClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(500, 5))
y = (X[:, 0] + rng.normal(size=500) > 0).astype(int)
m = CatBoostClassifier(iterations=30, learning_rate=0.2, depth=3, verbose=5, random_seed=0, thread_count=1,
                       train_dir=os.path.join(tempfile.mkdtemp(), "c"))
m.fit(X[:400], y[:400], eval_set=(X[400:], y[400:]))
print("Accuracy on the test set:", m.score(X[400:], y[400:]))
