import warnings; warnings.filterwarnings("ignore")
from pytorch_tabnet.tab_model import TabNetClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
X, y = load_breast_cancer(return_X_y=True)
a, b, c, d = train_test_split(X, y, random_state=0)
clf = TabNetClassifier(n_d=4, n_a=4, seed=3)
clf.fit(a, c, eval_set=[(b, d)], eval_name=["valid"], eval_metric=["accuracy", "auc"], max_epochs=6, patience=3, batch_size=128, virtual_batch_size=64)
print(f"BEST VALID SCORE FOR breast_cancer : {clf.best_cost}")
print(f"FINAL TEST SCORE FOR breast_cancer : {roc_auc_score(d, clf.predict_proba(b)[:, 1])}")
