/* execve(2): arguments and environment arrive as they were given, empty ones included; the process number stays. */
#include "../check.h"

extern char **environ;

int main(int argc, char **argv) {
  if (argc > 1) {
    IS(getpid() == atoi(argv[1]));
    for (int i = 2; i < argc; i++) say("argument %d: [%s]\n", i, argv[i]);
    IS(argv[argc] == NULL);
    for (char **entry = environ; *entry; entry++) say("environment: [%s]\n", *entry);
    return 17;
  }
  IN_CHILD("child") {
    char pid[16], length[200];
    snprintf(pid, sizeof pid, "%d", getpid());
    memset(length, 'L', sizeof length);
    length[sizeof length - 1] = 0;
    char *arguments[] = {argv[0], pid, "one", "", "two words", length, NULL};
    char *environment[] = {"A=1", "EMPTY=", "X=Y=Z", "NOEQUALS", "", NULL};
    MUST(execve("/proc/self/exe", arguments, environment));
  }
}
