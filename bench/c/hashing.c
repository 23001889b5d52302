/*
 * Hashing: CRC-32 by table (a load per byte), a multiply-rotate hash of 64-bit words, and a table with open addressing
 * that is filled and asked.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "random.h"

#define BYTES (1 << 20)
#define SLOTS (1 << 16)
static unsigned char data[BYTES];
static uint32_t crc_table[256];
static uint64_t keys[SLOTS];

static uint32_t crc32(const unsigned char *bytes, size_t length) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < length; i++) crc = crc_table[(crc ^ bytes[i]) & 255] ^ (crc >> 8);
  return ~crc;
}

static uint64_t hash_words(const unsigned char *bytes, size_t length) {
  uint64_t lanes[2] = {0x243F6A8885A308D3, 0x13198A2E03707344};
  for (size_t i = 0; i + 16 <= length; i += 16)
    for (int lane = 0; lane < 2; lane++) {
      uint64_t word;
      memcpy(&word, bytes + i + 8 * lane, 8);
      lanes[lane] = (lanes[lane] ^ word) * 0x9E3779B97F4A7C15;
      lanes[lane] = lanes[lane] << 31 | lanes[lane] >> 33;
    }
  return lanes[0] ^ lanes[1];
}

/* Whether the key was there; it is afterwards. */
static int insert(uint64_t key) {
  for (size_t slot = key * 0x9E3779B97F4A7C15 >> 48;; slot = (slot + 1) % SLOTS) {
    if (keys[slot] == key) return 1;
    if (keys[slot] == 0) {
      keys[slot] = key;
      return 0;
    }
  }
}

int main(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    crc_table[i] = crc;
  }
  for (size_t i = 0; i < BYTES; i += 8) {
    uint64_t word = next_random();
    memcpy(data + i, &word, 8);
  }
  uint64_t sum = 0;
  for (int round = 0; round < 110; round++) {
    data[round] ^= 1;
    sum += crc32(data, BYTES);
    sum += hash_words(data, BYTES);
  }
  long found = 0;
  for (int round = 0; round < 110; round++) {
    memset(keys, 0, sizeof keys);
    for (int i = 0; i < SLOTS; i++) found += insert(next_random() % 40000 + 1);
  }
  printf("%lx %ld\n", sum, found);
  return 0;
}
