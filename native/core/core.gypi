# Sources of the core, for native/binding.gyp. Paths are relative to native/.
{
  'variables': {
    'core_sources': [
      'core/block_disk.cc',
      'core/failures.cc',
      'core/io_pool.cc',
      'core/seek_extents.cc',
    ],
  },
}
