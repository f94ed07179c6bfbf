from ngboost import NGBRegressor
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

X, Y = load_diabetes(return_X_y=True)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.2, random_state=0)
ngb = NGBRegressor(n_estimators=300, random_state=1, verbose_eval=50).fit(X_train, Y_train, X_val=X_test, Y_val=Y_test)
print("Test MSE", mean_squared_error(ngb.predict(X_test), Y_test))
print("Test NLL", -ngb.pred_dist(X_test).logpdf(Y_test).mean())
