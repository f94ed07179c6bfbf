import random, tempfile, os
import fasttext
random.seed(0)
words = {"pos": "good great fine nice happy".split(), "neg": "bad poor sad awful worse".split()}
def write(path, n):
    with open(path, "w") as f:
        for _ in range(n):
            k = random.choice(list(words)); w = random.choices(words[k] + "the a it was".split(), k=8)
            f.write(f"__label__{k} {' '.join(w)}\n")
d = tempfile.mkdtemp(); write(d + "/train.txt", 800); write(d + "/valid.txt", 200)
model = fasttext.train_supervised(d + "/train.txt", epoch=5, thread=1, verbose=2)
def print_results(N, p, r):
    print("N\t" + str(N)); print("P@{}\t{:.3f}".format(1, p)); print("R@{}\t{:.3f}".format(1, r))
print_results(*model.test(d + "/valid.txt"))
