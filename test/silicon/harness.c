/*
 * Runs instructions on the CPU it stands on, one at a time, and says what they did. Linux, x86-64.
 * Reads cases from standard input, writes results to standard output; both little-endian, see test/silicon/wire.ts.
 *
 * The guest's registers are loaded by returning from a signal handler with TF set, so that exactly one instruction
 * runs before SIGTRAP (or the signal of its fault) brings everything back. The signal stack is an alternate one:
 * RSP may hold anything. Memory the guest has:
 *
 *   0x10000000  2 pages   read and write, a fixed pattern plus the case's patches
 *   0x10002000  1 page    read only, the same pattern
 *   0x20000000  2 pages   read and execute, INT3 everywhere but for the case's code
 *
 * Nothing is mapped beside them. System calls, CPUID, RDTSC and the like must not be sent here.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { VERSION = 1, FEATURE_FXSAVE = 1, FEATURE_YMM = 2 };
enum { PAGE = 4096, DATA_BYTES = 3 * PAGE, RW_BYTES = 2 * PAGE, CODE_BYTES = 2 * PAGE };
enum { FX_BYTES = 464, XSTATE_BV = 512, YMM_AT = 576, YMM_BYTES = 256 };
/* "Trap" of a step that says nothing: the instruction set flags that the harness itself cannot live with. */
enum { SPOILT = 255 };
enum { MAX_STEPS = 256, MAX_CODE = 512, MAX_REP = 200000, MAX_RUNS = 4096 };
#define DATA_AT 0x10000000ul
#define CODE_AT 0x20000000ul
#define TF 0x100ul
#define RF 0x10000ul
/* NT, AC, ID: with one of them set a step counts as spoilt. */
#define UNWANTED 0x244000ul
/* What a case may set of RFLAGS: OF DF SF ZF AF PF CF. */
#define SETTABLE 0xcd5ul

struct head {
  uint32_t version, features, code_bytes, max_steps, patches, reserved;
  uint64_t rip, rflags, fs_base, gs_base, gpr[16];
};
struct range {
  uint32_t at, bytes;
};
struct step {
  uint32_t trap, error, runs, reserved;
  uint64_t cr2, rip, rflags, fs_base, gs_base, gpr[16];
};

static const int ORDER[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                              REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static struct head now;
static uint8_t code[MAX_CODE], fx[FX_BYTES], ymm[YMM_BYTES];
static uint8_t *data_alias, *code_alias, background[DATA_BYTES], before[DATA_BYTES];
static int running, reps;
static uint32_t steps;
static unsigned long home_fs;
static gregset_t home;
static uint8_t home_fx[FX_BYTES];
static uint64_t home_bv;
static uint8_t *out;
static size_t out_bytes, out_room;

static void die(const char *why) {
  fprintf(stderr, "harness: %s\n", why);
  _exit(1);
}

static void put(const void *from, size_t bytes) {
  if (out_bytes + bytes > out_room) die("output buffer full");
  memcpy(out + out_bytes, from, bytes);
  out_bytes += bytes;
}

static void get(void *to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) die("input ends inside a case");
}

/* First byte after legacy prefixes and REX; *repeated tells F2 or F3 among them. */
static uint8_t opcode_at(const uint8_t *p, int *repeated) {
  *repeated = 0;
  for (;; p++) {
    if (*p == 0xf2 || *p == 0xf3) *repeated = 1;
    else if (*p != 0x66 && *p != 0x67 && *p != 0xf0 && (*p & 0xe7) != 0x26 && *p != 0x64 && *p != 0x65) break;
  }
  return (*p & 0xf0) == 0x40 ? p[1] : *p;
}

static int is_string(uint8_t op) { return (op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf); }

/* A gather (VEX, 0F 38 90 to 93) after prefixes: it stops at a trap where it meets a fault in the middle. */
static int is_gather(const uint8_t *p) {
  while (*p == 0x67 || (*p & 0xe7) == 0x26 || *p == 0x64 || *p == 0x65) p++;
  return p[0] == 0xc4 && (p[1] & 0x1f) == 2 && (p[3] & 0xfc) == 0x90;
}

