/*
 * LZ77 with a hash of three bytes, then Huffman codes over literals and matches, written bit by bit; and back. Texts that
 * compress well, badly, and not at all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

#define MOST 20000
#define SYMBOLS 512 /* 0 to 255: literals; 256 + n: a match of n + 3 bytes, its distance in 15 bits follows */
#define LONGEST 200

static unsigned char input[MOST], packed[2 * MOST], output[MOST];
static size_t bit_at;

static void put_bits(unsigned value, int count) {
  for (int i = count - 1; i >= 0; i--, bit_at++) {
    if (bit_at % 8 == 0) packed[bit_at / 8] = 0;
    packed[bit_at / 8] |= (value >> i & 1) << (7 - bit_at % 8);
  }
}
static unsigned get_bits(int count) {
  unsigned value = 0;
  for (; count > 0; count--, bit_at++) value = value << 1 | (packed[bit_at / 8] >> (7 - bit_at % 8) & 1);
  return value;
}

struct token { unsigned short symbol, distance; };
static struct token tokens[MOST];

static size_t find_tokens(size_t length) {
  static int last[4096];
  for (int i = 0; i < 4096; i++) last[i] = -1;
  size_t count = 0;
  for (size_t at = 0; at < length;) {
    size_t best = 0, distance = 0;
    if (at + 3 <= length) {
      unsigned hash = (input[at] * 2654435761u ^ input[at + 1] * 40503u ^ input[at + 2] * 97u) >> 3 & 4095;
      int candidate = last[hash];
      last[hash] = at;
      if (candidate >= 0 && at - candidate < 32768) {
        while (best < LONGEST && at + best < length && input[candidate + best] == input[at + best]) best++;
        distance = at - candidate;
      }
    }
    if (best >= 3) tokens[count++] = (struct token){256 + best - 3, distance};
    else {
      tokens[count++] = (struct token){input[at], 0};
      best = 1;
    }
    at += best;
  }
  return count;
}

/* Code lengths by joining the two rarest, as long as there are two. */
static void code_lengths(const unsigned *counts, unsigned char *lengths) {
  unsigned weight[2 * SYMBOLS];
  short parent[2 * SYMBOLS];
  char open[2 * SYMBOLS] = {0};
  int nodes = SYMBOLS, left = 0;
  for (int i = 0; i < SYMBOLS; i++) {
    weight[i] = counts[i];
    open[i] = counts[i] > 0;
    left += open[i];
    parent[i] = -1;
  }
  for (; left > 1; left--) {
    int two[2];
    for (int t = 0; t < 2; t++) {
      int rarest = -1;
      for (int i = 0; i < nodes; i++)
        if (open[i] && (rarest < 0 || weight[i] < weight[rarest])) rarest = i;
      open[rarest] = 0;
      two[t] = rarest;
    }
    weight[nodes] = weight[two[0]] + weight[two[1]];
    open[nodes] = 1;
    parent[nodes] = -1;
    parent[two[0]] = parent[two[1]] = nodes++;
  }
  for (int i = 0; i < SYMBOLS; i++) {
    lengths[i] = 0;
    if (counts[i])
      for (int node = i; parent[node] >= 0; node = parent[node]) lengths[i]++;
    if (counts[i] && lengths[i] == 0) lengths[i] = 1;
  }
}

/* Canonical codes: by length, then by symbol. */
static void assign_codes(const unsigned char *lengths, unsigned *codes) {
  unsigned code = 0;
  for (int length = 1; length < 32; length++, code <<= 1)
    for (int i = 0; i < SYMBOLS; i++)
      if (lengths[i] == length) codes[i] = code++;
}

static size_t compress(size_t length) {
  unsigned counts[SYMBOLS] = {0}, codes[SYMBOLS] = {0};
  unsigned char lengths[SYMBOLS];
  size_t count = find_tokens(length);
  for (size_t i = 0; i < count; i++) counts[tokens[i].symbol]++;
  code_lengths(counts, lengths);
  assign_codes(lengths, codes);
  bit_at = 0;
  put_bits(count, 32);
  for (int i = 0; i < SYMBOLS; i++) put_bits(lengths[i], 5);
  for (size_t i = 0; i < count; i++) {
    put_bits(codes[tokens[i].symbol], lengths[tokens[i].symbol]);
    if (tokens[i].symbol >= 256) put_bits(tokens[i].distance, 15);
  }
  return (bit_at + 7) / 8;
}

static size_t decompress(void) {
  unsigned codes[SYMBOLS] = {0};
  unsigned char lengths[SYMBOLS];
  bit_at = 0;
  size_t count = get_bits(32), at = 0;
  for (int i = 0; i < SYMBOLS; i++) lengths[i] = get_bits(5);
  assign_codes(lengths, codes);
  while (count-- > 0) {
    unsigned code = 0;
    int symbol = -1;
    for (int length = 1; symbol < 0; length++) {
      code = code << 1 | get_bits(1);
      for (int i = 0; i < SYMBOLS && symbol < 0; i++)
        if (lengths[i] == length && codes[i] == code) symbol = i;
      if (length > 31) exit(3);
    }
    if (symbol < 256) output[at++] = symbol;
    else
      for (unsigned distance = get_bits(15), n = symbol - 256 + 3; n > 0; n--, at++) output[at] = output[at - distance];
  }
  return at;
}

int main(void) {
  static const char *const WORDS[] = {"page ", "table ", "frame ", "walks ", "the ", "process ", "copies ", "on write. ", "\n"};
  for (int kind = 0; kind < 4; kind++) {
    size_t length = 0;
    while (length < 6000) {
      if (kind == 0) {
        const char *word = WORDS[next_random() % 9];
        memcpy(input + length, word, strlen(word));
        length += strlen(word);
      } else
        input[length++] = kind == 1 ? next_random() : kind == 2 ? 'x' : next_random() % 4 + 'a';
    }
    size_t size = compress(length);
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) sum = sum * 31 + packed[i];
    size_t back = decompress();
    printf("%zu -> %zu (%08x), back: %s\n", length, size, sum, back == length && !memcmp(input, output, length) ? "same" : "DIFFERENT");
  }
  return 0;
}
