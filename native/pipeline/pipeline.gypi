# Sources of the pipeline, for native/binding.gyp. Paths are relative to native/.
{
  'variables': {
    # Both ends of the worker's socket.
    'wire_sources': [
      'pipeline/message_sender.cc',
      'pipeline/record.cc',
      'pipeline/ring.cc',
      'pipeline/wire.cc',
    ],
    'pipeline_sources': [
      'pipeline/blake3.cc',
      'pipeline/blake3_avx2.cc',
      'pipeline/blake3_avx512.cc',
      'pipeline/blake3_sse2.cc',
      'pipeline/chunk_packer.cc',
      'pipeline/compute_pool.cc',
      'pipeline/file_sink.cc',
      'pipeline/frame.cc',
      'pipeline/piece.cc',
      'pipeline/read_stream.cc',
      'pipeline/worker_link.cc',
      'pipeline/write_stream.cc',
      'pipeline/zero.cc',
    ],
  },
}
