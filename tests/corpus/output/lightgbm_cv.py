import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 4))
y = X[:, 0] * 2 + rng.normal(size=300)
lgb.cv({"objective": "regression", "metric": "l2", "verbose": -1}, lgb.Dataset(X, y), 20, nfold=3,
       stratified=False, callbacks=[lgb.log_evaluation(5)])
