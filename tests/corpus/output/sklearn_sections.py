from sklearn.datasets import load_wine
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, cohen_kappa_score, log_loss, matthews_corrcoef, roc_auc_score
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True)
a, b, c, d = train_test_split(X, y, test_size=0.4, random_state=3, stratify=y)
for name, m in (("Extra trees", ExtraTreesClassifier(20, random_state=0)), ("Linear model", SGDClassifier(random_state=0))):
    p = m.fit(a, c).predict(b)
    print(f"{name}:\n  Accuracy: {accuracy_score(d, p):.4f}\n  Kappa: {cohen_kappa_score(d, p):.4f}\n")
m = ExtraTreesClassifier(50, random_state=0).fit(a, c)
q = m.predict_proba(b)
print("=" * 20, "Final model", "=" * 20)
print("Train size: 106, test size: 72, classes: 3")
print(f"Log loss        : {log_loss(d, q):.5f}")
print(f"ROC AUC (ovr)   : {roc_auc_score(d, q, multi_class='ovr'):.5f}")
print(f"MCC             : {matthews_corrcoef(d, m.predict(b)):.5f}")
print("Feature importances:", m.feature_importances_.round(3))
