// CloudEvents over HTTP (version 1.0.2 of the HTTP protocol binding): both modes become the same
// JSON event, which is what a function is given.
//
//   structured   Content-Type application/cloudevents+json: the body is the event
//   binary       attributes in ce-… headers, data in the body
//
// A batch (application/cloudevents-batch+json) is no event here: it is a JSON array like any other.
#pragma once

#include <string>

#include "base/result.h"
#include "http/message.h"

namespace wherry::platform {

bool is_cloud_event(const http::Request& request);

// JSON text: specversion, id, source, type, what other attributes there are; `data` (JSON or text)
// or `data_base64`. kInvalid if a required attribute is missing or empty, or the version is
// not 1.0.
Result<std::string> cloud_event_of(const http::Request& request);

}  // namespace wherry::platform
