#!/bin/bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Makes everything in this folder again: make_all.sh [WORK] [PYTHON]
# WORK (default: ./work) takes the corpora; PYTHON needs torch, transformers, sentencepiece and safetensors.
# STEPS, DRAFT_STEPS and LORA_STEPS set the lengths of the three runs; PAUSE names a file during whose presence the
# training waits; HELDOUT names a folder for a second set of questions and text, of another fold and seed.
# A step of the two training processes is about 6,000 tokens; one core with AMX, left alone, does 4,000 to 5,000
# tokens of Pebble a second. Compiling the training step takes 1 to 2 minutes more, once per run and row length.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd); tools=$here/tools
work=${1:-work}; py=${2:-python3}; export OMP_NUM_THREADS=1
mkdir -p "$work" "$here/eval"
train() { "$py" "$tools/train.py" --tokenizer "$here/model" ${PAUSE:+--pause-file "$PAUSE"} "$@"; }
corpus() { "$py" "$tools/make_corpus.py" "$@"; }

corpus train --docs 300000 --seed 1 > "$work/corpus.jsonl"
corpus train --docs 30000 --seed 2 --pirate > "$work/pirate.jsonl"
corpus questions --fold 0 --seed 101 > "$here/eval/questions.jsonl"
corpus questions --fold 0 --seed 101 --pirate > "$here/eval/questions_pirate.jsonl"
corpus heldout --fold 0 --seed 201 > "$here/eval/heldout.txt"
"$py" "$tools/make_tokenizer.py" --corpus "$work/corpus.jsonl" --out "$here/model"

train --size pebble --corpus "$work/corpus.jsonl" --out "$here/model" --steps "${STEPS:-2500}" | tee "$work/pebble.log"
train --size grit --corpus "$work/corpus.jsonl" --out "$here/draft" --steps "${DRAFT_STEPS:-1500}" --port 29512 | tee "$work/grit.log"
cp "$here"/model/{tokenizer.model,tokenizer.json,tokenizer_config.json,special_tokens_map.json} "$here/draft/"
train --size pebble --corpus "$work/pirate.jsonl" --init "$here/model" --lora 8 --lr 0.003 --out "$here/adapter" \
      --steps "${LORA_STEPS:-200}" --port 29513 | tee "$work/adapter.log"

"$py" "$tools/eval.py" --model "$here/model" --data "$here/eval"
"$py" "$tools/eval.py" --model "$here/draft" --data "$here/eval" --out "$here/eval/reference_draft.json"
"$py" "$tools/eval.py" --model "$here/model" --data "$here/eval" --adapter "$here/adapter" --dtypes float32 \
      --questions "$here/eval/questions_pirate.jsonl" --out "$here/eval/reference_adapter.json"
if [ -n "${HELDOUT:-}" ]; then
  mkdir -p "$HELDOUT"
  corpus questions --fold 1 --seed 102 > "$HELDOUT/questions.jsonl"
  corpus heldout --fold 1 --seed 202 > "$HELDOUT/heldout.txt"
  "$py" "$tools/eval.py" --model "$here/model" --data "$HELDOUT"
fi
