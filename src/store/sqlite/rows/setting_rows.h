// The settings of an endpoint as columns of its table, from the table in core/endpoint_settings.h: one codec
// a kind; nothing here names a setting. A setting that sets nothing is NULL where its kind allows it and else
// 0 or the empty text. The store's thread.
#pragma once

#include <cstddef>
#include <string>

#include "core/endpoint_settings.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// The step of the schema that adds the setting's column.
std::string added_column(const EndpointSetting& setting);

// ", description, timeout_ms, ..." and as many parameters: ", ?11, ?12, ...".
std::string setting_columns();
std::string setting_parameters(std::size_t first);

void bind_settings(Query& query, std::size_t first, const EndpointSettings& settings);

// What is not a value of its kind or out of bounds is as if it had not been set, and a fault of the row.
EndpointSettings read_settings(const Query& query, int first);

}  // namespace exposee::store
