#include "app/log/trouble_log.h"

namespace exposee::app {

void TroubleLog::row_in_trouble(const RowTrouble& trouble) {
  if (!is_new(trouble)) return;
  log_.error("a row of the data file is damaged",
             {{"table", std::string_view(trouble.table)},
              {"row", std::string_view(trouble.row)},
              {"why", std::string_view(trouble.why)},
              {"hint", std::string_view("Restore a backup if it matters.")}});
}

std::size_t TroubleLog::count() const {
  const std::scoped_lock lock(mutex_);
  return named_.size();
}

bool TroubleLog::is_new(const RowTrouble& trouble) {
  const std::scoped_lock lock(mutex_);
  if (named_.size() > kMostTroublesNamed) return false;
  if (!named_.insert(trouble.table + '\n' + trouble.row + '\n' + trouble.why).second) return false;
  if (named_.size() <= kMostTroublesNamed) return true;
  log_.error("more rows of the data file are damaged; they are not named");
  return false;
}

}  // namespace exposee::app
