from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, f1_score
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True)
a, b, c, d = train_test_split(X, y, random_state=7)
print("Training set size:", len(a), "Test set size:", len(b))
model = RandomForestClassifier(n_estimators=30, max_depth=4, random_state=0).fit(a, c)
print(model)
p = model.predict(b)
print("Accuracy:", accuracy_score(d, p))
print(f"F1 score: {f1_score(d, p):.4f}")
print(confusion_matrix(d, p))
print(classification_report(d, p, target_names=["malignant", "benign"]))
