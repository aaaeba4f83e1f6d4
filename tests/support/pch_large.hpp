#pragma once
// For the tests that use layers and models: nearly all of graft, and the code of its templates compiled elsewhere.
#include "support/pch_small.hpp"

#include <graft/graft.hpp>
