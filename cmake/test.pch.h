// Precompiled once per test program.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "std.pch.h"
