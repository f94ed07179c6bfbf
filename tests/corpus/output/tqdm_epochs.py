import math

from tqdm import tqdm

for epoch in range(1, 4):
    bar = tqdm(range(20), desc=f"Epoch {epoch}/3", mininterval=0)
    for i in bar:
        bar.set_postfix(loss=f"{math.exp(-epoch - i / 50):.4f}", lr=0.001)
    print(f"val_loss: {math.exp(-epoch):.4f}, val_acc: {1 - math.exp(-epoch):.4f}")
