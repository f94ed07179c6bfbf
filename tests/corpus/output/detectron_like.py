for i in (19, 39, 59):
    print(f"[11/22 19:05:{i // 2:02d} d2.utils.events]:  eta: 0:05:1{i % 10}  iter: {i}  total_loss: {3.2 - i / 50:.4g}  loss_cls: {1.6 - i / 100:.4g}  loss_box_reg: {0.75 - i / 200:.4g}  time: 0.2511  last_time: 0.2510  data_time: 0.0112  lr: 0.00099  max_mem: 2531M")
print("[11/22 19:06:01 d2.evaluation.testing]: copypaste: Task: bbox")
print("[11/22 19:06:01 d2.evaluation.testing]: copypaste: AP,AP50,AP75,APs,APm,APl")
print("[11/22 19:06:01 d2.evaluation.testing]: copypaste: 38.1250,58.5000,41.2500,21.0000,41.5000,50.2500")
