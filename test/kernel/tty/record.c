/* Does to a pseudo-terminal what its input says, one step a line, and prints what came of it: see line-cases.ts. */
#define _GNU_SOURCE
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void hex(const unsigned char *bytes, int count) {
  putchar('"');
  for (int i = 0; i < count; i++) printf("%02x", bytes[i]);
  putchar('"');
}

static int unhex(const char *text, unsigned char *bytes) {
  int count = 0;
  for (; text[0] > ' ' && text[1] > ' '; text += 2) sscanf(text, "%2hhx", &bytes[count++]);
  return count;
}

int main(void) {
  static char line[65536];
  static unsigned char bytes[32768];
  int master = -1, slave = -1, unlocked = 0;
  while (fgets(line, sizeof line, stdin)) {
    int result = 0, number;
    bytes[0] = 0;
    const char *argument = line + 2;
    int show = 0;
    switch (line[0]) {
    case 'n': /* a new terminal */
      if (master >= 0) close(slave), close(master);
      master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
      ioctl(master, TIOCSPTLCK, &unlocked);
      slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK);
      break;
    case 't': { /* settings: iflag oflag lflag cc */
      struct termios2 t;
      ioctl(slave, TCGETS2, &t);
      char cc[64];
      sscanf(argument, "%u %u %u %63s", &t.c_iflag, &t.c_oflag, &t.c_lflag, cc);
      unhex(cc, t.c_cc);
      result = ioctl(slave, TCSETS2, &t);
      break;
    }
    case 'm': /* typed */
      number = unhex(argument, bytes);
      result = write(master, bytes, number);
      break;
    case 'w': /* written by a program */
      number = unhex(argument, bytes);
      result = write(slave, bytes, number);
      break;
    case 'r': /* read by a program */
      result = read(slave, bytes, atoi(argument));
      show = 1;
      break;
    case 'c': /* tcflow(3) */
      result = ioctl(slave, TCXONC, atoi(argument));
      break;
    case 'f': /* tcflush(3) */
      result = ioctl(slave, TCFLSH, atoi(argument));
      break;
    }
    if (result < 0) result = -errno;
    usleep(10000);
    ioctl(slave, FIONREAD, &number);
    printf("[%d, %d, ", result, number);
    hex(bytes, show && result > 0 ? result : 0);
    printf(", ");
    int got = read(master, bytes, sizeof bytes);
    hex(bytes, got > 0 ? got : 0);
    printf("]\n");
  }
  return 0;
}
