// The BLAKE3 compression function over a vector of lanes: each lane hashes its
// own input. Included by one file per instruction set, inside an anonymous
// namespace and under that file's target pragma; V is a vector of uint32_t.
//
// From the BLAKE3 paper, section 2: constants, message permutation and rounds.

#ifndef COLDFRAME_BLAKE3_ALWAYS_INLINE
#define COLDFRAME_BLAKE3_ALWAYS_INLINE __attribute__((always_inline)) inline
#endif

constexpr unsigned char kSchedule[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};

template <typename V>
COLDFRAME_BLAKE3_ALWAYS_INLINE void mix(V& a, V& b, V& c, V& d, const V& x, const V& y) {
  // x first: it is there before b is.
  a = a + x + b;
  d ^= a;
  d = (d >> 16) | (d << 16);
  c = c + d;
  b ^= c;
  b = (b >> 12) | (b << 20);
  a = a + y + b;
  d ^= a;
  d = (d >> 8) | (d << 24);
  c = c + d;
  b ^= c;
  b = (b >> 7) | (b << 25);
}

template <typename V>
COLDFRAME_BLAKE3_ALWAYS_INLINE void compressLanes(V cv[8], const V m[16], const V& counterLow, const V& counterHigh,
                                                  uint32_t length, uint32_t flags) {
  const V zero = {};
  V v[16];
  for (int i = 0; i < 8; i++) v[i] = cv[i];
  for (int i = 0; i < 4; i++) v[8 + i] = zero + kInitial[i];
  v[12] = counterLow;
  v[13] = counterHigh;
  v[14] = zero + length;
  v[15] = zero + flags;
#pragma GCC unroll 7
  for (int round = 0; round < 7; round++) {
    const unsigned char* s = kSchedule[round];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
  }
  for (int i = 0; i < 8; i++) cv[i] = v[i] ^ v[i + 8];
}

// Transposes kLanes rows of kLanes words in place: log2(kLanes) rounds of
// interleaving row i with row i + kLanes / 2.
template <typename V, int kLanes>
COLDFRAME_BLAKE3_ALWAYS_INLINE void transpose(V rows[kLanes]) {
  V low, high;
  for (int i = 0; i < kLanes / 2; i++) {
    low[2 * i] = static_cast<uint32_t>(i);
    low[2 * i + 1] = static_cast<uint32_t>(i + kLanes);
    high[2 * i] = static_cast<uint32_t>(i + kLanes / 2);
    high[2 * i + 1] = static_cast<uint32_t>(i + kLanes / 2 + kLanes);
  }
#pragma GCC unroll 4
  for (int step = 1; step < kLanes; step *= 2) {
    V next[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes / 2; i++) {
      next[2 * i] = __builtin_shuffle(rows[i], rows[i + kLanes / 2], low);
      next[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + kLanes / 2], high);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; i++) rows[i] = next[i];
  }
}

// kLanes inputs of `blocks` blocks of 64 bytes, `stride` bytes apart. Lane i has
// counter `counter` + i if `counting`, else `counter`. Writes kLanes chaining
// values of 32 bytes.
template <typename V, int kLanes>
COLDFRAME_BLAKE3_ALWAYS_INLINE void hashLanes(const LaneInputs& in, uint8_t* out) {
  V cv[8];
  const V zero = {};
  for (int i = 0; i < 8; i++) cv[i] = zero + kInitial[i];
  V counterLow, counterHigh;
  for (int lane = 0; lane < kLanes; lane++) {
    const uint64_t counter = in.counting ? in.counter + static_cast<uint64_t>(lane) : in.counter;
    counterLow[lane] = static_cast<uint32_t>(counter);
    counterHigh[lane] = static_cast<uint32_t>(counter >> 32);
  }
  for (size_t block = 0; block < in.blocks; block++) {
    V m[16];
    const uint8_t* at = in.bytes + block * 64;
    // The processor does not foresee so many strands. Four blocks ahead, past the
    // end in the next call's inputs: further would push out what is in use.
    size_t ahead = (block + 4) * 64;
    if (ahead >= in.stride) ahead += (kLanes - 1) * in.stride;
#pragma GCC unroll 16
    for (int lane = 0; lane < kLanes; lane++) {
      __builtin_prefetch(in.bytes + static_cast<size_t>(lane) * in.stride + ahead);
    }
    // A block is 16 words: 16 / kLanes square transpositions.
#pragma GCC unroll 4
    for (int part = 0; part < 16 / kLanes; part++) {
#pragma GCC unroll 16
      for (int lane = 0; lane < kLanes; lane++) {
        __builtin_memcpy(&m[part * kLanes + lane],
                         at + static_cast<size_t>(lane) * in.stride + static_cast<size_t>(part) * sizeof(V), sizeof(V));
      }
      transpose<V, kLanes>(m + part * kLanes);
    }
    uint32_t flags = in.flags;
    if (block == 0) flags |= in.flagsFirst;
    if (block + 1 == in.blocks) flags |= in.flagsLast;
    compressLanes<V>(cv, m, counterLow, counterHigh, 64, flags);
  }
  uint32_t words[8][kLanes];
  for (int i = 0; i < 8; i++) __builtin_memcpy(words[i], &cv[i], sizeof(V));
  for (int lane = 0; lane < kLanes; lane++) {
    uint32_t one[8];
    for (int i = 0; i < 8; i++) one[i] = words[i][lane];
    __builtin_memcpy(out + lane * 32, one, 32);
  }
}
