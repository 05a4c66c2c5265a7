#include "cli/print/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/terminal.h"

namespace exposee::cli {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::green:
      return "\x1b[32m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::faint:
      return "\x1b[2m";
    case Colour::none:
      break;
  }
  return "";
}

// In characters: all bytes but those that continue one.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  return widths;
}

std::string shown(const Cell& cell, bool coloured) {
  if (!coloured || cell.colour == Colour::none) return cell.text;
  return fmt::format("{}{}\x1b[0m", code_of(cell.colour), cell.text);
}

}  // namespace

std::string columns(const std::vector<Row>& rows, bool coloured, std::size_t indent) {
  const auto widths = widths_of(rows);
  std::string out;
  for (const Row& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - width_of(row[i].text), ' ');
      line += row[i].to_right ? blanks + shown(row[i], coloured) : shown(row[i], coloured) + blanks;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

bool coloured(const World& world) {
  return wants_colour(world.out_is_terminal, world.environment);
}

Colour colour_of_status(std::string_view status) {
  if (status == "succeeded" || status == "active") return Colour::green;
  if (status == "exhausted" || status == "failing" || status == "disabled") return Colour::red;
  if (status == "cancelled" || status == "paused") return Colour::faint;
  return Colour::yellow;
}

std::string short_duration(double millis) {
  if (millis < 0) return {};
  return millis < 1000 ? fmt::format("{:.0f} ms", millis) : fmt::format("{:.1f} s", millis / 1000);
}

std::string short_time(std::string_view iso) {
  constexpr std::size_t kDay = 10, kToTheSecond = 19;
  if (iso.size() < kToTheSecond) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, kDay), iso.substr(kDay + 1, kToTheSecond - kDay - 1));
}

}  // namespace exposee::cli
