#include "ports/rows.h"

#include "core/assert.h"

namespace exposee {

void end_as(DeliveryRow& row, DeliveryStatus status) {
  EXPOSEE_ASSERT(row.status == DeliveryStatus::pending && status != DeliveryStatus::pending,
                 "a delivery ends once (D2)");
  row.status = status;
  row.due.reset();
  row.once = row.asked = false;
  row.resumes_at.reset();
  row.not_before.reset();
}

void end_unowed(DeliveryRow& row, Instant now) {
  end_as(row, row.once ? DeliveryStatus::succeeded : DeliveryStatus::cancelled);
  row.updated_at = now;
}

}  // namespace exposee
