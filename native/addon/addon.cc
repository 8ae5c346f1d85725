#include <napi.h>

#include "codec.h"
#include "environment.h"
#include "link_wrap.h"
#include "read_stream_wrap.h"
#include "sink_wrap.h"
#include "write_stream_wrap.h"

namespace {

void keep(Napi::Env, coldframe::Environment*) {}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  using namespace coldframe;
  // Never deleted: wrapped objects that Node finalizes after it still refer to it.
  env.SetInstanceData<Environment, keep>(new Environment(env));
  exportCodec(env, exports);
  exports.Set("Link", LinkWrap::define(env));
  exports.Set("ReadStream", ReadStreamWrap::define(env));
  exports.Set("WriteStream", WriteStreamWrap::define(env));
  exports.Set("FileSink", SinkWrap::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(coldframe, init)
