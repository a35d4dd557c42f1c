//===- Signals.cpp - Ctrl-C and crashes -------------------------*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "compiler/tools/lapidary/Signals.h"
#include "compiler/tools/lapidary/Failure.h"

#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace lapidary;
using namespace lapidary::tool;

// Sanitizers report crashes better.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LAPIDARY_SANITIZER 1
#endif
#endif

static volatile std::sig_atomic_t interrupted = 0;

/// Writes `text` from inside a signal handler.
static void writeRaw(const char *text) {
  // Nothing can be done about a failure here.
  [[maybe_unused]] ssize_t count =
      ::write(STDERR_FILENO, text, std::strlen(text));
}

static void onCrash(int signal) {
  if (signal == SIGBUS) {
    writeRaw("lapidary: error: a file that is in use was cut short, or its "
             "disk fails\n");
    ::_exit(static_cast<int>(ExitCode::Input));
  }
  writeRaw("lapidary: this is a bug in Lapidary: the program stopped with ");
  writeRaw(signal == SIGSEGV  ? "SIGSEGV"
           : signal == SIGILL ? "SIGILL"
           : signal == SIGFPE ? "SIGFPE"
                              : "SIGABRT");
  writeRaw("; please report it with the command line\n");
  ::_exit(static_cast<int>(ExitCode::Bug));
}

static void onInterrupt(int) {
  if (interrupted)
    ::_exit(static_cast<int>(ExitCode::Interrupted));
  interrupted = 1;
}

static void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  // Without SA_RESTART: a read at a prompt returns when Ctrl-C is pressed.
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void tool::installCrashHandlers() {
  handle(SIGPIPE, SIG_IGN);
  handle(SIGXFSZ, SIG_IGN);
#ifndef LAPIDARY_SANITIZER
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    handle(signal, onCrash);
#endif
}

void tool::catchInterrupts() { handle(SIGINT, onInterrupt); }

bool tool::wasInterrupted() { return interrupted != 0; }

void tool::clearInterrupt() { interrupted = 0; }

void tool::stopIfInterrupted() {
  if (interrupted)
    throw Failure(ExitCode::Interrupted, "interrupted");
}
