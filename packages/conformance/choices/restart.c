/* Calls that sleep, and a signal that comes meanwhile: with a handler, with one that wants the call
 * to start again, and with none (a stop and a continuation). */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signal) { (void)signal; }

static long sleepIn(int call, pid_t child, int pidfd)
{
	struct pollfd fds = {.fd = pidfd, .events = POLLIN};
	siginfo_t info;
	int status;
	switch (call) {
	case 0: return syscall(SYS_wait4, child, &status, 0, NULL);
	case 1: return syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED, NULL);
	case 2: return syscall(SYS_poll, &fds, 1, -1);
	case 3: return syscall(SYS_poll, &fds, 1, 5000);
	default: return syscall(SYS_ppoll, &fds, 1, NULL, NULL, 0);
	}
}

int main(void)
{
	static const int ways[] = {0, SA_RESTART, -1};
	for (int way = 0; way < 3; way++)
		for (int call = 0; call < 5; call++) {
			struct sigaction action = {.sa_handler = handler};
			if (ways[way] >= 0) {
				action.sa_flags = ways[way];
				sigaction(SIGUSR1, &action, NULL);
			}
			pid_t child = fork();
			if (child == 0) {
				usleep(30000);
				if (ways[way] < 0) {
					kill(getppid(), SIGSTOP);
					usleep(30000);
					kill(getppid(), SIGCONT);
				} else {
					kill(getppid(), SIGUSR1);
				}
				usleep(60000);
				_exit(7);
			}
			int pidfd = syscall(SYS_pidfd_open, child, 0);
			sleepIn(call, child, pidfd);
			close(pidfd);
			waitpid(child, NULL, 0);
		}
	return 0;
}
