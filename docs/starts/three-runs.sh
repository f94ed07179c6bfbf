# A repository with three recorded runs, for the sessions of the how-to pages. Sourced in an empty folder.
git init -q -b main
git config user.name "Ada"
git config user.email ada@example.com
cat > train.py <<'END'
import argparse
import json
import math

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--depth", type=int, default=4)
args = parser.parse_args()
f1 = 0.9 * math.exp(-abs(math.log10(args.lr) + 2) / 8) * (1 - 0.5 / args.depth)
json.dump({"f1_score": round(f1, 4), "inference_time_ms": 0.4 * args.depth}, open("metrics.json", "w"))
open("model.pt", "wb").write(b"weights" * 1000 * args.depth)
END
printf 'metrics.json\nmodel.pt\n__pycache__/\n' > .gitignore
git add -A
git commit -q -m "First commit"
expctl -q run -n baseline -- python train.py
expctl -q run -n deeper -- python train.py --depth 8
sed -i.bak 's/0.9 \* /0.95 * /' train.py && rm train.py.bak
expctl -q run -n wider -- python train.py --depth 8 --lr 0.01
expctl -q commit
