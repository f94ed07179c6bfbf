from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.svm import SVC

X, y = load_iris(return_X_y=True)
scores = cross_val_score(SVC(), X, y, cv=5)
print("scores:", scores)
print("Accuracy: %0.3f (+/- %0.3f)" % (scores.mean(), scores.std() * 2))
search = GridSearchCV(SVC(), {"C": [0.1, 1.0, 10.0], "gamma": [0.1, 1.0]}, cv=3, verbose=3)
search.fit(X, y)
print("Best parameters:", search.best_params_)
print(f"Best cross-validation score: {search.best_score_:.4f}")
print("Best estimator:", search.best_estimator_)
