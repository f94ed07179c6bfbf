from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

X, y = load_wine(return_X_y=True)
a, b, c, d = train_test_split(X, y, random_state=1)
for m in (LogisticRegression(max_iter=5000), KNeighborsClassifier(), DecisionTreeClassifier(random_state=0)):
    p = m.fit(a, c).predict(b)
    print(f"{type(m).__name__}: accuracy={accuracy_score(d, p):.4f}, macro_f1={f1_score(d, p, average='macro'):.4f}")
