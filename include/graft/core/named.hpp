#pragma once
#include <algorithm>
#include <graft/core/error.hpp>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace graft {

namespace detail {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// How many characters must be put in, taken out or replaced to make one word of the other; case does not count.
/// Levenshtein 1966.
inline std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) != lower(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace detail

/// True if both are the same word; ASCII letters may differ in case.
inline bool same_but_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return detail::lower(x) == detail::lower(y); });
}

/// Throws ArgumentError: `who` has no `kind` of this name, these are the names, and the nearest one if it is near.
[[noreturn]] inline void raise_unknown_name(std::string_view who, std::string_view kind, std::string_view name,
                                            const std::vector<std::string_view>& names) {
  std::string valid, hint;
  std::size_t least = 3;  // a word that differs in more is another word
  for (const std::string_view other : names) {
    (valid += valid.empty() ? "" : ", ") += other;
    const std::size_t distance = detail::edits(name, other);
    if (distance >= least || 2 * distance >= other.size()) continue;
    least = distance;
    hint = " Did you mean \"" + std::string(other) + "\"?";
  }
  raise<ArgumentError>(who, ": there is no ", kind, " \"", name, "\". The names are ", valid, ".", hint);
}

/// What a message calls the classes of one kind, and how they are named.
struct NameKind {
  std::string_view who;         ///< "Loss"
  std::string_view kind;        ///< "loss"
  std::string_view first = {};  ///< a name that stands for no class of its own, told before the others
  std::size_t told = 1;         ///< which of a class's names a message lists
  bool any_case = false;
};

/// A new object of the class T that has the name among its T::keras_names; of T::unread() where a class cannot be made
/// without options. Throws ArgumentError for a name that none of them has.
template <class Base, class... T>
std::shared_ptr<Base> make_one_of(const NameKind& kind, std::string_view name) {
  const auto named = [&](std::string_view own) { return kind.any_case ? same_but_case(own, name) : own == name; };
  Base* made = nullptr;
  const auto try_class = [&]<class Class>(std::type_identity<Class>) {
    if (made || std::none_of(std::begin(Class::keras_names), std::end(Class::keras_names), named)) return;
    if constexpr (requires { Class::unread(); })
      made = new Class(Class::unread());
    else
      made = new Class();
  };
  (try_class(std::type_identity<T>{}), ...);
  if (made) return std::shared_ptr<Base>(made);
  std::vector<std::string_view> names;
  if (!kind.first.empty()) names.push_back(kind.first);
  (names.push_back(T::keras_names[kind.told]), ...);
  raise_unknown_name(kind.who, kind.kind, name, names);
}

}  // namespace graft
