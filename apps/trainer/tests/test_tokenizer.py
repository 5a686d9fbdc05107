from policy_trainer.tokenizer import DEFINED_WORD, kept_words, padded_size, split_words, train_tokenizer


def test_gives_back_every_text_also_one_of_unknown_words(tokenizer):
    for text in ["task put a mug in desk\n> go to desk 1\n", " zürich 12345\n\n  café — 漢字\t", ""]:
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_has_one_token_for_each_frequent_word_and_number(tokenizer):
    for word in [" mug", " desk", " take", "fact", *(f" {number}" for number in range(100))]:
        assert len(tokenizer.encode(word).ids) == 1, word


def test_keeps_words_that_entries_define_in_pieces():
    texts = ["verb dax : heat with microwave\ntask dax some mug\n"] * 50
    tokenizer = train_tokenizer(texts)
    assert len(tokenizer.encode(" dax").ids) > 1
    assert len(tokenizer.encode(" heat").ids) == 1
    assert DEFINED_WORD.findall(texts[0]) == ["dax"]


def test_keeps_rare_words_in_pieces():
    assert " vase" not in kept_words(["a vase", *["a mug"] * 9], minimum_count=2)


def test_tokenises_a_prompt_like_the_same_text_inside_a_longer_one(tokenizer):
    prompt, action = "fact mug 1 in desk 2\n>", " go to desk 2\n"
    whole = tokenizer.encode(prompt + action).ids
    assert tokenizer.encode(prompt).ids + tokenizer.encode(action).ids == whole


def test_splits_like_gpt2():
    assert split_words("\n> go to desk 12\n mug") == ["\n", ">", " go", " to", " desk", " 12", "\n", " mug"]


def test_pads_the_vocabulary_to_a_multiple_of_32(tokenizer):
    assert padded_size(tokenizer) % 32 == 0
    assert 1 <= padded_size(tokenizer) - tokenizer.get_vocab_size() <= 32
