#pragma once
#include <cstring>
#include <functional>
#include <graft/core/error.hpp>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace graft::io::detail {

/// Walks the groups, headers, attributes and heaps of an HDF5 file before HDF5 opens it: its C library trusts addresses
/// and counts that it reads, and a damaged or hostile file makes it read elsewhere. Takes the layout that h5py and HDF5
/// write by default (superblock 0 or 1); the newer one is refused. Source: HDF5 File Format Specification 3.0.
class Hdf5Check {
 public:
  using Read = std::function<void(std::uint64_t, std::span<std::byte>)>;

  /// `read` gives bytes of the file, which has `size`; `name` is what errors call it.
  Hdf5Check(Read read, std::uint64_t size, std::string name)
      : read_(std::move(read)), size_(size), name_(std::move(name)) {}

  /// Throws FileError.
  void run() {
    const Block super = block(0, 56, "superblock");
    const unsigned version = super.number<std::uint8_t>(8);
    if (version > 1)
      fail("is in HDF5's newer layout (superblock ", version, "). Write it with h5py's default, libver='earliest'");
    const std::uint64_t at = version == 1 ? 28 : 24;
    if (super.number<std::uint8_t>(13) != 8 || super.number<std::uint8_t>(14) != 8) damaged("superblock");
    leaf_ = 2 * std::uint64_t{super.number<std::uint16_t>(16)};
    internal_ = 2 * std::uint64_t{super.number<std::uint16_t>(18)};
    const Block addresses = block(at, 72, "superblock");
    if (addresses.number(0) != 0 || addresses.number(24) != none || leaf_ == 0 || internal_ == 0) damaged("superblock");
    if (addresses.number(16) > size_)
      fail("ends after ", size_, " of ", addresses.number(16), " bytes. Is the download incomplete?");
    size_ = addresses.number(16);
    entry(addresses.from(32), 0, 0);
  }

 private:
  static constexpr std::uint64_t none = ~std::uint64_t{0};
  static constexpr int deepest = 256;

  /// Some bytes of the file.
  struct Block {
    const Hdf5Check* check;
    std::vector<std::byte> bytes;
    const char* what;

    template <class T = std::uint64_t>
    T number(std::uint64_t at) const {
      if (at > bytes.size() || bytes.size() - at < sizeof(T)) check->damaged(what);
      T value;
      std::memcpy(&value, bytes.data() + at, sizeof value);
      return value;
    }
    Block from(std::uint64_t at) const {
      if (at > bytes.size()) check->damaged(what);
      return {check, {bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end()}, what};
    }
    bool begins(const char* signature) const {
      return bytes.size() >= 4 && std::memcmp(bytes.data(), signature, 4) == 0;
    }
  };
  struct Group {
    std::uint64_t tree, heap;
    bool operator==(const Group&) const = default;
  };

