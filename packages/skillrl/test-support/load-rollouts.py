"""Loads exported rollouts as `datasets` does, gives them to TRL as it wants them, and prints what it found as JSON."""

import json
import sys

from datasets import load_dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

path, base, output = sys.argv[1:]
kind = "parquet" if path.endswith(".parquet") else "json"
rows = load_dataset(kind, data_files=path, split="train", cache_dir=f"{output}/cache")

tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"{base}/tokenizer.json", pad_token="\n", eos_token="\n")
model = AutoModelForCausalLM.from_pretrained(base)
settings = SFTConfig(
    output_dir=f"{output}/trained",
    completion_only_loss=True,
    max_steps=1,
    per_device_train_batch_size=4,
    gradient_checkpointing=False,
    use_cpu=True,
    bf16=False,
    report_to="none",
    save_strategy="no",
)
trainer = SFTTrainer(model=model, args=settings, train_dataset=rows.select_columns(["input_ids", "completion_mask"]), processing_class=tokenizer)
batch = next(iter(trainer.get_train_dataloader()))
loss = trainer.train().training_loss

print(
    json.dumps(
        {
            "rows": rows.num_rows,
            "features": {name: str(feature) for name, feature in rows.features.items()},
            "first": {"input_ids": rows[0]["input_ids"], "old_log_probs": rows[0]["old_log_probs"], "completion_mask": rows[0]["completion_mask"]},
            "trained_tokens": int((batch["labels"] != -100).sum()),
            "loss": loss,
        }
    )
)
