#include "platform/lambda_stream.h"

#include <algorithm>

#include "base/base64.h"
#include "base/json.h"
#include "platform/lambda_event.h"

namespace wherry::platform {

namespace {

constexpr std::string_view kEndOfHead("\0\0\0\0\0\0\0\0", 8);

http::Request request_of(const std::string& path) {
  return {"POST",
          path,
          {{"Content-Type", "application/vnd.awslambda.http-integration-response"},
           {"Lambda-Runtime-Function-Response-Mode", "streaming"},
           {"Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body"}},
          ""};
}

}  // namespace

Status taken_by_lambda(const std::string& path, const http::Response& told) {
  if (told.status == 202 || told.status == 200) return ok_status();
  return make_error(ErrorKind::kIo, "the Lambda Runtime API answered {} to {}: {}", told.status,
                    path, quoted_text(told.body));
}

void LambdaStream::respond(http::Response response) {
  if (has_begun_) return;
  const std::string body = std::move(response.body);
  start(std::move(response), body.size());
  write(as_bytes(body));
  finish();
}

void LambdaStream::start(http::Response head, std::optional<uint64_t> length) {
  if (has_begun_) return;
  has_begun_ = true;
  const bool has_body = request_.method != "HEAD" && http::status_has_body(head.status);
  room_ = has_body ? length : 0;
  auto upload = http::Upload::begin(api_, request_of(path_), kForLambdaAnswers);
  if (!upload.ok()) {
    status_ = upload.error();
    return;
  }
  upload_.emplace(std::move(*upload));
  send(lambda_stream_head(head));
  send(kEndOfHead);
}

http::Exchange::State LambdaStream::write(Bytes bytes) {
  if (!upload_ || is_aborted_) return State::kBroken;
  const std::string_view text = as_text(bytes);
  const size_t taken = std::min<uint64_t>(room_.value_or(text.size()), text.size());
  if (room_) *room_ -= taken;
  return send(text.substr(0, taken));
}

http::Exchange::State LambdaStream::send(std::string_view text) {
  if (!upload_) return State::kBroken;
  auto sent = upload_->send(text);
  if (sent.ok() && *sent) return State::kReady;
  if (sent.ok()) {
    end({});  // it may say why
  } else {
    status_ = sent.error();
    upload_.reset();
  }
  return State::kBroken;
}

void LambdaStream::finish() {
  if (room_.value_or(0) > 0) return abort();
  if (!is_aborted_) end({});
}

void LambdaStream::fail(std::string_view type, std::string_view message) {
  const std::string body = lambda_error(type, message);
  end({{"Lambda-Runtime-Function-Error-Type", std::string(type)},
       {"Lambda-Runtime-Function-Error-Body", encode_base64(as_bytes(body))}});
}

void LambdaStream::end(const std::vector<http::Header>& trailers) {
  if (!upload_) return;
  auto told = upload_->end(trailers);
  upload_.reset();
  status_ = told.ok() ? taken_by_lambda(path_, *told) : Status(told.error());
}

}  // namespace wherry::platform
