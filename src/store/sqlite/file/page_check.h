// The checksum that every page of a data file ends with, so that damage is noticed when the page is read and never used.
// It takes the 8 bytes that the file's header says are reserved; files that were made without them have none, until they
// are written anew (a backup does). https://sqlite.org/fileformat.html. Values only; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace exposee::store {

inline constexpr int kPageCheckBytes = 8;

// What the header of a file says of its pages; zero bytes: this is not a header.
struct PageFormat {
  std::uint32_t bytes = 0;
  bool checked = false;
};
// `begin`: at least the first 100 bytes of the file.
PageFormat page_format(std::span<const unsigned char> begin);
inline constexpr std::size_t kHeaderBytes = 100;

// `at`: where the page begins in its file; a page in another's place is damage too.
void stamp_page(std::span<unsigned char> page, std::uint64_t at);
bool is_page_whole(std::span<const unsigned char> page, std::uint64_t at);
// Of a first page that says that pages have no checksums: whether it lies.
bool hides_checksum(std::span<const unsigned char> first_page);

// What a file's own header says. Error: unavailable; damaged.
Result<PageFormat> format_of(const std::string& file);

// Whether there is any for accept_pages().
bool has_wrong_pages(const std::string& file);

// Gives every page of the file whose checksum is wrong the right one for what it holds, and makes that durable: for who
// accepts the data as it is. Which those were, counted from 1. Error: unavailable, full.
Result<std::vector<std::uint64_t>> accept_pages(const std::string& file);

}  // namespace exposee::store
