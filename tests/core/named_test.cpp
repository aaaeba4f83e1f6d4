#include <graft/core/named.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

struct Animal {
  virtual ~Animal() = default;
  virtual int legs() const = 0;
};
struct Elephant : Animal {
  static constexpr std::string_view keras_names[] = {"Elephant", "elephant", "jumbo"};
  int legs() const override { return 4; }
};
struct Millipede : Animal {
  static constexpr std::string_view keras_names[] = {"Millipede", "millipede"};
  explicit Millipede(int legs) : legs_(legs) {}
  static Millipede unread() { return Millipede(750); }
  int legs() const override { return legs_; }
  int legs_;
};

std::shared_ptr<Animal> make(std::string_view name, bool any_case = false) {
  return make_one_of<Animal, Elephant, Millipede>(
      {.who = "Zoo", .kind = "animal", .first = "pet", .any_case = any_case}, name);
}

}  // namespace

TEST_CASE("A class is made by each of its names", "[core][named]") {
  for (const char* name : {"Elephant", "elephant", "jumbo"}) CHECK(make(name)->legs() == 4);
  CHECK(make("millipede")->legs() == 750);
  CHECK(make("ELEPHANT", true)->legs() == 4);
}

TEST_CASE("An unknown name is told with those that there are and the nearest one", "[core][named]") {
  const std::string names = " The names are pet, elephant, millipede.";
  CHECK_THROWS_MATCHES(make("whale"), ArgumentError, Message("Zoo: there is no animal \"whale\"." + names));
  CHECK_THROWS_MATCHES(make(""), ArgumentError, Message("Zoo: there is no animal \"\"." + names));
  for (const char* near : {"elefant", "ELEPHANT", "elephants", "eleph ant"})
    CHECK_THROWS_MATCHES(
        make(near), ArgumentError,
        Message("Zoo: there is no animal \"" + std::string(near) + "\"." + names + " Did you mean \"elephant\"?"));
  // Two edits make anything of a short word.
  CHECK_THROWS_MATCHES(make("rat"), ArgumentError, Message("Zoo: there is no animal \"rat\"." + names));
}

TEST_CASE("Words are as far apart as the letters that differ", "[core][named]") {
  CHECK(detail::edits("kitten", "sitting") == 3);
  CHECK(detail::edits("", "abc") == 3);
  CHECK(detail::edits("abc", "") == 3);
  CHECK(detail::edits("Adam", "adam") == 0);
  CHECK(detail::edits("ab", "ba") == 2);
}
