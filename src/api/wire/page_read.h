// A page of a list of events or deliveries, read in steps. The store bounds what one step looks at, however
// little of it is wanted; so a page is read on until it is full, nothing is left, or a moment has passed.
// Between two steps other reads have their turn (read_pool.h). A cursor stands for what was not looked at.
// One object a page; reading threads, one at a time.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "api/wire/call.h"
#include "ports/store.h"

namespace exposee::api {

// A step that comes later than this after the first does not look any further: so long a person waits gladly,
// and some hundred thousand events are looked through.
constexpr Duration kPageTime{100'000};

inline Result<EventPage> read_some(Reader& reader, const EventFilter& filter) {
  return reader.events(filter);
}
inline Result<DeliveryPage> read_some(Reader& reader, const DeliveryFilter& filter) {
  return reader.deliveries(filter);
}
inline std::vector<EventView>& rows_of(EventPage& page) {
  return page.events;
}
inline std::vector<DeliveryView>& rows_of(DeliveryPage& page) {
  return page.deliveries;
}

template <class Filter, class Page>
class PageRead : public std::enable_shared_from_this<PageRead<Filter, Page>> {
 public:
  using Done = std::function<void(Reader& reader, const Result<Page>& page)>;

  // `context` outlives it.
  PageRead(Context& context, const Replier& answer, const Filter& filter, Done done)
      : context_(context),
        answer_(answer),
        filter_(filter),
        done_(std::move(done)),
        until_(context.clock.monotonic() + kPageTime) {}

  void step(Reader& reader) {
    auto some = read_some(reader, filter_);
    if (!some && !page_.next) return done_(reader, some);
    if (some) take(*some);
    if (!some || is_over()) return done_(reader, page_);  // what cannot be read is told when it is asked for
    go_on_reading(context_, answer_, [self = this->shared_from_this()](Reader& next) { self->go_on(next); });
  }

 private:
  void go_on(Reader& reader) { is_late() ? done_(reader, page_) : step(reader); }
  void take(Page& some) {
    auto& rows = rows_of(page_);
    filter_.limit -= static_cast<std::uint32_t>(rows_of(some).size());
    rows.insert(rows.end(), rows_of(some).begin(), rows_of(some).end());
    filter_.before = page_.next = some.next;
  }
  bool is_over() const { return !page_.next || filter_.limit == 0 || is_late(); }
  bool is_late() const { return context_.clock.monotonic() >= until_; }

  Context& context_;
  const Replier answer_;
  Filter filter_;  // of what is still wanted
  const Done done_;
  const Duration until_;
  Page page_;
};

// `done` gets the page, or why there is none.
template <class Page, class Filter, class Done>
void read_page(Context& context, Reader& reader, const Replier& answer, const Filter& filter, Done&& done) {
  std::make_shared<PageRead<Filter, Page>>(context, answer, filter, std::forward<Done>(done))->step(reader);
}

}  // namespace exposee::api
