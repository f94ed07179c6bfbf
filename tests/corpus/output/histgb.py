from sklearn.datasets import load_digits
from sklearn.ensemble import HistGradientBoostingClassifier

X, y = load_digits(return_X_y=True)
m = HistGradientBoostingClassifier(max_iter=4, verbose=2, random_state=0, early_stopping=True).fit(X[:600], y[:600])
print("Test accuracy = {:.2%}".format(m.score(X[600:], y[600:])))
