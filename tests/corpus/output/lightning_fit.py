import tempfile

import lightning as L
import torch
import torchmetrics
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Net(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(8, 2)
        self.acc = torchmetrics.Accuracy(task="multiclass", num_classes=2)

    def training_step(self, batch, _):
        loss = nn.functional.cross_entropy(self.net(batch[0]), batch[1])
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def _eval(self, batch, name):
        out = self.net(batch[0])
        self.log(f"{name}_loss", nn.functional.cross_entropy(out, batch[1]), prog_bar=True)
        self.log(f"{name}_acc", self.acc(out, batch[1]), prog_bar=True)

    def validation_step(self, batch, _):
        self._eval(batch, "val")

    def test_step(self, batch, _):
        self._eval(batch, "test")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.05)


L.seed_everything(0)
X = torch.randn(512, 8)
y = (X[:, 0] > 0).long()
data = [DataLoader(TensorDataset(X[k], y[k]), batch_size=32) for k in (slice(0, 256), slice(256, 384), slice(384, 512))]
t = L.Trainer(max_epochs=3, logger=False, enable_checkpointing=False, default_root_dir=tempfile.mkdtemp(), accelerator="cpu")
t.fit(Net(), data[0], data[1])
t.test(dataloaders=data[2], model=t.model)
