from tabulate import tabulate

rows = [[e, 1 / e, 1.1 / e, 0.5 + e / 20, 0.31] for e in range(1, 6)]
names = ["epoch", "train_loss", "valid_loss", "valid_acc", "dur"]
print(tabulate(rows, names, floatfmt=".4f"))
print()
print(tabulate([["accuracy", 0.9125], ["macro F1", 0.8875], ["samples", 1600]], ["metric", "value"], tablefmt="grid"))
