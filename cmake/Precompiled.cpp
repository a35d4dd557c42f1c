//===- Precompiled.cpp - Gives the precompiled header an owner ---*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
