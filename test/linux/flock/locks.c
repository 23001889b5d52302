/* flock(2): shared and exclusive, converted, of the open file: inherited by children, kept by duplicates, gone with the last close. */
#include "../check.h"
#include <sys/file.h>

int main(void) {
  scratch();
  int one = file_with_text("file", ""), two = MUST(open("file", O_RDONLY)), three = MUST(open("file", O_RDONLY));
  SHOW(flock(one, LOCK_SH));
  SHOW(flock(two, LOCK_SH | LOCK_NB));
  SHOW(flock(three, LOCK_EX | LOCK_NB));
  SHOW(flock(one, LOCK_EX | LOCK_NB));
  SHOW(flock(two, LOCK_UN));
  SHOW(flock(one, LOCK_EX | LOCK_NB));
  SHOW(flock(two, LOCK_SH | LOCK_NB));
  int copy = MUST(dup(one));
  MUST(close(one));
  SHOW(flock(two, LOCK_SH | LOCK_NB));
  IN_CHILD("child") SHOW(flock(copy, LOCK_UN));
  SHOW(flock(two, LOCK_EX | LOCK_NB));
  SHOW(flock(copy, 0));
  SHOW(flock(copy, LOCK_SH | LOCK_EX | LOCK_NB));
  SHOW(flock(999, LOCK_SH));
  Gate gate = gate_new();
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(close(two));
    int own = MUST(open("file", O_RDONLY));
    gate_open(gate);
    MUST(flock(own, LOCK_EX));
    say("child has it\n");
    _exit(0);
  }
  gate_pass(gate);
  let_it_sleep();
  say("parent lets go\n");
  MUST(close(two));
  MUST(waitpid(child, NULL, 0));
}
