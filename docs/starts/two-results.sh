# A repository with two recorded runs whose results differ for reasons. Sourced in an empty folder.
git init -q -b main
git config user.name "Ada"
git config user.email ada@example.com
mkdir data
cat > train.py <<'END'
"""Score the rows of data/train.csv."""
import argparse
import random

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()
random.seed(args.seed)
rows = [float(line) for line in open("data/train.csv")]
f1 = 0.92 - sum(rows) / len(rows) / 1000 + random.gauss(0, 0.005)
print(f"f1_score={f1:.4f}")
END
printf 'data/\n' > .gitignore
printf '# Fraud\n' > README.md
seq 1 40 > data/train.csv
git add -A
git commit -q -m "First commit"
expctl -q run -n baseline -- python train.py
seq 1 90 > data/train.csv
printf '# Fraud detection\n' > README.md
sed -i.bak 's/# Score.*/# Score each row./; s/Score the rows/Score all rows/' train.py && rm train.py.bak
expctl -q run -n colleague -- python train.py --seed 7