static void record(const greg_t *g, const uint8_t *fp, unsigned long fs) {
  static struct range runs[MAX_RUNS];
  struct step s = {.trap = g[REG_TRAPNO], .error = g[REG_ERR], .rip = g[REG_RIP], .fs_base = fs};
  s.gs_base = __builtin_ia32_rdgsbase64();
  s.rflags = g[REG_EFL] & ~(TF | RF);
  if (s.trap == 14) s.cr2 = g[REG_CR2];
  for (int i = 0; i < 16; i++) s.gpr[i] = g[ORDER[i]];
  for (uint32_t i = 0; i < RW_BYTES; i++) {
    if (data_alias[i] == before[i]) continue;
    uint32_t end = i + 1;
    while (end < RW_BYTES && data_alias[end] != before[end]) end++;
    if (s.runs == MAX_RUNS) die("too many changed ranges");
    runs[s.runs++] = (struct range){i, end - i};
    i = end;
  }
  put(&s, sizeof s);
  for (uint32_t i = 0; i < s.runs; i++) {
    put(&runs[i], sizeof runs[i]);
    put(data_alias + runs[i].at, runs[i].bytes);
  }
  if (now.features & FEATURE_FXSAVE) put(fp, FX_BYTES);
  if (now.features & FEATURE_YMM) put(fp + YMM_AT, YMM_BYTES);
}

static void load_guest(greg_t *g, uint8_t *fp) {
  for (int i = 0; i < 16; i++) g[ORDER[i]] = now.gpr[i];
  g[REG_RIP] = now.rip;
  g[REG_EFL] = (g[REG_EFL] & ~SETTABLE) | (now.rflags & SETTABLE) | TF;
  if (now.features & FEATURE_FXSAVE) memcpy(fp, fx, FX_BYTES);
  if (now.features & FEATURE_YMM) memcpy(fp + YMM_AT, ymm, YMM_BYTES);
  *(uint64_t *)(fp + XSTATE_BV) |= 3 | (now.features & FEATURE_YMM ? 4 : 0);
  __builtin_ia32_wrgsbase64(now.gs_base);
}

/* After a trap: whether the case goes on. */
static int goes_on(greg_t *g) {
  uint64_t rip = g[REG_RIP];
  return g[REG_TRAPNO] == 1 && steps < now.max_steps && rip >= now.rip && rip < now.rip + now.code_bytes;
}

static uint64_t insn_at;

static void on_trap(int sig, siginfo_t *info, void *context) {
  unsigned long fs = __builtin_ia32_rdfsbase64();
  __asm__ volatile("pushfq; andl $~0x244000, (%%rsp); popfq" ::: "cc", "memory"); /* NT, AC, ID */
  __builtin_ia32_wrfsbase64(home_fs);
  (void)sig, (void)info;
  ucontext_t *uc = context;
  greg_t *g = uc->uc_mcontext.gregs;
  uint8_t *fp = (uint8_t *)uc->uc_mcontext.fpregs;
  if (!running) {
    /* The INT3 of run_case: everything to go back to afterwards. */
    running = 1;
    memcpy(home, g, sizeof home);
    memcpy(home_fx, fp, FX_BYTES);
    home_bv = *(uint64_t *)(fp + XSTATE_BV);
    load_guest(g, fp);
    insn_at = now.rip;
    __builtin_ia32_wrfsbase64(now.fs_base);
    return;
  }
  int repeated;
  uint8_t op = opcode_at(code_alias + (insn_at - CODE_AT), &repeated);
  int again = 0;
  if (g[REG_TRAPNO] == 1) {
    /* TF also traps between the turns of a repeated string instruction, and in place of a gather's fault. */
    int whole = !(repeated && is_string(op)) && !is_gather(code_alias + (insn_at - CODE_AT));
    again = !whole && (uint64_t)g[REG_RIP] == insn_at && ++reps < MAX_REP;
    /* PUSHF stored the TF that is ours. */
    uint64_t sp = g[REG_RSP] - DATA_AT;
    if (op == 0x9c && sp + 1 < RW_BYTES) data_alias[sp + 1] &= ~1;
    /* POPF may have set NT, AC, ID, or a TF of its own. */
    int trapping = op == 0x9d && ((sp - 7 < RW_BYTES && data_alias[sp - 7] & 1) || (sp - 1 < RW_BYTES && data_alias[sp - 1] & 1));
    if (trapping || g[REG_EFL] & UNWANTED) {
      g[REG_TRAPNO] = SPOILT;
      g[REG_EFL] &= ~UNWANTED;
    }
  }
  if (!again) {
    steps++;
    record(g, fp, fs);
  }
  if (again || goes_on(g)) {
    insn_at = g[REG_RIP];
    g[REG_EFL] |= TF;
    __builtin_ia32_wrfsbase64(fs);
    return;
  }
  running = 0;
  memcpy(g, home, sizeof home);
  memcpy(fp, home_fx, FX_BYTES);
  *(uint64_t *)(fp + XSTATE_BV) = home_bv | 3;
}

