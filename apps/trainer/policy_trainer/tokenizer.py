"""Byte-level BPE for a closed language.

Recipe: Sennrich et al. 2016, arXiv:1508.07909, on bytes with GPT-2's pre-tokenisation (Radford et al. 2019), which llama.cpp
knows as `gpt2` / `gpt-2`. Deviation: merges are learned until every frequent word of the games is one token, and every number
0–99, and no further. Words that an entry defines (`verb dax : …`) stay in pieces, so that a made-up word never seen before looks
like those of training.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

PADDING_MULTIPLE = 32


DEFINED_WORD = re.compile(r"^verb (\S+) :", re.MULTILINE)


def train_tokenizer(texts: Iterable[str], minimum_count: int = 8, limit: int = 1536) -> Tokenizer:
    """A tokenizer whose tokens are the 256 bytes, the pre-tokens of at least `minimum_count` texts, and the merges towards them.

    `limit` bounds the vocabulary before padding; the same texts give the same tokenizer.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=limit,
        min_frequency=1,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )
    tokenizer.train_from_iterator(kept_words(texts, minimum_count), trainer)
    return tokenizer


def kept_words(texts: Iterable[str], minimum_count: int) -> list[str]:
    """Pre-tokens worth a token of their own, those of most texts first; numbers 0–99 always, words that entries define never."""
    counts: Counter[str] = Counter()
    defined: set[str] = set()
    for text in texts:
        counts.update(set(split_words(text)))
        defined.update(DEFINED_WORD.findall(text))
    numbers = [f" {number}" for number in range(100)]
    words = [
        word
        for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count >= minimum_count and word.strip() not in defined and word not in numbers
    ]
    return words + numbers


_splitter = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)


def split_words(text: str) -> list[str]:
    """The pre-tokens of GPT-2's pattern, as text."""
    return [text[start:end] for _, (start, end) in _splitter.pre_tokenize_str(text)]


def padded_size(tokenizer: Tokenizer) -> int:
    """Vocabulary rounded up to a multiple of 32, one id to spare at least; the ids beyond the tokenizer's are never trained nor sampled."""
    size = tokenizer.get_vocab_size() + 1
    return -(-size // PADDING_MULTIPLE) * PADDING_MULTIPLE


def load_tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))