  Block block(std::uint64_t at, std::uint64_t n, const char* what) const {
    if (at > size_ || n > size_ - at) damaged(what);
    Block block{this, std::vector<std::byte>(n), what};
    if (n > 0) read_(at, block.bytes);
    return block;
  }
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<FileError>(name_, " ", parts..., ".");
  }
  [[noreturn]] void damaged(const char* what) const { fail("is damaged: its ", what, " cannot be right"); }
  /// Nothing may be reached twice, but for objects that have two names.
  void first_visit(std::uint64_t at, const char* what) {
    if (!visited_.insert(at).second) damaged(what);
  }

  // A line of a group's table: the name's place in the heap, the object's header, and what HDF5 keeps at hand of it.
  void entry(const Block& line, std::uint64_t names, int depth) {
    const auto kind = line.number<std::uint32_t>(16);
    if (kind > 2) damaged("group table");
    if (kind == 2) {  // a soft link, which the reader refuses by name
      if (line.number<std::uint32_t>(24) >= names) damaged("group table");
      return;
    }
    const std::uint64_t header = line.number(8);
    if (!objects_.contains(header)) objects_.insert_or_assign(header, object(header, depth));
    const Group group = objects_.at(header);
    if (kind == 1 && group.tree != none && group != Group{line.number(24), line.number(32)}) damaged("group table");
  }

  // An object's header: messages, in pieces. Gives the place of the group's names, if it is a group.
  Group object(std::uint64_t at, int depth) {
    if (!opened_.insert(at).second) fail("has a group that contains itself");
    if (depth > deepest) fail("has groups more than ", deepest, " deep");
    const Block head = block(at, 16, "object header");
    if (head.number<std::uint8_t>(0) != 1) damaged("object header");
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pieces{{at + 16, head.number<std::uint32_t>(8)}};
    Group group{none, none};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      first_visit(pieces[i].first, "object header");
      const Block piece = block(pieces[i].first, pieces[i].second, "object header");
      for (std::uint64_t p = 0; piece.bytes.size() - p >= 8;) {
        const auto type = piece.number<std::uint16_t>(p), length = piece.number<std::uint16_t>(p + 2);
        if (length > piece.bytes.size() - p - 8) damaged("object header");
        Block message = piece.from(p + 8);
        message.bytes.resize(length);
        if (type != 0 && (piece.number<std::uint8_t>(p + 4) & 2) != 0)
          fail("shares messages between objects, which Keras's files do not");
        if (type == 0x10) pieces.emplace_back(message.number(0), message.number(8));
        if (type == 0x11) group = {message.number(0), message.number(8)};
        if (type == 0x02) link_info(message);
        if (type == 0x06) link(message, depth);
        if (type == 0x15) fail("has attributes in HDF5's newer layout. Write it with libver='earliest'");
        if (type == 0x01) check_space(message);
        if (type == 0x03) check_type(message, 0);
        if (type == 0x0c) attribute(message);
        p += 8 + length;
      }
    }
    if (group.tree != none || group.heap != none) {
      const Block heap = block(group.heap, 32, "local heap");
      if (!heap.begins("HEAP")) damaged("local heap");
      const std::uint64_t names = heap.number(8), where = heap.number(24);
      if (where > size_ || names > size_ - where || names == 0) damaged("local heap");
      std::byte last{};
      read_(where + names - 1, std::span(&last, 1));
      if (last != std::byte{0}) damaged("local heap");  // so that every name ends inside
      table(group.tree, -1, names, depth + 1);
    }
    return group;
  }

  // A group with a name that is not ASCII lists its links in messages, or elsewhere if they are many.
  void link_info(const Block& message) const {
    const std::uint64_t heap = message.number((message.number<std::uint8_t>(1) & 1) != 0 ? 10 : 2);
    if (heap != none)
      fail("has a group with many names, not all of them ASCII. Rename its layers, or save a .weights.h5");
  }
  void link(const Block& message, int depth) {
    const unsigned flags = message.number<std::uint8_t>(1);
    std::uint64_t p = 2;
    const bool hard = (flags & 8) == 0 || message.number<std::uint8_t>(p) == 0;
    p += (flags & 8) != 0 ? 1 : 0;
    p += ((flags & 4) != 0 ? 8u : 0u) + ((flags & 16) != 0 ? 1u : 0u);
    const unsigned width = 1u << (flags & 3);  // of the name's length
    std::uint64_t length = 0;
    for (unsigned i = 0; i < width; ++i) length |= std::uint64_t{message.number<std::uint8_t>(p + i)} << (8 * i);
    if (length == 0 || length > message.bytes.size()) damaged("link");
    if (!hard) {  // the reader refuses it by name
      message.from(p + width + length + 2 + message.number<std::uint16_t>(p + width + length));
      return;
    }
    const std::uint64_t header = message.number(p + width + length);
    if (!objects_.contains(header)) objects_.insert_or_assign(header, object(header, depth + 1));
  }

  // A node of a group's tree (version 1) and all below it; `names` is the size of the heap that its keys point into.
  void table(std::uint64_t at, int level, std::uint64_t names, int depth) {
    first_visit(at, "group tree");
    const Block node = block(at, 32 + 16 * internal_, "group tree");
    const int found = node.number<std::uint8_t>(5);
    const std::uint64_t used = node.number<std::uint16_t>(6);
    if (!node.begins("TREE") || node.number<std::uint8_t>(4) != 0 || used > internal_ ||
        (level >= 0 && found != level) || found > 64)
      damaged("group tree");
    for (std::uint64_t i = 0; i <= used; ++i)
      if (node.number(24 + 16 * i) >= std::max<std::uint64_t>(names, 1)) damaged("group tree");
    for (std::uint64_t i = 0; i < used; ++i) {
      const std::uint64_t child = node.number(32 + 16 * i);
      found > 0 ? table(child, found - 1, names, depth) : symbols(child, names, depth);
    }
  }
  void symbols(std::uint64_t at, std::uint64_t names, int depth) {
    first_visit(at, "group table");
    const Block node = block(at, 8 + 40 * leaf_, "group table");
    const std::uint64_t used = node.number<std::uint16_t>(6);
    if (!node.begins("SNOD") || used > leaf_) damaged("group table");
    for (std::uint64_t i = 0; i < used; ++i) {
      if (node.number(8 + 40 * i) >= names) damaged("group table");
      entry(node.from(8 + 40 * i), names, depth);
    }
  }

  // The kind of a type: 0 whole number, 1 float, 3 string, 9 strings of any length. HDF5 reads what follows it
  // unchecked.
  unsigned check_type(const Block& type, int inside) const {
    const unsigned kind = type.number<std::uint8_t>(0) & 15u;
    const bool known = kind == 0 || kind == 1 || kind == 3 || (kind == 9 && inside == 0);
    if (!known) fail("has data that are neither numbers nor strings");
    if (kind == 0) type.from(12);
    if (kind == 1) type.from(20);
    if (kind == 9) check_type(type.from(8), 1);
    return kind;
  }
  // The number of elements that the axes make.
  std::uint64_t check_space(const Block& space) const {
    const unsigned version = space.number<std::uint8_t>(0), rank = space.number<std::uint8_t>(1);
    const bool limits = (space.number<std::uint8_t>(2) & 1) != 0;
    if (version < 1 || version > 2 || rank > 32) damaged("shape");
    const std::uint64_t first = version == 1 ? 8 : 4;
    std::uint64_t n = 1;
    for (std::uint64_t i = 0; i < rank; ++i)
      if (__builtin_mul_overflow(n, space.number(first + 8 * i), &n)) n = none;
    space.from(first + 8 * rank * (limits ? 2u : 1u));
    return n;
  }

  // Its parts fit its message, and strings of any length point to what the global heap holds.
  void attribute(const Block& message) {
    const unsigned version = message.number<std::uint8_t>(0);
    if (version < 1 || version > 3 || (version > 1 && message.number<std::uint8_t>(1) != 0)) damaged("attribute");
    const auto padded = [&](std::uint64_t n) { return version == 1 ? (n + 7) / 8 * 8 : n; };
    const std::uint64_t type = (version == 3 ? 9u : 8u) + padded(message.number<std::uint16_t>(2));
    const std::uint64_t space = type + padded(message.number<std::uint16_t>(4));
    const Block data = message.from(space + padded(message.number<std::uint16_t>(6)));
    const auto part = [&](std::uint64_t at, std::uint64_t n) {
      Block cut = message.from(at);
      if (n > cut.bytes.size()) damaged("attribute");
      cut.bytes.resize(n);
      return cut;
    };
    const unsigned kind = check_type(part(type, message.number<std::uint16_t>(4)), 0);
    const std::uint64_t n = check_space(part(space, message.number<std::uint16_t>(6)));
    const std::uint64_t width = message.number<std::uint32_t>(type + 4);
    if (n > 0 && (width == 0 || n > data.bytes.size() / width)) damaged("attribute");
    if (kind != 9) return;
    if (width != 16) damaged("attribute");
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t length = data.number<std::uint32_t>(16 * i), heap = data.number(16 * i + 4);
      if (length == 0) continue;
      const auto& objects = global_heap(heap);
      const auto object = objects.find(data.number<std::uint32_t>(16 * i + 12));
      if (object == objects.end() || object->second < length || (spent_ += length) > size_) damaged("global heap");
    }
  }
  // The sizes of a heap's objects, by number.
  const std::map<std::uint32_t, std::uint64_t>& global_heap(std::uint64_t at) {
    if (const auto found = heaps_.find(at); found != heaps_.end()) return found->second;
    auto& objects = heaps_[at];
    const Block head = block(at, 16, "global heap");
    const std::uint64_t size = head.number(8);
    if (!head.begins("GCOL") || size < 4096 || at > size_ || size > size_ - at) damaged("global heap");
    for (std::uint64_t p = 16; size - p >= 16;) {
      const Block object = block(at + p, 16, "global heap");
      const auto index = object.number<std::uint16_t>(0);
      const std::uint64_t length = object.number(8), whole = index == 0 ? length : 16 + (length + 7) / 8 * 8;
      if (length > size || whole > size - p || whole < 16) damaged("global heap");
      if (index != 0 && !objects.emplace(index, length).second) damaged("global heap");
      p += whole;
    }
    return objects;
  }

  Read read_;
  std::uint64_t size_;
  std::string name_;
  std::uint64_t leaf_ = 0, internal_ = 0;
  std::uint64_t spent_ = 0;  ///< bytes of strings: heaps may not be read again and again
  std::set<std::uint64_t> visited_, opened_;
  std::map<std::uint64_t, Group> objects_;
  std::map<std::uint64_t, std::map<std::uint32_t, std::uint64_t>> heaps_;
};

}  // namespace graft::io::detail
