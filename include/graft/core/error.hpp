#pragma once
#include <sstream>
#include <stdexcept>
#include <string>

namespace graft {

/// What every error of graft derives from. The message names who, the rule, the value received and the fix.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An option or argument has a value outside its rule.
class ArgumentError : public Error {
 public:
  using Error::Error;
};

/// A tensor's shape does not fit.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A call came in the wrong order, such as fit() before compile().
class StateError : public Error {
 public:
  using Error::Error;
};

/// A file is missing, unreadable or not what it claims to be.
class FileError : public Error {
 public:
  using Error::Error;
};

/// Throws E with the parts written one after the other by operator<<.
template <class E, class... Parts>
[[noreturn]] void raise(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw E(message.str());
}

}  // namespace graft
