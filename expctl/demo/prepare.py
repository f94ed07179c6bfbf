"""Write data/digits.csv: 1797 handwritten digits, 8 x 8 pixels of 0-16, from scikit-learn's own copy.

Source: UCI Optical Recognition of Handwritten Digits, doi:10.24432/C50P49, CC BY 4.0.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
table = np.column_stack([digits.data, digits.target])
header = ",".join([*(f"pixel_{row}_{column}" for row in range(8) for column in range(8)), "digit"])
Path("data").mkdir(exist_ok=True)
np.savetxt("data/digits.csv", table, fmt="%d", delimiter=",", header=header, comments="")
print(f"data/digits.csv: {len(table)} images")
