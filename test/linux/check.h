/*
 * What every program of this suite includes: ways of printing what a call did, so that the text is the same on every Linux
 * from 5.10 on: names of errors and signals, no addresses, no process or inode numbers, no times.
 *
 * Each program is one file with a main() and can be compiled alone. build.ts also links all of them into one executable,
 * chosen by argv[0]; so whatever a program defines is static, and the functions here are weak.
 */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WEAK __attribute__((weak))
#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Prints at once: no buffer that a child would print again, nothing lost in a crash. */
WEAK __attribute__((format(printf, 1, 2))) void say(const char *format, ...) {
  char text[2048];
  va_list args;
  int saved = errno;
  va_start(args, format);
  int length = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (length > (int)sizeof text - 1) length = sizeof text - 1;
  for (int done = 0; done < length;) {
    ssize_t count = write(1, text + done, length - done);
    if (count < 0 && errno != EINTR) break;
    if (count > 0) done += count;
  }
  errno = saved;
}

#define ERROR_NAMES(X) \
  X(EPERM) X(ENOENT) X(ESRCH) X(EINTR) X(EIO) X(ENXIO) X(E2BIG) X(ENOEXEC) X(EBADF) X(ECHILD) X(EAGAIN) X(ENOMEM) \
  X(EACCES) X(EFAULT) X(ENOTBLK) X(EBUSY) X(EEXIST) X(EXDEV) X(ENODEV) X(ENOTDIR) X(EISDIR) X(EINVAL) X(ENFILE) \
  X(EMFILE) X(ENOTTY) X(ETXTBSY) X(EFBIG) X(ENOSPC) X(ESPIPE) X(EROFS) X(EMLINK) X(EPIPE) X(EDOM) X(ERANGE) \
  X(EDEADLK) X(ENAMETOOLONG) X(ENOLCK) X(ENOSYS) X(ENOTEMPTY) X(ELOOP) X(ENODATA) X(EOVERFLOW) X(ENOTSOCK) \
  X(EDESTADDRREQ) X(EMSGSIZE) X(EPROTOTYPE) X(ENOPROTOOPT) X(EPROTONOSUPPORT) X(ESOCKTNOSUPPORT) X(EOPNOTSUPP) \
  X(EAFNOSUPPORT) X(EADDRINUSE) X(EADDRNOTAVAIL) X(ENETUNREACH) X(ECONNABORTED) X(ECONNRESET) X(ENOBUFS) X(EISCONN) \
  X(ENOTCONN) X(ETIMEDOUT) X(ECONNREFUSED) X(EALREADY) X(EINPROGRESS) X(ECANCELED) X(EOWNERDEAD) X(ENOTRECOVERABLE) \
  X(EIDRM) X(ENOMSG) X(EBADFD) X(EDQUOT)

WEAK const char *error_name(int number) {
  static char unknown[16];
  switch (number) {
#define X(name) \
  case name:    \
    return #name;
    ERROR_NAMES(X)
#undef X
  }
  snprintf(unknown, sizeof unknown, "errno %d", number);
  return unknown;
}

#define SIGNAL_NAMES(X) \
  X(SIGHUP) X(SIGINT) X(SIGQUIT) X(SIGILL) X(SIGTRAP) X(SIGABRT) X(SIGBUS) X(SIGFPE) X(SIGKILL) X(SIGUSR1) X(SIGSEGV) \
  X(SIGUSR2) X(SIGPIPE) X(SIGALRM) X(SIGTERM) X(SIGSTKFLT) X(SIGCHLD) X(SIGCONT) X(SIGSTOP) X(SIGTSTP) X(SIGTTIN) \
  X(SIGTTOU) X(SIGURG) X(SIGXCPU) X(SIGXFSZ) X(SIGVTALRM) X(SIGPROF) X(SIGWINCH) X(SIGIO) X(SIGPWR) X(SIGSYS)

