/*===- toy_kernels.c - Kernels of the model that tests run --------*- C -*-===*\
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Not a network: the logits of a row are a hash of all tokens before it with
 * their positions, and again of those in a sliding window, that went through
 * the KV pages. Whatever the runtime misplaces changes every logit. Embeddings
 * are a hash of all tokens of a text. Drafts depend on a token, its place, the
 * states before it and all that the pages hold up to there. A text about a
 * source depends on all of its pages. What it is to compute is written again,
 * without pages, in toy_model.cpp.
\*===----------------------------------------------------------------------===*/
#include <stdint.h>

#if defined(__x86_64__)
#define JUMP "jmp "
#else
#define JUMP "b "
#endif
/* Entry i is at byte 16 * i of the code, in the order of toy_model.cpp. */
#define ENTRY(name) ".p2align 4\n" JUMP #name "\n"
__asm__(".section .text.entry,\"ax\",%progbits\n" ENTRY(toy_check)
            ENTRY(toy_embed) ENTRY(toy_append) ENTRY(toy_attend)
                ENTRY(toy_logits) ENTRY(toy_pool) ENTRY(toy_states)
                    ENTRY(toy_join) ENTRY(toy_source) ENTRY(toy_sum)
                        ENTRY(toy_best) ".text\n");

#define KERNEL(name)                                                           \
  __attribute__((visibility("hidden"))) void name(                             \
      void *const *operands, const int64_t *sizes, void *scratch,              \
      int64_t begin, int64_t end)

static uint64_t mix(uint64_t value) {
  value ^= value >> 31;
  value *= 0x9e3779b97f4a7c15;
  return value ^ value >> 29;
}

static int64_t immediate(void *operand) { return (int64_t)(intptr_t)operand; }

/* operands: blocks, flag (0: the blocks cover the rows in order), block rows */
KERNEL(toy_check) {
  const int32_t *blocks = operands[0];
  uint64_t *flag = operands[1];
  int64_t next = 0;
  *flag = begin != 0 || end != 1;
  for (int64_t block = 0; block < sizes[1]; block++) {
    int32_t first = blocks[2 * block], count = blocks[2 * block + 1];
    if (first != next || count < 1 || count > immediate(operands[2]))
      *flag = 1;
    next += count;
  }
  if (next != sizes[0] || (uintptr_t)scratch % 64 != 0)
    *flag = 1;
}

/* operands: tokens, positions, keys */
KERNEL(toy_embed) {
  const int32_t *tokens = operands[0], *positions = operands[1];
  uint64_t *keys = operands[2];
  for (int64_t row = begin; row < end; row++)
    keys[row] =
        mix((uint64_t)(tokens[row] + 1) << 32 | (uint32_t)positions[row]);
}

/* operands: keys, positions, pages, page tokens */
KERNEL(toy_append) {
  const uint64_t *keys = operands[0];
  const int32_t *positions = operands[1];
  uint64_t ***pages = operands[2];
  int64_t page_tokens = immediate(operands[3]);
  for (int64_t row = begin; row < end; row++)
    pages[row][positions[row] / page_tokens][positions[row] % page_tokens] =
        keys[row];
}

/* operands: blocks, positions, pages, sums, page tokens, window (0: all) */
KERNEL(toy_attend) {
  const int32_t *blocks = operands[0], *positions = operands[1];
  uint64_t ***pages = operands[2], *sums = operands[3], *sum = scratch;
  int64_t page_tokens = immediate(operands[4]);
  int64_t window = immediate(operands[5]);
  for (int64_t block = begin; block < end; block++) {
    int64_t first = blocks[2 * block];
    for (int64_t i = 0; i < blocks[2 * block + 1]; i++) {
      /* The table and the position of the block's first row do for all. */
      int64_t position = positions[first] + i;
      int64_t oldest = window && position >= window ? position - window + 1 : 0;
      *(volatile uint64_t *)sum = 0;
      for (int64_t p = oldest; p <= position; p++)
        *(volatile uint64_t *)sum +=
            pages[first][p / page_tokens][p % page_tokens];
      sums[first + i] = *sum;
    }
  }
}

/* operands: wanted, global sums, local sums, weights, logits, vocabulary,
 * slices of a row, flag */
