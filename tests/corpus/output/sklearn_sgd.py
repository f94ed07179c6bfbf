from sklearn.datasets import make_regression
from sklearn.linear_model import SGDRegressor

X, y = make_regression(300, 5, noise=3, random_state=0)
m = SGDRegressor(max_iter=6, tol=None, verbose=1, random_state=0).fit(X, y)
print("coef:", m.coef_.round(2), "intercept:", m.intercept_.round(3))
print("R^2 on train:", round(m.score(X, y), 5))
