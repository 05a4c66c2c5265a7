#include "app/log/chore_log.h"

namespace exposee::app {
namespace {

struct Words {
  std::string_view failed, recovered;
};

// What failed, and what that means; the error says why, and its hint what to do.
Words words_of(StoreChore chore) {
  switch (chore) {
    case StoreChore::log_mark:
      return {
          "cannot note how far the database's log is on disk; nothing is lost, but if that log were damaged "
          "now, the next start might not notice it",
          "how far the database's log is on disk is noted again"};
    case StoreChore::log_copy:
      return {
          "cannot copy the database's log into the data file; nothing is lost, the log grows until it can be "
          "copied",
          "the database's log is copied into the data file again"};
    case StoreChore::log_end:
      break;
  }
  return {
      "could not merge the database's log into the data file at the end; nothing is lost, the next start "
      "does it: keep the files together",
      "the database's log is merged into the data file again"};
}

}  // namespace

void ChoreLog::chore_failed(StoreChore chore, const Error& error) {
  log_.warn(words_of(chore).failed,
            {{"error", std::string_view(error.message)}, {"hint", std::string_view(error.hint)}});
}

void ChoreLog::chore_recovered(StoreChore chore) {
  log_.info(words_of(chore).recovered);
}

}  // namespace exposee::app
