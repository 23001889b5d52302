/* SHA-256, CRC-32 and a hash of four 64-bit lanes, over texts of every length up to 300 and one of 100,000 bytes. */
#include <stdio.h>

#include "random.h"

static unsigned char data[100000];

static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate_right(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void sha256_block(uint32_t *state, const unsigned char *block) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) w[i] = block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) + w[i - 7] + (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
  }
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = s[7] + (rotate_right(s[4], 6) ^ rotate_right(s[4], 11) ^ rotate_right(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
    uint32_t t2 = (rotate_right(s[0], 2) ^ rotate_right(s[0], 13) ^ rotate_right(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) state[i] += s[i];
}

static void sha256(const unsigned char *bytes, size_t length, uint32_t *state) {
  static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(state, START, sizeof START);
  size_t at = 0;
  for (; at + 64 <= length; at += 64) sha256_block(state, bytes + at);
  unsigned char last[128] = {0};
  size_t rest = length - at, size = rest < 56 ? 64 : 128;
  memcpy(last, bytes + at, rest);
  last[rest] = 0x80;
  for (int i = 0; i < 8; i++) last[size - 1 - i] = (uint64_t)length * 8 >> (8 * i);
  for (size_t i = 0; i < size; i += 64) sha256_block(state, last + i);
}

static uint32_t crc32(const unsigned char *bytes, size_t length) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
  }
  return ~crc;
}

static uint64_t hash_lanes(const unsigned char *bytes, size_t length) {
  uint64_t lanes[4] = {0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63};
  size_t at = 0;
  for (; at + 32 <= length; at += 32)
    for (int i = 0; i < 4; i++) {
      uint64_t word;
      memcpy(&word, bytes + at + 8 * i, 8);
      lanes[i] += word * 0xC2B2AE3D27D4EB4F;
      lanes[i] = (lanes[i] << 31 | lanes[i] >> 33) * 0x9E3779B185EBCA87;
    }
  uint64_t hash = length;
  for (int i = 0; i < 4; i++) hash = (hash ^ lanes[i]) * 0x9E3779B185EBCA87 + (hash >> 27);
  for (; at < length; at++) hash = (hash ^ bytes[at] * 0x165667B19E3779F9) * 0x9E3779B185EBCA87 + (hash >> 33);
  return hash;
}

static void print(size_t length) {
  uint32_t state[8];
  sha256(data, length, state);
  printf("%zu ", length);
  for (int i = 0; i < 8; i++) printf("%08x", state[i]);
  printf(" %08x %016lx\n", crc32(data, length), hash_lanes(data, length));
}

int main(void) {
  memcpy(data, "abc", 3);
  print(3);
  for (size_t i = 0; i < sizeof data; i++) data[i] = next_random() >> 24;
  for (size_t length = 0; length <= 300; length += length < 140 ? 1 : 13) print(length);
  print(sizeof data);
  return 0;
}
