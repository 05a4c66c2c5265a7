// Who may call what from where, judged once for every call and before anything of it is done (promises section
// 4): the Host header against the names of this server (DNS rebinding), and the Origin header, by which browsers
// say whose page makes the call. An origin is *own* when it is server.public_url's, or when scheme aside it is
// what a Host of ours names; every other one is *foreign*: "null", other ports, other schemes, what cannot be
// read, and more than one. Owned by Api; immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/access/origin.h"
#include "api/options.h"
#include "api/wire/replier.h"
#include "api/wire/call.h"
#include "api/wire/problem.h"
#include "api/wire/route.h"
#include "http/message.h"

namespace exposee::api {

// What is known of a caller before its call is looked at.
struct Caller {
  bool foreign_page = false;       // a page of another origin calls
  Cors cors;                       // what every reply to it carries
  std::optional<Problem> refusal;  // why it is refused, whatever the call
};

// By whose rules, and in whose words, a call is answered: v1's are those of /metrics as well. Of a request's path
// as it was sent. Escaped characters are the characters they stand for, as in the router:
// no spelling of a path of /v1 is anything else.
Family family_of(std::string_view path);

class Access {
 public:
  explicit Access(const ApiOptions& options);

  void read_origins();  // of the options, which may have changed

  // `scope`: of the call that is asked for.
  Caller judge(const http::Request& request, Family family, Scope scope) const;

  // How this client calls this server, for documents: server.public_url, else the Host that it asked when that
  // is plain and ours.
  std::string base_url_for(const http::Request& request) const;

 private:
  bool is_own(const Origin& origin, std::string_view host) const;
  Cors cors_for(const http::Request& request, Family family, std::optional<std::string_view> origin,
                bool foreign) const;
  bool is_allowed(const std::optional<Origin>& origin) const;

  const ApiOptions& options_;
  bool any_origin_ = false;             // cors.allow_origins has "*"
  std::vector<Origin> allowed_;       // else these
  std::optional<Origin> public_url_;  // its origin
};

}  // namespace exposee::api