WEAK const char *signal_name(int number) {
  static char unknown[16];
  switch (number) {
#define X(name) \
  case name:    \
    return #name;
    SIGNAL_NAMES(X)
#undef X
  }
  snprintf(unknown, sizeof unknown, "signal %d", number);
  return unknown;
}

WEAK long show_result(const char *text, long result, bool value) {
  if (result == -1 && errno) say("%s: %s\n", text, error_name(errno));
  else if (value) say("%s = %ld\n", text, result);
  else say("%s: works\n", text);
  return result;
}

WEAK long must_result(const char *text, long result) {
  if (result != -1) return result;
  say("%s failed: %s\n", text, error_name(errno));
  exit(99);
}

/* Prints the call and its result, or the name of its error. Gives the result. */
#define SHOW(call) (errno = 0, show_result(#call, (long)(call), true))
/* The same for results that differ from run to run: descriptors, addresses, numbers of processes. */
#define WORKS(call) (errno = 0, show_result(#call, (long)(call), false))
#define MAPS(call) ((void *)(errno = 0, show_result(#call, (long)(call), false)))
/* For calls that return the error, as those of POSIX threads do. */
#define SHOW_ERROR(call)                                                                  \
  do {                                                                                    \
    int error_ = (call);                                                                  \
    say("%s%s%s\n", #call, error_ ? ": " : " = ", error_ ? error_name(error_) : "0");     \
  } while (0)
/* Prints a condition and whether it holds. */
#define IS(condition) say("%s: %s\n", #condition, (condition) ? "yes" : "NO")
/* Part of the set-up, silent unless it fails. */
#define MUST(call) (errno = 0, must_result(#call, (long)(call)))
#define MUST_MAP(call) ((void *)(errno = 0, must_result(#call, (long)(call))))

/* How a process ended or what it did, from what wait(2) says. */
WEAK void say_status(const char *who, int status) {
  if (WIFEXITED(status)) say("%s exited %d\n", who, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) say("%s killed by %s\n", who, signal_name(WTERMSIG(status)));
  else if (WIFSTOPPED(status)) say("%s stopped by %s\n", who, signal_name(WSTOPSIG(status)));
  else if (WIFCONTINUED(status)) say("%s continued\n", who);
  else say("%s: status %#x\n", who, status);
}

/* IN_CHILD(name) { ... } runs the block in a child, waits, and prints how it ended. Ends with 0 unless the block exits. */
WEAK pid_t start_child(void) { return MUST(fork()); }
WEAK void end_child(const char *who, pid_t child) {
  int status;
  if (child == 0) _exit(0);
  MUST(waitpid(child, &status, 0));
  say_status(who, status);
}
#define IN_CHILD(who)                                                                                        \
  for (pid_t child_ = start_child(), first_ = 1; first_; first_ = 0, end_child(who, child_)) if (child_ == 0)

/* One-way signs between processes or threads: a pipe. */
typedef struct { int fds[2]; } Gate;
WEAK Gate gate_new(void) {
  Gate gate;
  MUST(pipe(gate.fds));
  return gate;
}
WEAK void gate_open(Gate gate) { MUST(write(gate.fds[1], "", 1)); }
WEAK void gate_pass(Gate gate) {
  char byte;
  ssize_t count;
  while ((count = read(gate.fds[0], &byte, 1)) < 0 && errno == EINTR)
    ;
  if (count != 1) say("gate: %s\n", count ? error_name(errno) : "end of file"), exit(98);
}

WEAK void sleep_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    ;
}
WEAK long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
/* Waits until a thread or child of ours sleeps in the kernel, as far as can be told from outside: simply for a while. */
WEAK void let_it_sleep(void) { sleep_ms(100); }
/* Waits until a counter is what it will be, or for two seconds, and a while longer lest it be more. Gives the counter. */
WEAK int reaches(volatile int *counter, int value) {
  for (int i = 0; *counter != value && i < 200; i++) sleep_ms(10);
  sleep_ms(20);
  return *counter;
}

