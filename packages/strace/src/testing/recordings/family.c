/* Processes and threads that overlap, end in every way, stop, are signalled, and call execve from a thread that is not
 * the first. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int signal) { (void)signal; }

static void *sleeper(void *argument) {
	usleep(20000);
	return argument;
}

static void *replacer(void *argument) {
	usleep(5000);
	execl("/proc/self/exe", "family", "leave", NULL);
	return argument;
}

static void *waiter(void *argument) {
	pause();
	return argument;
}

int main(int count, char **words) {
	if (count > 1 && strcmp(words[1], "leave") == 0) return 1;
	int status;
	pthread_t thread;
	siginfo_t info;
	getpid();
	signal(SIGUSR1, handler);
	kill(getpid(), SIGUSR1);
	pthread_create(&thread, 0, sleeper, 0);
	usleep(2000);
	madvise((void *)4096, 4096, MADV_WILLNEED);
	pthread_join(thread, 0);

	pid_t child = fork();
	if (child == 0) {
		usleep(5000);
		_exit(3);
	}
	waitpid(child, &status, 0);
	child = fork();
	if (child == 0) *(volatile char *)0 = 1;
	waitpid(child, &status, 0);
	child = fork();
	if (child == 0) pause();
	usleep(3000);
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	kill(child, SIGKILL);
	waitid(P_PID, child, &info, WEXITED);
	child = vfork();
	if (child == 0) {
		execl("/proc/self/exe", "family", "leave", NULL);
		_exit(1);
	}
	waitpid(child, &status, 0);
	write(2, "a line of the program's own\n", 28);

	pthread_create(&thread, 0, waiter, 0);
	pthread_create(&thread, 0, replacer, 0);
	pause();
	return 0;
}
