// events.hpp - what an operation's plan tells of it, for those who listen.
#ifndef XNATARCHIVE_ENGINE_EVENTS_HPP_
#define XNATARCHIVE_ENGINE_EVENTS_HPP_

#include <cstdint>
#include <vector>

#include "archive/operation.hpp"
#include "store/store.hpp"
#include "xnatarchive/event_sink.hpp"
#include "xnatarchive/pipeline_launcher.hpp"

namespace xnatarchive {

/// One event for each session the acknowledged plan changed. Made of the plan and the audit trail
/// alone, so that recovery tells the same as the operation's owner. What can not be looked up is
/// left out: the change is made.
std::vector<Event> EventsOf(Store& store, const OperationPlan& plan);

/// The end of a pipeline, with the number of its audit record.
Event PipelineEvent(const PipelineRequest& request, std::int64_t audit_id, const Status& status);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_EVENTS_HPP_