/* FAULT(base, statement) runs it and prints which signal it got, why, and where relative to base. */
WEAK sigjmp_buf fault_return;
WEAK volatile sig_atomic_t fault_signal, fault_code;
WEAK char *volatile fault_address;
WEAK void fault_handler(int number, siginfo_t *info, void *context) {
  (void)context;
  fault_signal = number;
  fault_code = info->si_code;
  fault_address = info->si_addr;
  siglongjmp(fault_return, 1);
}
WEAK void fault_catch(void) {
  struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGSEGV, &action, NULL));
  MUST(sigaction(SIGBUS, &action, NULL));
  fault_signal = 0;
}
WEAK void fault_say(const char *text, const volatile void *base) {
  signal(SIGSEGV, SIG_DFL);
  signal(SIGBUS, SIG_DFL);
  if (fault_signal == 0) {
    say("%s: no fault\n", text);
    return;
  }
  int code = fault_code;
  const char *name = "another code";
  if (fault_signal == SIGSEGV && code == SEGV_MAPERR) name = "SEGV_MAPERR";
  if (fault_signal == SIGSEGV && code == SEGV_ACCERR) name = "SEGV_ACCERR";
  if (fault_signal == SIGBUS && code == BUS_ADRERR) name = "BUS_ADRERR";
  if (code == SI_KERNEL) name = "SI_KERNEL";
  say("%s: %s %s at %#tx\n", text, signal_name(fault_signal), name, (char *)fault_address - (char *)base);
}
#define FAULT(base, statement)                                  \
  do {                                                          \
    fault_catch();                                              \
    if (sigsetjmp(fault_return, 1) == 0) { statement; }         \
    fault_say(#statement, base);                                \
  } while (0)

/* A directory of our own under /tmp (or $TMPDIR) becomes the current one; it goes when the process exits. */
WEAK char scratch_path[PATH_MAX];
WEAK pid_t scratch_owner;
WEAK void remove_tree(const char *path) {
  DIR *dir = opendir(path);
  if (dir == NULL) return;
  for (struct dirent *entry; (entry = readdir(dir));) {
    char name[PATH_MAX];
    struct stat status;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (lstat(name, &status) == 0 && S_ISDIR(status.st_mode)) {
      chmod(name, 0700);
      remove_tree(name);
    } else unlink(name);
  }
  closedir(dir);
  rmdir(path);
}
WEAK void scratch_remove(void) {
  if (getpid() != scratch_owner) return;
  if (chdir("/") == 0) remove_tree(scratch_path);
}
WEAK void scratch(void) {
  const char *base = getenv("TMPDIR");
  snprintf(scratch_path, sizeof scratch_path, "%s/pml4-XXXXXX", base ? base : "/tmp");
  if (mkdtemp(scratch_path) == NULL) must_result("mkdtemp", -1);
  MUST(chdir(scratch_path));
  umask(022);
  scratch_owner = getpid();
  atexit(scratch_remove);
}

/* A file with this text, open for reading and writing at its start. */
WEAK int file_with(const char *path, const void *bytes, size_t length) {
  int fd = MUST(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
  MUST(write(fd, bytes, length));
  MUST(lseek(fd, 0, SEEK_SET));
  return fd;
}
WEAK int file_with_text(const char *path, const char *text) { return file_with(path, text, strlen(text)); }
/* A file of so many pages, each full of its own letter from 'A' on. */
WEAK int file_of_pages(const char *path, int pages) {
  char page[PAGE];
  int fd = MUST(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));
  for (int i = 0; i < pages; i++) {
    memset(page, 'A' + i, sizeof page);
    MUST(write(fd, page, sizeof page));
  }
  return fd;
}
/* What the file holds, as text, at most 1023 bytes. */
WEAK const char *text_of(const char *path) {
  static char text[1024];
  int fd = open(path, O_RDONLY);
  if (fd < 0) return error_name(errno);
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  text[count > 0 ? count : 0] = 0;
  return text;
}
WEAK off_t size_of(int fd) {
  struct stat status;
  return MUST(fstat(fd, &status)), status.st_size;
}
#endif
