// The body of a response: bytes that the response owns, bytes that several responses share, or bytes of the
// program itself. Only the first cost memory for each client that reads slowly: embedded files are sent from
// where they lie. A value, cheap to move; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace exposee::http {

class Body {
 public:
  using Shared = std::shared_ptr<const std::string>;

  Body() = default;
  Body(std::string owned) : bytes_(std::move(owned)) {}
  Body(const char* owned) : bytes_(std::string(owned)) {}
  // `lasting` stays where it is for as long as the process runs.
  static Body of_program(std::string_view lasting) { return Body(Kind(lasting)); }
  static Body shared(Shared bytes) { return Body(Kind(std::move(bytes))); }

  std::string_view view() const {
    if (const auto* owned = std::get_if<std::string>(&bytes_)) return *owned;
    if (const auto* common = std::get_if<Shared>(&bytes_)) return **common;
    return std::get<std::string_view>(bytes_);
  }
  operator std::string_view() const { return view(); }
  std::size_t size() const { return view().size(); }
  bool empty() const { return view().empty(); }
  void clear() { bytes_ = std::string(); }

  // Memory that goes when this response goes; for shared bytes, when the last response goes.
  std::size_t held_bytes() const {
    if (const auto* owned = std::get_if<std::string>(&bytes_)) return owned->capacity();
    return std::holds_alternative<Shared>(bytes_) ? view().size() : 0;
  }

 private:
  using Kind = std::variant<std::string, std::string_view, Shared>;
  explicit Body(Kind bytes) : bytes_(std::move(bytes)) {}

  Kind bytes_;
};

}  // namespace exposee::http
