// The settings of an endpoint in JSON: bodies, replies and schemas, from the table in
// core/endpoint_settings.h. One codec a kind; nothing here names a setting. Pure; any thread but where a body
// is read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1/body.h"
#include "core/endpoint_settings.h"
#include "json/writer.h"

namespace exposee::api {

using SettingRows = std::span<const EndpointSetting>;

// In an endpoint's reply its events stand behind the description and before what else is set.
SettingRows settings_before_events();
SettingRows settings_after_events();

// The names that a body may have: `first`, the settings, `last`.
std::vector<std::string_view> names_with_settings(std::initializer_list<std::string_view> first,
                                                  std::initializer_list<std::string_view> last);

// What the body says of the settings; faults are noted in it.
SettingChanges read_settings(V1Body& body);

// As members of the object that is being written.
void write_settings(SettingRows rows, const EndpointSettings& settings, JsonWriter& json);

// Parts of a JSON Schema, without the brackets around them: the names as texts, and the properties.
enum class SchemaUse : std::uint8_t { creation, change, reply };
std::string setting_names(SettingRows rows);
std::string setting_properties(SettingRows rows, SchemaUse use);
std::string setting_members(SettingRows rows, const EndpointSettings& settings);  // of an example

}  // namespace exposee::api
