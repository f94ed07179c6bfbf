from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor

X, y = load_diabetes(return_X_y=True)
a, b, c, d = train_test_split(X, y, random_state=0)
m = XGBRegressor(n_estimators=15, learning_rate=0.2, max_depth=3)
m.fit(a, c, eval_set=[(b, d)])
p = m.predict(b)
print("RMSE: %f" % mean_squared_error(d, p) ** 0.5)
print("MAE = %.2f" % mean_absolute_error(d, p))
print("R²: %.3f" % r2_score(d, p))
