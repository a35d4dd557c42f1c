//===- amx_emulator.c - AMX on processors without it ------------*- C -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each AMX instruction raises SIGILL, whose handler decodes it, does what it
// does and goes on behind it. Faults stay faults: whatever is not one of these
// instructions, or what the processor would refuse (tiles without
// configuration, shapes that do not fit), is left to whoever handled SIGILL
// before.
//
// Semantics are those of the Intel 64 and IA-32 Architectures Software
// Developer's Manual, volume 2, "TDPBF16PS" and so on.
#ifndef _GNU_SOURCE // For the names of registers.
#define _GNU_SOURCE
#endif
#include "test/targets/cpu/x86/amx_emulator.h"

#include <immintrin.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { tile_count = 8, row_count = 16, row_bytes = 64, lanes = row_bytes / 4 };

/// What ldtilecfg reads.
struct configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t columns[16]; ///< bytes of a row
  uint8_t rows[16];
};

struct tile {
  uint8_t bytes[row_count][row_bytes];
};

static _Thread_local struct configuration configuration;
static _Thread_local struct tile tiles[tile_count];

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// The mandatory prefix, as VEX encodes it.
enum prefix { prefix_none, prefix_66, prefix_f3, prefix_f2 };

struct instruction {
  uint8_t opcode, reg, rm, vvvv, length;
  enum prefix prefix;
  bool in_memory;
  uint8_t *address; ///< of the operand in memory,
  int64_t stride;   ///< and what is between its rows
};

static const int register_slots[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static int64_t take(const uint8_t **code, int bytes) {
  int32_t wide;
  if (bytes == 1)
    return (int8_t)*(*code)++;
  memcpy(&wide, *code, sizeof wide);
  *code += sizeof wide;
  return wide;
}

/// Decodes what follows ModRM: SIB and displacement. Base registers get the
/// VEX bits `base_high` and `index_high`.
static void decode_memory(struct instruction *in, const uint8_t **code, int mod,
                          int base_high, int index_high, const greg_t *values) {
  int base = in->rm | base_high;
  bool no_base = mod == 0 && in->rm == 5;
  in->stride = 0;
  if (in->rm == 4) {
    uint8_t sib = *(*code)++;
    int index = (sib >> 3 & 7) | index_high;
    base = (sib & 7) | base_high;
    no_base = mod == 0 && (sib & 7) == 5;
    if (index != 4)
      in->stride = values[register_slots[index]] * (1 << (sib >> 6));
  }
  bool relative = no_base && in->rm == 5;
  int64_t address = no_base ? 0 : values[register_slots[base]];
  if (mod == 1)
    address += take(code, 1);
  if (mod == 2 || no_base)
    address += take(code, 4);
  if (relative)
    address += (int64_t)*code;
  in->address = (uint8_t *)address;
}

/// Decodes `VEX.128.0F38.W0 opcode /r`, the form of all AMX instructions.
static bool decode(struct instruction *in, const greg_t *values) {
  const uint8_t *start = (const uint8_t *)values[REG_RIP], *code = start;
  if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 0x84))
    return false;
  in->prefix = code[2] & 3;
  in->vvvv = ~code[2] >> 3 & 15;
  in->opcode = code[3];
  int reg_high = code[1] & 0x80 ? 0 : 8, index_high = code[1] & 0x40 ? 0 : 8;
  int base_high = code[1] & 0x20 ? 0 : 8, mod = code[4] >> 6;
  in->reg = (code[4] >> 3 & 7) | reg_high;
  in->rm = code[4] & 7;
  in->in_memory = mod != 3;
  code += 5;
  if (in->in_memory)
    decode_memory(in, &code, mod, base_high, index_high, values);
  else
    in->rm |= base_high;
  in->length = code - start;
  return true;
}

//===----------------------------------------------------------------------===//
// Configuration, loads, stores
//===----------------------------------------------------------------------===//

static void release(void) {
  memset(&configuration, 0, sizeof configuration);
  memset(tiles, 0, sizeof tiles);
}

static bool is_valid(const struct configuration *wanted) {
  static const uint8_t zeros[16];
  if (wanted->palette != 1 || memcmp(wanted->reserved, zeros, 14))
    return false;
  for (int i = 0; i < 16; ++i) {
    bool exists = i < tile_count;
    if (wanted->columns[i] > (exists ? row_bytes : 0) ||
        wanted->rows[i] > (exists ? row_count : 0) ||
        !wanted->columns[i] != !wanted->rows[i])
      return false;
  }
  return true;
}

static bool load_configuration(const uint8_t *address) {
  struct configuration wanted;
  memcpy(&wanted, address, sizeof wanted);
  if (wanted.palette && !is_valid(&wanted))
    return false;
  release();
  if (wanted.palette)
    configuration = wanted;
  return true;
}

static bool is_configured(int tile) {
  return tile < tile_count && configuration.rows[tile];
}

static bool load_tile(const struct instruction *in) {
  if (!is_configured(in->reg))
    return false;
  struct tile *tile = &tiles[in->reg];
  memset(tile, 0, sizeof *tile);
  for (int row = configuration.start_row; row < configuration.rows[in->reg];
       ++row)
    memcpy(tile->bytes[row], in->address + row * in->stride,
           configuration.columns[in->reg]);
  configuration.start_row = 0;
  return true;
}

static bool store_tile(const struct instruction *in) {
  if (!is_configured(in->reg))
    return false;
  for (int row = configuration.start_row; row < configuration.rows[in->reg];
       ++row)
    memcpy(in->address + row * in->stride, tiles[in->reg].bytes[row],
           configuration.columns[in->reg]);
  configuration.start_row = 0;
  return true;
}

