// The contract's eight calls. Their summaries and answers are the contract's words.
#include "api/routes.h"

namespace exposee::api {
namespace {

using http::Method;

constexpr std::string_view kWebhooks = "webhooks", kUsers = "users";

ParameterDoc event_filter() {
  return {"event_filter", "query", "Only this event, compared exactly, case included. Empty: all events.",
          R"({"type":"string","default":""})"};
}

Route register_route() {
  return {Method::post,
          "/webhook",
          register_webhook,
          "registerWebhook",
          kWebhooks,
          "Register a URL for an event",
          "From now on the event is sent to the URL by POST. The answer shows the signing secret when the "
          "URL is new.",
          "WebhookRequest",
          true,
          {},
          {{200, "Registered", "WebhookRegistered"},
           {400, "Already registered", "Error"},
           {404, "Unknown event", "Error"},
           {422, "Invalid body", "ValidationError"}},
          true};
}

Route unregister_route() {
  return {Method::del,
          "/webhook",
          unregister_webhook,
          "unregisterWebhook",
          kWebhooks,
          "Unregister a URL from an event",
          "Any spelling of the URL will do. Once this answered, no further attempt starts.",
          "WebhookRequest",
          true,
          {},
          {{204, "Unregistered", ""},
           {404, "Unknown event, or the URL is not registered for it", "Error"},
           {422, "Invalid body", "ValidationError"}}};
}

Route list_route() {
  return {Method::get,
          "/webhooks",
          list_webhooks,
          "listWebhooks",
          kWebhooks,
          "List events and their URLs",
          "Every event is listed, also one without URLs; URLs stand in the order of registration.",
          "",
          false,
          {event_filter()},
          {{200, "The events and their URLs", "WebhookList"},
           {404, "Unknown event, or it has no URLs", "Error"}}};
}

Route ping_route() {
  return {Method::post,
          "/ping",
          ping_webhooks,
          "pingWebhooks",
          kWebhooks,
          "Send a test POST to every registered URL",
          "Waits for all answers, in parallel and bounded by the delivery time-out, and reports them. The "
          "body, any JSON "
          "object, is the payload; without one a default is sent.",
          "PingPayload",
          false,
          {event_filter()},
          {{200, "What every receiver answered", "PingReport"},
           {404, "Unknown event, or it has no URLs", "Error"},
           {422, "The payload is no object", "ValidationError"}}};
}

Route register_user_route() {
  return {Method::post,
          "/users",
          register_user,
          "registerUser",
          kUsers,
          "Register a user",
          "Usernames are unique ignoring case and stored in lower case. Occurs as event `user_registered`.",
          "UserRequest",
          true,
          {},
          {{200, "The new user", "User"},
           {400, "Username taken", "Error"},
           {422, "Invalid body", "ValidationError"}},
          true};
}

Route list_users_route() {
  return {Method::get,
          "/users",
          list_users,
          "listUsers",
          kUsers,
          "List users",
          "In the order of registration.",
          "",
          false,
          {},
          {{200, "All users", "UserList"}}};
}

Route send_route() {
  return {Method::post,
          "/users/messages",
          send_message,
          "sendMessage",
          kUsers,
          "Send a message to a user",
          "Sender and recipient are found ignoring case. Occurs as event `user_send_message`.",
          "MessageRequest",
          true,
          {},
          {{200, "The message", "Message"},
           {400, "Unknown sender or recipient, or both are the same", "Error"},
           {422, "Invalid body", "ValidationError"}},
          true};
}

Route messages_route() {
  return {Method::get,
          "/users/messages",
          list_messages,
          "listMessages",
          kUsers,
          "List the messages of a recipient",
          "In the order of receipt.",
          "",
          false,
          {{"recipient", "query", "Username, in any case.", R"({"type":"string","default":"bob"})", true}},
          {{200, "The messages", "MessageList"},
           {400, "Unknown recipient", "Error"},
           {422, "The recipient is missing", "ValidationError"}}};
}

}  // namespace

std::vector<Route> contract_routes() {
  return {register_route(),      unregister_route(), list_route(), ping_route(),
          register_user_route(), list_users_route(), send_route(), messages_route()};
}

}  // namespace exposee::api
