#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains Pebble's tokenizer and writes its files: make_tokenizer.py --corpus corpus.jsonl --out model/

A SentencePiece BPE model built the way Gemma's is: identity normalisation, no dummy prefix, digits split, byte
fallback, <pad> <eos> <bos> <unk> as 0 to 3, then user-defined symbols (<mask>, the turn marks, runs of newlines
and of spaces), the 256 bytes and the merged pieces. tokenizer.json holds the same for the tokenizers library.
"""
import argparse
import itertools
import json
import os

import sentencepiece as spm
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

CONTROL = ["<pad>", "<eos>", "<bos>", "<unk>"]
SYMBOLS = (["<mask>", "<start_of_turn>", "<end_of_turn>"] + ["\n" * n for n in range(1, 9)] +
           ["\u2581" * n for n in range(2, 9)])
CHAT_TEMPLATE = r"""{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<start_of_turn>model\n' }}
{%- endif -%}
"""


def train(corpus, prefix, vocab, docs):
    def texts():
        with open(corpus, encoding="utf-8") as f:
            for line in itertools.islice(f, docs):
                yield json.loads(line)["text"]
    spm.SentencePieceTrainer.train(
        sentence_iterator=texts(), model_prefix=prefix, vocab_size=vocab, model_type="bpe", byte_fallback=True,
        split_digits=True, add_dummy_prefix=False, remove_extra_whitespaces=False, normalization_rule_name="identity",
        allow_whitespace_only_pieces=True, character_coverage=1.0, max_sentence_length=1 << 16, num_threads=1,
        pad_id=0, eos_id=1, bos_id=2, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
        unk_piece="<unk>", user_defined_symbols=SYMBOLS, minloglevel=1)
    os.remove(prefix + ".vocab")


def to_json(sp, path):
    """The same tokenizer for the tokenizers library: merges are ordered by the score of what they make."""
    pieces = [sp.id_to_piece(i) for i in range(sp.vocab_size())]
    ids = {p: i for i, p in enumerate(pieces)}
    normal = [p for i, p in enumerate(pieces) if not (sp.is_control(i) or sp.is_unknown(i) or sp.is_byte(i) or p in SYMBOLS)]
    merges = []
    for p in normal:  # pieces are stored in the order in which they were merged
        halves = [(p[:k], p[k:]) for k in range(1, len(p)) if p[:k] in ids and p[k:] in ids]
        merges += sorted(halves, key=lambda h: (ids[h[0]], ids[h[1]]))
    tok = Tokenizer(models.BPE(vocab=ids, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tok.normalizer = normalizers.Replace(" ", "\u2581")
    tok.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tok.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    tok.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos> $B",
                                                       special_tokens=[("<bos>", ids["<bos>"])])
    tok.add_special_tokens([AddedToken(t, normalized=False, special=True)
                            for t in CONTROL + ["<mask>", "<start_of_turn>", "<end_of_turn>"]])
    tok.add_tokens([AddedToken(t, normalized="\u2581" in t) for t in SYMBOLS[3:]])  # spaces are matched once normalised
    tok.save(path)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--corpus", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--vocab", type=int, default=2048)
    p.add_argument("--docs", type=int, default=20000, help="how many documents of the corpus to learn from")
    args = p.parse_args()
    os.makedirs(args.out, exist_ok=True)
    train(args.corpus, f"{args.out}/tokenizer", args.vocab, args.docs)
    sp = spm.SentencePieceProcessor(model_file=f"{args.out}/tokenizer.model")
    to_json(sp, f"{args.out}/tokenizer.json")
    special = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}
    config = {"add_bos_token": True, "add_eos_token": False, **special, "clean_up_tokenization_spaces": False,
              "model_max_length": 2048, "sp_model_kwargs": None, "spaces_between_special_tokens": False,
              "tokenizer_class": "GemmaTokenizer", "use_default_system_prompt": False, "chat_template": CHAT_TEMPLATE,
              "added_tokens_decoder": {str(sp.piece_to_id(t)): {
                  "content": t, "lstrip": False, "normalized": "\u2581" in t, "rstrip": False, "single_word": False,
                  "special": t in CONTROL + SYMBOLS[:3]} for t in CONTROL + SYMBOLS}}
    json.dump(config, open(f"{args.out}/tokenizer_config.json", "w"), indent=2)
    json.dump(special, open(f"{args.out}/special_tokens_map.json", "w"), indent=2)


if __name__ == "__main__":
    main()
