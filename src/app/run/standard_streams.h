// Descriptors 0 to 2, before anything is opened.
#pragma once

namespace exposee::app {

// A process may be started with one of them closed. The next file that it opens would get that number, and what is
// written to the stream would go into that file: a log into the data. So each that is closed leads to /dev/null
// from here on. Main thread, first of all.
void open_standard_streams();

}  // namespace exposee::app
