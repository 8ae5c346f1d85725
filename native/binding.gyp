# The native side: the addon for node, the disk worker, the lab's stand-in library.
{
  'includes': ['core/core.gypi', 'pipeline/pipeline.gypi', 'lab/lab.gypi'],
  'target_defaults': {
    'include_dirs': ['core', 'pipeline', 'worker'],
    'cflags_cc': ['-std=c++20', '-O2', '-fexceptions', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-O3'],
    'cflags!': ['-fno-exceptions', '-O3'],
  },
  'targets': [
    {
      'target_name': 'coldframe',
      # Node's headers and node-addon-api as system headers: our warnings are errors, theirs are not ours.
      'cflags_cc': ['-isystem', '<(module_root_dir)/../node_modules/node-addon-api', '-isystem', '<(node_root_dir)/include/node'],
      'defines': ['NAPI_VERSION=9', 'NAPI_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      'sources': [
        'core/failures.cc',
        '<@(wire_sources)',
        '<@(pipeline_sources)',
        'addon/addon.cc',
        'addon/codec.cc',
        'addon/convert.cc',
        'addon/environment.cc',
        'addon/link_wrap.cc',
        'addon/read_stream_wrap.cc',
        'addon/sink_wrap.cc',
        'addon/waker.cc',
        'addon/write_stream_wrap.cc',
      ],
      # libzstd goes in: the appliance and users' machines may have another release.
      'libraries': ['-l:libzstd.a'],
      'ldflags': ['-Wl,--exclude-libs,libzstd.a'],
    },
    {
      'target_name': 'disk-worker',
      'type': 'executable',
      'sources': [
        '<@(core_sources)',
        '<@(wire_sources)',
        'worker/disk_thread.cc',
        'worker/inbox.cc',
        'worker/main.cc',
        'worker/orders.cc',
      ],
      'libraries': ['-ldl', '-lpthread'],
      # VMware's library brings its own libstdc++: ours stays inside.
      'ldflags': ['-static-libstdc++', '-static-libgcc'],
    },
  ],
}
