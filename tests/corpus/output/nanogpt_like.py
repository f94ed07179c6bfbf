print("tokens per iteration will be: 16,384\nfound vocab_size = 65 (inside data/meta.pkl)\nnumber of parameters: 0.80M")
for step in range(0, 401, 100):
    print(f"step {step}: train loss {4.2 - step / 200:.4f}, val loss {4.21 - step / 210:.4f}")
    for k in range(0, 100, 50):
        if step < 400:
            print(f"iter {step + k}: loss {4.25 - (step + k) / 200:.4f}, time {120.5 + k:.2f}ms, mfu {-100 if step == 0 else 1.25:.2f}%")
print("saving checkpoint to out")