KERNEL(toy_logits) {
  const int32_t *wanted = operands[0];
  const uint64_t *global = operands[1], *local = operands[2];
  const uint32_t *weights = operands[3];
  float *logits = operands[4];
  int64_t vocabulary = immediate(operands[5]);
  int64_t slices = immediate(operands[6]);
  const uint64_t *flag = operands[7];
  for (int64_t slice = begin; slice < end; slice++) {
    int64_t unit = slice / slices, part = vocabulary / slices;
    int64_t first = slice % slices * part;
    int32_t row = wanted[unit];
    for (int64_t i = first; i < first + part; i++) {
      uint64_t hash = mix(global[row] + mix(local[row] + weights[i]));
      logits[unit * vocabulary + i] = *flag ? -1.0f : (float)(hash >> 40);
    }
  }
}

/* operands: wanted, global sums, local sums, weights, keys, vocabulary, keys of
 * a row, allowed */
KERNEL(toy_best) {
  const int32_t *wanted = operands[0];
  const uint64_t *global = operands[1], *local = operands[2];
  const uint32_t *weights = operands[3];
  int64_t *keys = operands[4];
  int64_t vocabulary = immediate(operands[5]);
  int64_t stride = immediate(operands[6]);
  int64_t words = (vocabulary + 63) / 64;
  for (int64_t unit = begin; unit < end; unit++) {
    int32_t row = wanted[unit];
    const uint64_t *allowed = (const uint64_t *)operands[7] + unit * words;
    int64_t before = INT64_MAX;
    for (int64_t n = 0; n < sizes[3]; n++) {
      int64_t best = INT64_MIN;
      for (int64_t i = 0; i < 64 * words; i++) {
        if (!(allowed[i / 64] >> i % 64 & 1))
          continue;
        union {
          float number;
          int32_t bits;
        } logit;
        uint64_t hash = mix(global[row] + mix(local[row] + weights[i]));
        logit.number = (float)(hash >> 40);
        int64_t key = (int64_t)logit.bits << 32 | (INT32_MAX - i);
        if (key > best && key < before)
          best = key;
      }
      keys[unit * stride + n] = before = best;
    }
  }
}

/* operands: wanted, positions, ends, keys, weights, embeddings, width, flag */
KERNEL(toy_pool) {
  const int32_t *wanted = operands[0], *positions = operands[1];
  const int32_t *ends = operands[2];
  const uint64_t *keys = operands[3];
  const uint32_t *weights = operands[4];
  float *embeddings = operands[5];
  int64_t width = immediate(operands[6]);
  const uint64_t *flag = operands[7];
  for (int64_t unit = begin; unit < end; unit++) {
    int32_t row = wanted[unit];
    const uint64_t *first = keys + row - positions[row];
    uint64_t sum = 0;
    for (int32_t i = 0; i < ends[row]; i++)
      sum += first[i];
    for (int64_t i = 0; i < width; i++) {
      uint64_t hash = mix(sum + weights[i]);
      embeddings[unit * width + i] = *flag ? -1.0f : (float)(hash >> 40);
    }
  }
}

/* operands: wanted, sums, states, width */
KERNEL(toy_states) {
  const int32_t *wanted = operands[0];
  const uint64_t *sums = operands[1];
  float *states = operands[2];
  int64_t width = immediate(operands[3]);
  for (int64_t unit = begin; unit < end; unit++)
    for (int64_t i = 0; i < width; i++)
      states[unit * width + i] = (float)(mix(sums[wanted[unit]] + i) >> 40);
}

/* operands: tokens, positions, states, keys, distance of two states' rows */
KERNEL(toy_join) {
  const int32_t *tokens = operands[0], *positions = operands[1];
  const float *states = operands[2];
  uint64_t *keys = operands[3];
  int64_t stride = immediate(operands[4]);
  for (int64_t row = begin; row < end; row++) {
    keys[row] =
        mix((uint64_t)(tokens[row] + 1) << 32 | (uint32_t)positions[row]);
    for (int64_t i = 0; i < stride; i++)
      keys[row] = mix(keys[row] + (uint64_t)states[row * stride + i]);
  }
}

/* operands: source ends, pages, sums, page tokens */
KERNEL(toy_source) {
  const int32_t *ends = operands[0];
  uint64_t ***pages = operands[1], *sums = operands[2];
  int64_t page_tokens = immediate(operands[3]);
  for (int64_t row = begin; row < end; row++) {
    sums[row] = 0;
    for (int64_t p = 0; p < ends[row]; p++)
      sums[row] += pages[row][p / page_tokens][p % page_tokens];
  }
}

/* operands: weights */
KERNEL(toy_sum) {
  const uint32_t *weights = operands[0];
  uint64_t *sum = scratch;
  for (int64_t slice = begin; slice < end; slice++)
    *sum += weights[slice];
}
