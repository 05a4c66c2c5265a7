// The door for rows of the store that cannot be read as they were written: a disk damaged them, or a hand.
// One of them never ends the process and never stops the others; it is reported here, and what it stands for
// is set aside.
#pragma once

#include <string>

namespace exposee {

struct RowTrouble {
  std::string table;  // as it is called in the data file
  std::string row;    // its key there
  std::string why;    // what is wrong, and what was done about it
};

// Any thread; must not block. The same row may be reported again and again: the sink names it once.
class RowTroubleSink {
 public:
  virtual ~RowTroubleSink() = default;
  virtual void row_in_trouble(const RowTrouble& trouble) = 0;
};

}  // namespace exposee
