#pragma once
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

// Files that something happened to.

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Cut short, one bit, eight bytes anywhere, or eight bytes in a row changed.
inline std::string mutated(std::string bytes, std::mt19937_64& random) {
  const auto anywhere = [&] { return static_cast<std::size_t>(random() % bytes.size()); };
  switch (random() % 4) {
    case 0:
      bytes.resize(anywhere());
      break;
    case 1:
      bytes[anywhere()] ^= static_cast<char>(1 << random() % 8);
      break;
    case 2:
      for (int i = 0; i < 8; ++i) bytes[anywhere()] = static_cast<char>(random());
      break;
    default:
      for (std::size_t first = anywhere(), i = first; i < std::min(first + 8, bytes.size()); ++i) bytes[i] = '\xff';
  }
  return bytes;
}

/// One digit of a number in a text changed.
inline std::string with_another_digit(std::string bytes, std::mt19937_64& random) {
  auto at = static_cast<std::size_t>(random() % bytes.size());
  for (std::size_t tries = 0; tries < bytes.size() && !std::isdigit(static_cast<unsigned char>(bytes[at])); ++tries)
    at = (at + 1) % bytes.size();
  bytes[at] = static_cast<char>('0' + random() % 10);
  return bytes;
}
