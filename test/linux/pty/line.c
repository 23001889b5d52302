/* pty(7), termios(3): the line discipline: canonical input, echo, erase and kill characters, end of file, raw mode, output. */
#include "../check.h"
#include <sys/ioctl.h>
#include <termios.h>

static int terminal, master;

static void type(const char *bytes) {
  char echo[100];
  MUST(write(master, bytes, strlen(bytes)));
  sleep_ms(30);
  long count = read(master, echo, sizeof echo);
  say("echo:");
  for (long i = 0; i < count; i++) say(" %02x", (unsigned char)echo[i]);
  say("\n");
}
static void line(void) {
  char text[100];
  long count = read(terminal, text, sizeof text);
  if (count < 0) {
    say("line: %s\n", error_name(errno));
    return;
  }
  say("line of %ld:", count);
  for (long i = 0; i < count; i++) say(" %02x", (unsigned char)text[i]);
  say("\n");
}

int main(void) {
  struct termios settings;
  char text[20];
  master = WORKS(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
  SHOW(grantpt(master));
  SHOW(unlockpt(master));
  terminal = WORKS(open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK));
  SHOW(isatty(terminal));
  SHOW(tcgetattr(terminal, &settings));
  say("%x %x %x\n", settings.c_iflag, settings.c_oflag, settings.c_lflag);
  line();
  type("abc"), line();
  type("\x7f\x7fxy\n"), line();
  type("gone\x15here\r"), line();
  type("words go\x17\n"), line();
  type("part\x04"), line();
  type("\x04"), line();
  settings.c_lflag &= ~(ICANON | ECHO);
  SHOW(tcsetattr(terminal, TCSANOW, &settings));
  type("a\x7f"), line();
  SHOW(write(terminal, "out\n", 4));
  SHOW(read(master, text, sizeof text));
  settings.c_oflag &= ~OPOST;
  SHOW(tcsetattr(terminal, TCSANOW, &settings));
  SHOW(write(terminal, "out\n", 4));
  SHOW(read(master, text, sizeof text));
  struct winsize size = {24, 80, 0, 0};
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  size = (struct winsize){0};
  SHOW(ioctl(terminal, TIOCGWINSZ, &size));
  say("%d %d\n", size.ws_row, size.ws_col);
  MUST(close(terminal));
  SHOW(read(master, text, sizeof text));
}
