accs = []
for fold in range(1, 4):
    print(f"===== Fold {fold} =====")
    for epoch in range(1, 4):
        print(f"Epoch {epoch:02d} loss: {1 / (epoch + fold):.4f} val_loss: {1.2 / (epoch + fold):.4f}")
    accs.append(0.9 + fold / 100)
    print(f"Fold {fold} accuracy: {accs[-1]:.4f}")
print(f"Mean accuracy: {sum(accs) / 3:.4f} ± 0.0082")
