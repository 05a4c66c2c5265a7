#include "api/v1/setting_json.h"

#include <fmt/format.h>

#include "core/retry_schedule.h"

namespace exposee::api {
namespace {

using std::chrono::milliseconds;

// --- bodies ---------------------------------------------------------------------------------------------

// A whole, not negative number of milliseconds.
std::optional<milliseconds> duration_from(const JsonElement& element) {
  std::int64_t count = 0;
  if (element.get(count) != simdjson::SUCCESS || count < 0) return std::nullopt;
  if (count > milliseconds(kMaxHorizon).count()) return std::nullopt;
  return milliseconds(count);
}

// Reads the one member that is there.
class Reader {
 public:
  Reader(V1Body& body, std::string_view name, const JsonElement& element, SettingChanges& changes)
      : body_(body), name_(name), element_(element), changes_(changes) {}

  void operator()(const TextSetting& kind) {
    if (const auto text = body_.text(name_, kind.max_bytes)) changes_.set(kind.member, std::string(*text));
  }

  void operator()(const FlagSetting& kind) {
    if (const auto flag = body_.flag(name_)) changes_.set(kind.member, *flag);
  }

  void operator()(const CountSetting& kind) {
    std::int64_t count = 0;
    if (element_.is_null()) {
      changes_.set(kind.member, 0);
    } else if (element_.get(count) == simdjson::SUCCESS && count >= 1 && count <= kind.most) {
      changes_.set(kind.member, static_cast<std::uint32_t>(count));
    } else {
      refuse(fmt::format("must be a whole number from 1 to {}, or null", kind.most));
    }
  }

  void operator()(const SpanSetting& kind) {
    if (element_.is_null()) {
      changes_.set(kind.member, std::nullopt);
    } else if (const auto span = duration_from(element_); span && *span >= kind.least && *span <= kind.most) {
      changes_.set(kind.member, span);
    } else {
      refuse(fmt::format("must be a whole number from {} to {}, or null", kind.least.count(),
                         kind.most.count()));
    }
  }

  void operator()(const ScheduleSetting& kind) {
    simdjson::dom::array items;
    if (element_.is_null()) {
      changes_.set(kind.member, std::nullopt);
    } else if (element_.get(items) == simdjson::SUCCESS) {
      changes_.set(kind.member, schedule_from(items));
    } else {
      refuse("must be an array of waits in milliseconds before attempts 2, 3 and so on");
    }
  }

 private:
  RetrySchedule schedule_from(const simdjson::dom::array& items) {
    RetrySchedule schedule;
    for (const auto item : items) {
      const auto wait = duration_from(item);
      if (!wait) {
        body_.refuse(fmt::format("{}/{}", pointer_to(name_), schedule.waits.size()),
                     fmt::format("must be a whole number of milliseconds, at most {}",
                                 milliseconds(kMaxHorizon).count()));
      }
      schedule.waits.push_back(wait.value_or(milliseconds(1)));
    }
    if (const auto good = check_schedule(schedule); !good) refuse(good.error().message);
    return schedule;
  }
  void refuse(std::string message) { body_.refuse(pointer_to(name_), std::move(message)); }

  V1Body& body_;
  std::string_view name_;
  const JsonElement& element_;
  SettingChanges& changes_;
};

// --- replies --------------------------------------------------------------------------------------------

void write(const std::string& text, JsonWriter& json) {
  json.value(text);
}
void write(bool flag, JsonWriter& json) {
  json.value(flag);
}
void write(std::uint32_t count, JsonWriter& json) {
  count == 0 ? json.null() : json.value(std::uint64_t{count});
}
void write(milliseconds span, JsonWriter& json) {
  json.value(std::int64_t{span.count()});
}
void write(const RetrySchedule& schedule, JsonWriter& json) {
  json.begin_array();
  for (const auto wait : schedule.waits) write(wait, json);
  json.end_array();
}
template <class T>
void write(const std::optional<T>& value, JsonWriter& json) {
  value ? write(*value, json) : void(json.null());
}

void write_value(const EndpointSetting& row, const EndpointSettings& settings, JsonWriter& json) {
  std::visit([&](const auto& kind) { write(settings.*kind.member, json); }, row.kind);
}

// --- schemas --------------------------------------------------------------------------------------------

// Writes what a value may be; its bounds are shown where it is set.
class TypeWriter {
 public:
  TypeWriter(SchemaUse use, JsonWriter& json) : asked_(use != SchemaUse::reply), json_(json) {}

