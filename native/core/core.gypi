# Sources of the core, for native/binding.gyp. Paths are relative to native/.
{
  'variables': {
    'core_sources': [
      'core/block_disk.cc',
      'core/failures.cc',
      'core/io_pool.cc',
      'core/seek_extents.cc',
      'core/vix_allocated.cc',
      'core/vix_config.cc',
      'core/vix_connection.cc',
      'core/vix_disk.cc',
      'core/vix_error.cc',
      'core/vix_info.cc',
      'core/vix_library.cc',
      'core/vix_log.cc',
      'core/vix_metadata.cc',
      'core/vix_params.cc',
    ],
  },
}
