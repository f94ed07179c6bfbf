import sys

for e in range(1, 4):
    print("\n      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size")
    for i in range(1, 5):
        bar = f"      {e}/3         0G     {1.5 / e:.4g}     {2.5 / e:.4g}     {1.25 / e:.4g}         17        640: {25 * i}%|{'█' * i:<4}| {i}/4 [00:0{i}<00:00,  1.0it/s]"
        sys.stderr.write("\r" + bar)
    sys.stderr.write("\n")
    print("                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 1/1 [00:00<00:00,  4.0it/s]")
    print(f"                   all          4         17      {0.5 + e / 10:.3f}      {0.4 + e / 10:.3f}      {0.45 + e / 10:.3f}      {0.3 + e / 10:.3f}")
print("\n3 epochs completed in 0.001 hours.")
print("Optimizer stripped from runs/detect/train/weights/last.pt, 6.5MB")
print("Speed: 0.3ms preprocess, 45.6ms inference, 0.0ms loss, 1.1ms postprocess per image")
