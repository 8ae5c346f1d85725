# The stand-in library and its two variants as targets; native/binding.gyp
# includes this file. They land in <(PRODUCT_DIR)/lab, which is a library folder
# like the real one's, and in its variants/.
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
    'lab_cflags_removed': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
  },
  'targets': [
    {
      'target_name': 'lab_vixdisklib',
      'type': 'loadable_module',
      'product_dir': '<(PRODUCT_DIR)/lab/lib64',
      'product_name': 'libvixDiskLib',
      'product_prefix': '',
      'product_extension': 'so.8',
      'sources': ['<@(lab_sources)'],
      'defines': ['COLDFRAME_LAB_VERSION="8.0.3"'],
      'cflags_cc': ['<@(lab_cflags)'],
      'cflags_cc!': ['<@(lab_cflags_removed)'],
    },
    {
      # A release before 6.7.
      'target_name': 'lab_vixdisklib_no67',
      'type': 'loadable_module',
      'product_dir': '<(PRODUCT_DIR)/lab/variants/no67/lib64',
      'product_name': 'libvixDiskLib',
      'product_prefix': '',
      'product_extension': 'so.6',
      'sources': ['<@(lab_sources)'],
      'defines': ['COLDFRAME_LAB_VERSION="6.5.4"', 'COLDFRAME_LAB_NO_67'],
      'cflags_cc': ['<@(lab_cflags)'],
      'cflags_cc!': ['<@(lab_cflags_removed)'],
    },
    {
      # A release whose Info ends before the sector sizes.
      'target_name': 'lab_vixdisklib_info56',
      'type': 'loadable_module',
      'product_dir': '<(PRODUCT_DIR)/lab/variants/info56/lib64',
      'product_name': 'libvixDiskLib',
      'product_prefix': '',
      'product_extension': 'so.6',
      'sources': ['<@(lab_sources)'],
      'defines': ['COLDFRAME_LAB_VERSION="6.7.3"', 'COLDFRAME_LAB_INFO56'],
      'cflags_cc': ['<@(lab_cflags)'],
      'cflags_cc!': ['<@(lab_cflags_removed)'],
    },
  ],
}
