import numpy as np
from gplearn.genetic import SymbolicRegressor
rng = np.random.RandomState(0)
X = rng.uniform(-1, 1, (50, 2)); y = X[:, 0] ** 2 - X[:, 1] ** 2 + X[:, 1] - 1
est = SymbolicRegressor(population_size=500, generations=5, verbose=1, random_state=0)
est.fit(X, y)
print(est._program)