static bool zero_tile(const struct instruction *in) {
  if (!is_configured(in->reg))
    return false;
  memset(&tiles[in->reg], 0, sizeof tiles[in->reg]);
  configuration.start_row = 0;
  return true;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// Whether `sums += left * right` has tiles and shapes that fit.
static bool fits(int sums, int left, int right) {
  const struct configuration *c = &configuration;
  return sums != left && sums != right && left != right &&
         is_configured(sums) && is_configured(left) && is_configured(right) &&
         c->columns[sums] % 4 == 0 && c->columns[left] % 4 == 0 &&
         c->columns[sums] == c->columns[right] &&
         c->rows[sums] == c->rows[left] &&
         c->columns[left] / 4 == c->rows[right];
}

static float widen(const uint8_t *bf16) {
  uint8_t bytes[4] = {0, 0, bf16[0], bf16[1]};
  float value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

/// One row of tdpbf16ps: sums of even and of odd columns apart, each from zero,
/// then both to the row of `sums`. Not inlined, so that all of it comes after
/// the rounding mode has been set.
__attribute__((noinline, target("avx2,fma"))) static void
multiply_bf16_row(uint8_t *sums, const uint8_t *left, const struct tile *right,
                  int pairs) {
  float even[lanes] = {0}, odd[lanes] = {0}, total[lanes];
  for (int k = 0; k < pairs; ++k) {
    float x0 = widen(left + 4 * k), x1 = widen(left + 4 * k + 2);
    for (int n = 0; n < lanes; ++n) {
      const uint8_t *pair = &right->bytes[k][4 * n];
      even[n] = __builtin_fmaf(x0, widen(pair), even[n]);
      odd[n] = __builtin_fmaf(x1, widen(pair + 2), odd[n]);
    }
  }
  memcpy(total, sums, sizeof total);
  for (int n = 0; n < lanes; ++n)
    total[n] += even[n] + odd[n];
  memcpy(sums, total, sizeof total);
}

static int32_t byte_value(uint8_t byte, bool is_signed) {
  return is_signed ? (int8_t)byte : byte;
}

static void multiply_byte_row(uint8_t *sums, const uint8_t *left,
                              const struct tile *right, int quads,
                              bool left_signed, bool right_signed) {
  uint32_t total[lanes];
  memcpy(total, sums, sizeof total);
  for (int k = 0; k < quads; ++k)
    for (int n = 0; n < lanes; ++n)
      for (int i = 0; i < 4; ++i)
        total[n] +=
            (uint32_t)(byte_value(left[4 * k + i], left_signed) *
                       byte_value(right->bytes[k][4 * n + i], right_signed));
  memcpy(sums, total, sizeof total);
}

/// The prefix says what the bytes of each side are.
static void multiply_row(const struct instruction *in, uint8_t *sums,
                         const uint8_t *left, const struct tile *right,
                         int depth) {
  if (in->opcode == 0x5c)
    return multiply_bf16_row(sums, left, right, depth);
  bool left_signed = in->prefix == prefix_f2 || in->prefix == prefix_f3;
  bool right_signed = in->prefix == prefix_f2 || in->prefix == prefix_66;
  multiply_byte_row(sums, left, right, depth, left_signed, right_signed);
}

static bool multiply(const struct instruction *in) {
  int sums = in->reg, left = in->rm, right = in->vvvv;
  if (!fits(sums, left, right))
    return false;
  // Denormals are zero, before and after; rounding is to nearest even.
  _mm_setcsr(0x1f80 | _MM_FLUSH_ZERO_ON | 0x40);
  for (int row = 0; row < configuration.rows[sums]; ++row) {
    uint8_t *total = tiles[sums].bytes[row];
    multiply_row(in, total, tiles[left].bytes[row], &tiles[right],
                 configuration.rows[right]);
    memset(total + configuration.columns[sums], 0,
           row_bytes - configuration.columns[sums]);
  }
  configuration.start_row = 0;
  return true;
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

/// Opcode 49: configuration, and tilezero.
static bool execute_control(const struct instruction *in) {
  if (!in->in_memory && in->prefix == prefix_f2)
    return in->rm == 0 && zero_tile(in);
  if (in->reg != 0)
    return false;
  if (!in->in_memory && in->prefix == prefix_none) {
    release();
    return in->rm == 0;
  }
  if (in->in_memory && in->prefix == prefix_none)
    return load_configuration(in->address);
  if (in->in_memory && in->prefix == prefix_66) {
    memcpy(in->address, &configuration, sizeof configuration);
    return true;
  }
  return false;
}

static bool execute(const struct instruction *in) {
  switch (in->opcode) {
  case 0x49:
    return execute_control(in);
  case 0x4b:
    if (!in->in_memory || in->prefix == prefix_none)
      return false;
    return in->prefix == prefix_f3 ? store_tile(in) : load_tile(in);
  case 0x5c:
    return !in->in_memory && in->prefix == prefix_f3 && multiply(in);
  case 0x5e:
    return !in->in_memory && multiply(in);
  default:
    return false;
  }
}

static struct sigaction previous;

static void on_illegal_instruction(int signal_number, siginfo_t *info,
                                   void *context) {
  greg_t *values = ((ucontext_t *)context)->uc_mcontext.gregs;
  struct instruction in;
  bool executed = false;
  // The instructions that follow spare a signal each.
  while (decode(&in, values) && execute(&in)) {
    values[REG_RIP] += in.length;
    executed = true;
  }
  if (!executed)
    sigaction(SIGILL, &previous, NULL); // It is executed again.
}

void emulate_amx(void) {
  enum { request_permission = 0x1023, tile_data = 18 };
  syscall(SYS_arch_prctl, request_permission, tile_data);
  struct sigaction action = {.sa_sigaction = on_illegal_instruction,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGILL, &action, &previous);
}
