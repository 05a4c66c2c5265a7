#include "engine/turn/replies.h"

#include <utility>

namespace exposee::engine {
namespace {

Reply refusal_of(Inspect&, const Refused&) {
  return {};
}
Reply refusal_of(ReceiversResponded&, const Refused&) {
  return {};
}
Reply refusal_of(PublishBatch& batch, const Refused& refused) {
  return batch.refuse(refused);
}
template <class C>
Reply refusal_of(C& command, const Refused& refused) {
  return command.reply.render(std::unexpected(refused));
}

void tell(Inspect& inspect, Reply&&, const EngineView& view) {
  inspect.look(view);
}
void tell(ReceiversResponded&, Reply&&, const EngineView&) {}
void tell(PublishBatch& batch, Reply&& reply, const EngineView&) {
  batch.deliver(std::move(reply));
}
template <class C>
void tell(C& command, Reply&& reply, const EngineView&) {
  command.reply.deliver(std::move(reply));
}

}  // namespace

void deliver_replies(std::vector<Command>& commands, std::vector<Reply>& replies, const EngineView& view) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    std::visit([&](auto& c) { tell(c, std::move(replies[i]), view); }, commands[i]);
  }
}

void refuse_commands(std::vector<Command>& commands, const Refused& refused, const EngineView& view) {
  for (auto& command : commands) {
    std::visit([&](auto& c) { tell(c, refusal_of(c, refused), view); }, command);
  }
}

}  // namespace exposee::engine
