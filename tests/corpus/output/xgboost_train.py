import numpy as np
import xgboost as xgb

rng = np.random.default_rng(0)
X = rng.normal(size=(600, 6))
y = (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=600) > 0).astype(int)
a, b = xgb.DMatrix(X[:400], y[:400]), xgb.DMatrix(X[400:], y[400:])
params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "eval_metric": ["logloss", "auc"], "seed": 3}
print("params:", params)
xgb.train(params, a, 60, evals=[(a, "train"), (b, "validation_0")], early_stopping_rounds=10, verbose_eval=10)
