/*
 * Messages from one process to another: messages MECHANISM MODE SIZE COUNT. The sender makes SIZE bytes (numbers), the
 * receiver adds them up; the sum is printed.
 *   MECHANISM  none    one process makes and adds up: what is not about passing messages
 *              shared  a ring in shared memory: made in place, read in place; futex(2) when it is full or empty
 *              pipe    made, write(2), read(2), added up
 *              socket  the same through a pair of UNIX stream sockets
 *   MODE       stream  one direction, as fast as it goes
 *              turns   the message comes back before the next one goes: two messages a turn
 * Both processes are kept on one processor: how fast processors wake each other up is not what is measured.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define RING_BYTES (256 * 1024)
#define PLACES_MOST 64

/*
 * One direction through shared memory. Each side owns one cursor; who sleeps has said so before it looks again, and is
 * woken when there is a ringful to do (in turns: at once). That is what pipes and sockets do with their buffers, too.
 */
struct ring {
  _Alignas(64) atomic_uint head;
  atomic_uint reader_sleeps;
  _Alignas(64) atomic_uint tail;
  atomic_uint writer_sleeps;
  _Alignas(64) unsigned char bytes[RING_BYTES];
};

/* One direction of a channel: a ring or two descriptors. */
struct direction {
  struct ring *ring;
  int read_fd, write_fd;
};

static size_t size;
static int turns;
static unsigned places;
static unsigned char *own;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void produce(unsigned char *message, uint64_t number) {
  uint64_t *words = (uint64_t *)message;
  for (size_t i = 0; i < size / 8; i++) words[i] = number + i;
}

static uint64_t consume(const unsigned char *message) {
  const uint64_t *words = (const uint64_t *)message;
  uint64_t sum = 0;
  for (size_t i = 0; i < size / 8; i++) sum += words[i];
  return sum;
}

/* Waits until the cursor is no longer `seen`. */
static void sleep_on(atomic_uint *cursor, unsigned seen, atomic_uint *sleeps) {
  atomic_store(sleeps, 1);
  if (atomic_load(cursor) == seen) syscall(SYS_futex, cursor, FUTEX_WAIT, seen, NULL);
  atomic_store(sleeps, 0);
}

static void wake(atomic_uint *cursor, atomic_uint *sleeps) {
  if (atomic_load(sleeps)) syscall(SYS_futex, cursor, FUTEX_WAKE, 1);
}

static void all(int fd, int writing) {
  for (size_t done = 0; done < size;) {
    ssize_t n = writing ? write(fd, own + done, size - done) : read(fd, own + done, size - done);
    if (n <= 0) fail(writing ? "write" : "read");
    done += n;
  }
}

static void send_message(struct direction *d, uint64_t number) {
  if (d->ring == NULL) {
    produce(own, number);
    all(d->write_fd, 1);
    return;
  }
  struct ring *r = d->ring;
  unsigned head = atomic_load_explicit(&r->head, memory_order_relaxed), tail;
  while (head - (tail = atomic_load(&r->tail)) == places) sleep_on(&r->tail, tail, &r->writer_sleeps);
  produce(r->bytes + head % places * size, number);
  atomic_store(&r->head, ++head);
  if (turns || head - tail == places) wake(&r->head, &r->reader_sleeps);
}

static uint64_t receive_message(struct direction *d) {
  if (d->ring == NULL) {
    all(d->read_fd, 0);
    return consume(own);
  }
  struct ring *r = d->ring;
  unsigned tail = atomic_load_explicit(&r->tail, memory_order_relaxed), head;
  while ((head = atomic_load(&r->head)) == tail) sleep_on(&r->head, tail, &r->reader_sleeps);
  uint64_t sum = consume(r->bytes + tail % places * size);
  atomic_store(&r->tail, ++tail);
  if (turns || head == tail) wake(&r->tail, &r->writer_sleeps);
  return sum;
}

static void open_directions(const char *mechanism, struct direction d[2]) {
  if (strcmp(mechanism, "shared") == 0) {
    struct ring *rings = mmap(NULL, 2 * sizeof *rings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (rings == MAP_FAILED) fail("mmap");
    for (int i = 0; i < 2; i++) d[i].ring = &rings[i];
  } else if (strcmp(mechanism, "pipe") == 0) {
    for (int i = 0; i < 2; i++) {
      int fds[2];
      if (pipe(fds) != 0) fail("pipe");
      d[i].read_fd = fds[0], d[i].write_fd = fds[1];
    }
  } else {
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) fail("socketpair");
    d[0].write_fd = d[1].read_fd = fds[0];
    d[0].read_fd = d[1].write_fd = fds[1];
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  turns = strcmp(argv[2], "turns") == 0;
  size = atol(argv[3]);
  long count = atol(argv[4]);
  places = RING_BYTES / size < PLACES_MOST ? RING_BYTES / size : PLACES_MOST;
  own = aligned_alloc(4096, (size + 4095) & -4096);
  memset(own, 0, size);
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  if (sched_setaffinity(0, sizeof first, &first)) fail("sched_setaffinity");

  uint64_t sum = 0;
  if (strcmp(argv[1], "none") == 0) {
    for (long i = 0; i < (turns ? 2 : 1) * count; i++) {
      produce(own, i);
      asm volatile("" ::: "memory");
      sum += consume(own);
    }
    printf("%lx\n", sum);
    return 0;
  }
  struct direction directions[2] = {0};
  open_directions(argv[1], directions);
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    for (long i = 0; i < count; i++) {
      sum += receive_message(&directions[0]);
      if (turns) send_message(&directions[1], sum);
    }
    if (!turns) printf("%lx\n", sum);
    return 0;
  }
  for (long i = 0; i < count; i++) {
    send_message(&directions[0], i);
    if (turns) sum += receive_message(&directions[1]);
  }
  /* What is in the ring and less than a ringful. */
  if (directions[0].ring) wake(&directions[0].ring->head, &directions[0].ring->reader_sleeps);
  int status;
  waitpid(child, &status, 0);
  if (turns) printf("%lx\n", sum);
  return status != 0;
}
