#pragma once
// Catch2 2.13 (Debian 12) and Catch2 3 under one name and with one vocabulary: version 3's, without its namespace
// prefixes.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>

using Catch::Approx;
#else
#include <catch2/catch.hpp>

#include <string>

namespace Catch::Matchers {
/// Version 3's name for version 2's Contains(string).
inline auto ContainsSubstring(const std::string& part, CaseSensitive::Choice cases = CaseSensitive::Yes) {
  return Contains(part, cases);
}
}  // namespace Catch::Matchers
#endif

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::Message;
using Catch::Matchers::StartsWith;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
