import lightgbm as lgb
import numpy as np
from sklearn.metrics import f1_score

rng = np.random.default_rng(5)
X = rng.normal(size=(500, 5))
y = (X[:, 0] > 0.5).astype(int)
m = lgb.LGBMClassifier(n_estimators=12, verbose=-1)
m.fit(X[:300], y[:300], eval_set=[(X[:300], y[:300]), (X[300:], y[300:])], eval_names=["train", "valid"], callbacks=[lgb.log_evaluation(4)])
print(f"{f1_score(y[300:], m.predict(X[300:])):.3f} F1 on held-out data")
print({"best_iteration": m.best_iteration_, "features": 5, "binary_logloss": float(m.evals_result_["valid"]["binary_logloss"][-1])})
