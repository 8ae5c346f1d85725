# Sources of the stand-in library, for native/binding.gyp. Paths are relative to native/.
{
  'variables': {
    'lab_sources': [],
  },
}