static uint8_t *map(unsigned long at, size_t bytes, int protection) {
  int fd = memfd_create("guest", 0);
  if (fd < 0 || ftruncate(fd, bytes)) die("memfd_create");
  void *fixed = mmap((void *)at, bytes, protection, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, fd, 0);
  void *alias = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fixed != (void *)at || alias == MAP_FAILED) die("mmap");
  return alias;
}

static void run_case(void) {
  get((uint8_t *)&now + 4, sizeof now - 4);
  if (now.code_bytes > MAX_CODE || now.max_steps > MAX_STEPS) die("case too large");
  if (now.rip < CODE_AT || now.rip + now.code_bytes > CODE_AT + CODE_BYTES) die("code outside of its pages");
  get(code, now.code_bytes);
  memcpy(data_alias, background, DATA_BYTES);
  memset(code_alias, 0xcc, CODE_BYTES);
  memcpy(code_alias + (now.rip - CODE_AT), code, now.code_bytes);
  for (uint32_t i = 0; i < now.patches; i++) {
    struct range r;
    get(&r, sizeof r);
    if (r.at > DATA_BYTES || r.bytes > DATA_BYTES - r.at) die("patch outside of the data pages");
    get(data_alias + r.at, r.bytes);
  }
  if (now.features & FEATURE_FXSAVE) get(fx, FX_BYTES);
  if (now.features & FEATURE_YMM) get(ymm, YMM_BYTES);
  memcpy(before, data_alias, DATA_BYTES);
  steps = reps = 0;
  out_bytes = 4;
  __asm__ volatile("int3" ::: "memory");
  memcpy(out, &steps, 4);
  if (fwrite(out, 1, out_bytes, stdout) != out_bytes) die("cannot write");
}

int main(void) {
  static uint8_t signal_stack[1 << 20];
  if (!(getauxval(AT_HWCAP2) & 2)) die("the kernel does not allow WRFSBASE");
  home_fs = __builtin_ia32_rdfsbase64();
  out_room = (size_t)MAX_STEPS * (RW_BYTES * 10 + 2048);
  out = malloc(out_room);
  data_alias = map(DATA_AT, DATA_BYTES, PROT_READ | PROT_WRITE);
  if (mprotect((void *)(DATA_AT + RW_BYTES), PAGE, PROT_READ)) die("mprotect");
  code_alias = map(CODE_AT, CODE_BYTES, PROT_READ | PROT_EXEC);
  for (uint32_t i = 0, x = 0x9e3779b9; i < DATA_BYTES; i++) {
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    background[i] = x >> 24;
  }
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  if (sigaltstack(&stack, 0)) die("sigaltstack");
  const int signals[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
    if (sigaction(signals[i], &action, 0)) die("sigaction");
  while (fread(&now, 1, 4, stdin) == 4) {
    if (now.version != VERSION) die("case of another version");
    run_case();
  }
  return fflush(stdout) ? 1 : 0;
}
