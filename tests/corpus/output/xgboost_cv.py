import numpy as np
import xgboost as xgb

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 4))
y = X[:, 0] * 2 + rng.normal(size=300)
r = xgb.cv({"eta": 0.2, "max_depth": 2}, xgb.DMatrix(X, y), 10, nfold=3, verbose_eval=True, seed=1)
print(r.tail(2))
