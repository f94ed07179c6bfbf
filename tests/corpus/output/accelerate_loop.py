import logging

import torch
from accelerate import Accelerator
from accelerate.logging import get_logger
from tqdm.auto import tqdm

logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", datefmt="%m/%d/%Y %H:%M:%S", level=logging.INFO)
acc = Accelerator(cpu=True)
log = get_logger(__name__)
log.info(acc.state)
torch.manual_seed(0)
m = torch.nn.Linear(4, 1)
o = torch.optim.SGD(m.parameters(), 0.1)
log.info("***** Running training *****")
log.info("  Total train batch size (w. parallel, distributed & accumulation) = 16")
bar = tqdm(range(12), desc="Steps", mininterval=0)
for epoch in range(3):
    total = 0.0
    for _ in range(4):
        x = torch.randn(16, 4)
        loss = ((m(x) - x[:, :1]) ** 2).mean()
        o.zero_grad()
        acc.backward(loss)
        o.step()
        total += loss.item()
        bar.update(1)
        bar.set_postfix(step_loss=round(loss.item(), 4), lr=0.1)
    log.info(f"epoch {epoch}: {{'train_loss': {total / 4:.5f}, 'eval_rmse': {(total / 4) ** 0.5:.5f}}}")
