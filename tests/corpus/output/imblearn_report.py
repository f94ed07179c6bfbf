from collections import Counter
from imblearn.metrics import classification_report_imbalanced
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
X, y = make_classification(n_classes=2, weights=[0.9], n_samples=800, random_state=0)
a, b, c, d = train_test_split(X, y, random_state=0)
print(f"Training target statistics: {Counter(c)}")
a, c = RandomOverSampler(random_state=0).fit_resample(a, c)
p = LogisticRegression().fit(a, c).predict(b)
print(f"Balanced accuracy: {balanced_accuracy_score(d, p):.4f}")
print(classification_report_imbalanced(d, p))
