from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
X, y = X[:400], y[:400]
mlp = MLPClassifier(hidden_layer_sizes=(16,), max_iter=12, verbose=True, random_state=1).fit(X / 16, y)
RandomForestClassifier(n_estimators=20, verbose=2, n_jobs=1, random_state=0).fit(X, y)
GradientBoostingClassifier(n_estimators=5, max_depth=2, verbose=1, random_state=0).fit(X[:100], y[:100])
KMeans(3, n_init=1, verbose=1, random_state=0, max_iter=5).fit(X)
print("MLP training accuracy: %.4f" % mlp.score(X / 16, y))
