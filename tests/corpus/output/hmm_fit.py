import numpy as np
from hmmlearn import hmm
rng = np.random.RandomState(0)
X = np.concatenate([rng.randn(200, 1), rng.randn(200, 1) + 4])
m = hmm.GaussianHMM(2, n_iter=8, verbose=True, random_state=1).fit(X)
print(f"Converged: {m.monitor_.converged}, log-likelihood: {m.score(X):.3f}")
print(f"AIC: {m.aic(X):.2f}  BIC: {m.bic(X):.2f}")
