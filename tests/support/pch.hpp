#pragma once
// What nearly every test includes, parsed once for all of them.
#include "support/catch.hpp"
#if __has_include(<graft/graft.hpp>)
#include <graft/graft.hpp>
#endif
