# The stand-in library as a target; native/binding.gyp includes this file. It
# lands in <(PRODUCT_DIR)/lab/lib64, so <(PRODUCT_DIR)/lab is a library folder
# like the real one. Its variants for older releases are built by native/test.
{
  'variables': {
    # Relative to native/.
    'lab_sources': [
      'core/failures.cc',
      'core/seek_extents.cc',
      'core/vix_error.cc',
      'lab/exports_connection.cc',
      'lab/exports_io.cc',
      'lab/exports_manage.cc',
      'lab/exports_metadata.cc',
      'lab/exports_process.cc',
      'lab/lab_connection.cc',
      'lab/lab_disk.cc',
      'lab/lab_faults.cc',
      'lab/lab_library.cc',
      'lab/lab_log.cc',
      'lab/lab_map.cc',
      'lab/lab_metadata.cc',
      'lab/lab_pool.cc',
      'lab/lab_settings.cc',
      'lab/lab_state.cc',
    ],
    'lab_cflags': ['-std=c++20', '-O2', '-fvisibility=hidden', '-fexceptions', '-Wall', '-Wextra', '-Wpedantic', '-Werror'],
    'lab_ldflags': ['-Wl,--version-script=<(module_root_dir)/lab/exports.map', '-static-libstdc++', '-static-libgcc'],
    'lab_cflags_removed': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
  },
  'targets': [
    {
      'target_name': 'lab_vixdisklib',
      'type': 'shared_library',
      'product_dir': '<(PRODUCT_DIR)/lab/lib64',
      'product_name': 'libvixDiskLib',
      'product_prefix': '',
      'product_extension': 'so.8',
      'sources': ['<@(lab_sources)'],
      'defines': ['COLDFRAME_LAB_VERSION="8.0.3"'],
      'cflags_cc': ['<@(lab_cflags)'],
      'cflags_cc!': ['<@(lab_cflags_removed)'],
      'ldflags': ['<@(lab_ldflags)'],
    },
  ],
}
