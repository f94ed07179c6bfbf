import tempfile

from transformers import BertConfig, TrainingArguments

print(BertConfig())
print(TrainingArguments(tempfile.mkdtemp(), use_cpu=True, report_to=[]))
print("***** Running training *****\n  Num examples = 48\n  Num Epochs = 2\n  Total optimization steps = 12\n  Number of trainable parameters = 12,345")
print("***** eval metrics *****\n  epoch                   =        2.0\n  eval_accuracy           =     0.5625\n  eval_loss               =     0.6931\n  eval_runtime            = 0:00:00.02\n  eval_samples_per_second =    735.921")
