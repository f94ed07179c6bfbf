import tempfile

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

torch.manual_seed(0)
conf = BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, max_position_embeddings=16)
rows = [{"input_ids": torch.randint(0, 50, (8,)), "labels": torch.tensor(i % 2)} for i in range(64)]
args = TrainingArguments(tempfile.mkdtemp(), num_train_epochs=2, per_device_train_batch_size=8, logging_steps=4, eval_strategy="epoch",
                         report_to=[], save_strategy="no", use_cpu=True)
metrics = lambda p: {"accuracy": float((p.predictions.argmax(1) == p.label_ids).mean())}
t = Trainer(BertForSequenceClassification(conf), args, train_dataset=rows[:48], eval_dataset=rows[48:], compute_metrics=metrics)
t.train()
print(t.evaluate())
