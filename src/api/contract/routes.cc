// The contract's eight calls. Their summaries and answers are the contract's words.
#include "api/wire/routes.h"

namespace exposee::api {
namespace {

using http::Method;

constexpr std::string_view kWebhooks = "original calls", kUsers = "users and messages";

ParameterDoc event_filter() {
  return {"event_filter", "query", "Only this event; the name must match exactly. Empty: all events.",
          R"({"type":"string","pattern":"^([a-z_][a-z0-9_]*)?$","default":""})"};
}

Route register_route() {
  return {
      Method::post,
      "/webhook",
      register_webhook,
      "registerWebhook",
      kWebhooks,
      "Register a URL for an event",
      "Exposee sends the event to the URL by POST from now on. The response contains the signing secret when "
      "the URL is new. Frozen: new integrations should use POST /v1/endpoints.",
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
          "Any spelling of the URL is accepted. After this call returns, no new attempt starts.",
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
          "Lists every event, including those without URLs; URLs are in the order of registration.",
          "",
          false,
          {event_filter()},
          {{200, "The events and their URLs", "WebhookList"},
           {404, "Unknown event, or it has no URLs", "Error"}}};
}

Route ping_route() {
  return {
      Method::post,
      "/ping",
      ping_webhooks,
      "pingWebhooks",
      kWebhooks,
      "Send a test POST to every registered URL",
      "Waits for all responses (sent in parallel, each limited by the delivery time-out) and reports them. "
      "The body may be any JSON object and becomes the payload; without one a default is sent.",
      "PingPayload",
      false,
      {event_filter()},
      {{200, "The response of every receiver", "PingReport"},
       {404, "Unknown event, or it has no URLs", "Error"},
       {422, "The payload is not an object, or there are too many receivers for one call",
        "ValidationError"}}};
}

Route register_user_route() {
  return {
      Method::post,
      "/users",
      register_user,
      "registerUser",
      kUsers,
      "Register a user",
      "Usernames are unique ignoring case and stored in lower case. Publishes the event `user_registered`.",
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
          "Oldest first.",
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
          "Sender and recipient are found ignoring case. Publishes the event `user_send_message`.",
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
          "Oldest first.",
          "",
          false,
          {{"recipient", "query", "Username, in upper or lower case.",
            R"({"type":"string","pattern":"^[^\\u0000]*$","examples":["bob"]})", true}},
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