  void operator()(const TextSetting& kind) {
    json_.member("type", "string");
    if (asked_) json_.member("maxLength", std::uint64_t{kind.max_bytes});
  }
  void operator()(const FlagSetting&) { json_.member("type", "boolean"); }
  void operator()(const CountSetting& kind) {
    type_or_null("integer");
    if (asked_) json_.member("minimum", 1).member("maximum", std::uint64_t{kind.most});
  }
  void operator()(const SpanSetting& kind) {
    type_or_null("integer");
    if (!asked_) return;
    json_.member("minimum", std::int64_t{kind.least.count()});
    json_.member("maximum", std::int64_t{kind.most.count()});
  }
  void operator()(const ScheduleSetting&) {
    type_or_null("array");
    json_.key("items").begin_object().member("type", "integer");
    if (asked_) json_.member("minimum", 1);
    json_.end_object();
  }

 private:
  void type_or_null(std::string_view type) {
    json_.key("type").begin_array().value(type).value("null").end_array();
  }

  bool asked_;
  JsonWriter& json_;
};

std::string description_of(const EndpointSetting& row, SchemaUse use) {
  if (use == SchemaUse::reply) return std::string(row.response_text);
  std::string text(row.request_text);
  const bool is_flag = std::holds_alternative<FlagSetting>(row.kind);
  if (is_flag && use == SchemaUse::creation) text += " Left out: false.";
  return text;
}

// Booleans need no example.
bool has_example(const EndpointSetting& row, SchemaUse use) {
  return use != SchemaUse::reply && !std::holds_alternative<FlagSetting>(row.kind);
}

void write_property(const EndpointSetting& row, SchemaUse use, JsonWriter& json) {
  json.key(row.name).begin_object();
  std::visit(TypeWriter(use, json), row.kind);
  if (const auto text = description_of(row, use); !text.empty()) json.member("description", text);
  if (has_example(row, use)) {
    EndpointSettings example;
    set_example(row, example);
    json.key("examples").begin_array();
    write_value(row, example, json);
    json.end_array();
  }
  json.end_object();
}

std::string without_brackets(std::string json) {
  return json.substr(1, json.size() - 2);
}

}  // namespace

SettingRows settings_before_events() {
  return endpoint_settings().first(1);
}

SettingRows settings_after_events() {
  return endpoint_settings().subspan(settings_before_events().size());
}

std::vector<std::string_view> names_with_settings(std::initializer_list<std::string_view> first,
                                                  std::initializer_list<std::string_view> last) {
  std::vector<std::string_view> names(first);
  for (const auto& row : endpoint_settings()) names.push_back(row.name);
  names.insert(names.end(), last);
  return names;
}

SettingChanges read_settings(V1Body& body) {
  SettingChanges changes;
  for (const auto& row : endpoint_settings()) {
    if (const auto element = body.find(row.name))
      std::visit(Reader(body, row.name, *element, changes), row.kind);
  }
  return changes;
}

void write_settings(SettingRows rows, const EndpointSettings& settings, JsonWriter& json) {
  for (const auto& row : rows) {
    json.key(row.name);
    write_value(row, settings, json);
  }
}

std::string setting_names(SettingRows rows) {
  JsonWriter json;
  json.begin_array();
  for (const auto& row : rows) json.value(row.name);
  return without_brackets(json.end_array().take());
}

std::string setting_properties(SettingRows rows, SchemaUse use) {
  JsonWriter json;
  json.begin_object();
  for (const auto& row : rows) write_property(row, use, json);
  return without_brackets(json.end_object().take());
}

std::string setting_members(SettingRows rows, const EndpointSettings& settings) {
  JsonWriter json;
  json.begin_object();
  write_settings(rows, settings, json);
  return without_brackets(json.end_object().take());
}

}  // namespace exposee::api
