// Asks a kernel how processes end, are waited for and are named: a line for a question, with a tab
// between it and the answer. record.sh runs it, here or as the first process under QEMU.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __WNOTHREAD
#define __WNOTHREAD 0x20000000
#endif

static pid_t start(int exit_signal)
{
	return syscall(SYS_clone, (unsigned long)exit_signal, 0, 0, 0, 0);
}

static pid_t dead(int exit_signal)
{
	pid_t pid = start(exit_signal);
	if (pid == 0) _exit(7);
	siginfo_t info;
	waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL);
	usleep(20000);
	return pid;
}

static void say(const char *question, const char *answer) { printf("%s\t%s\n", question, answer); }

// "it" for the child that was meant, "none ready", or the error.
static void say_wait(const char *question, pid_t asked, int options, pid_t meant)
{
	int status = 0;
	pid_t found = waitpid(asked, &status, options | WNOHANG);
	say(question, found == 0     ? "none ready"
		      : found < 0    ? strerrorname_np(errno)
		      : found == meant ? "it"
				       : "another");
	if (found <= 0 && meant > 0) waitpid(meant, &status, __WALL);
}

static void say_dead(const char *question, int exit_signal, int options)
{
	pid_t pid = dead(exit_signal);
	say_wait(question, pid, options, pid);
}

static void *exit5(void *wait)
{
	usleep((long)wait);
	syscall(SYS_exit, 5);
	return NULL;
}

static void say_exit(const char *question, long thread_waits, long leader_waits, int killed)
{
	pid_t pid = fork();
	if (pid == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, exit5, (void *)thread_waits);
		usleep(leader_waits);
		syscall(SYS_exit, 3);
	}
	int status = 0;
	if (killed) {
		usleep(100000);
		kill(pid, SIGKILL);
	}
	waitpid(pid, &status, 0);
	char answer[32];
	if (WIFSIGNALED(status)) snprintf(answer, sizeof answer, "signal %d", WTERMSIG(status));
	else snprintf(answer, sizeof answer, "code %d", WEXITSTATUS(status));
	say(question, answer);
}

static pid_t childs_child;
static int told[2];

static void *make_child(void *unused)
{
	(void)unused;
	childs_child = start(SIGCHLD);
	if (childs_child == 0) {
		char byte;
		read(told[0], &byte, 1);
		_exit(0);
	}
	usleep(300000);
	return NULL;
}

static void *exec_thread(void *unused)
{
	(void)unused;
	usleep(50000);
	char tid[16];
	snprintf(tid, sizeof tid, "%d", (int)syscall(SYS_gettid));
	execl("/proc/self/exe", "life", "after-exec", tid, NULL);
	execl("/init", "life", "after-exec", tid, NULL);
	_exit(99);
}

static pid_t with_number(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (unsigned long)&number, .set_tid_size = 1 };
	pid_t pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static const char *signalled(int pidfd)
{
	return syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 ? "0" : strerrorname_np(errno);
}

int main(int argc, char **argv)
{
	if (argc == 3) { // behind exec_thread: 1 where the thread's own number names nobody any more
		int gone = kill(atoi(argv[2]), 0) < 0 && errno == ESRCH;
		_exit(syscall(SYS_gettid) == getpid() ? gone : 2);
	}
	if (getpid() == 1) {
		int console = open("/dev/console", O_RDWR);
		for (int fd = 0; fd < 3; fd++) dup2(console, fd);
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	struct utsname name;
	uname(&name);
	say("release", name.release);
	say("version", name.version);

	pid_t it;
	say_dead("kind/plain by a plain wait", SIGCHLD, 0);
	say_dead("kind/plain by __WCLONE", SIGCHLD, __WCLONE);
	say_dead("kind/plain by __WALL", SIGCHLD, __WALL);
	say_dead("kind/SIGURG by a plain wait", SIGURG, 0);
	say_dead("kind/SIGURG by __WCLONE", SIGURG, __WCLONE);
	say_dead("kind/SIGURG by __WALL", SIGURG, __WALL);
	say_dead("kind/no signal by a plain wait", 0, 0);
	say_dead("kind/no signal by __WCLONE", 0, __WCLONE);

	signal(SIGCHLD, SIG_IGN);
	int signals[] = { SIGCHLD, SIGURG, 0 };
	const char *ignored[] = { "ignored/plain", "ignored/SIGURG", "ignored/no signal" };
	for (int i = 0; i < 3; i++) {
		it = start(signals[i]);
		if (it == 0) _exit(0);
		usleep(100000);
		say_wait(ignored[i], it, __WALL, it);
	}
	signal(SIGCHLD, SIG_DFL);
	it = dead(SIGCHLD);
	signal(SIGCHLD, SIG_IGN);
	say_wait("ignored/only once it was dead", it, 0, it);
	signal(SIGCHLD, SIG_DFL);

	pid_t first = start(SIGCHLD);
	if (first == 0) {
		usleep(200000);
		_exit(0);
	}
	pid_t second = dead(SIGCHLD);
	usleep(300000);
	say_wait("order/two dead, the younger one first", -1, 0, first);
	waitpid(second, NULL, 0);

	say_exit("exit/thread 5, then leader 3", 0, 200000, 0);
	say_exit("exit/leader 3, then thread 5", 200000, 0, 0);
	say_exit("exit/leader 3, then killed", 400000, 0, 1);

	pid_t half = fork();
	if (half == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, exit5, (void *)400000L);
		syscall(SYS_exit, 3);
	}
	usleep(150000);
	int half_pidfd = syscall(SYS_pidfd_open, half, 0);
	say("leader gone/its number", kill(half, 0) == 0 ? "0" : strerrorname_np(errno));
	say("leader gone/its pidfd", signalled(half_pidfd));
	say_wait("leader gone/wait", half, 0, half);

	pipe(told);
	pthread_t maker;
	pthread_create(&maker, NULL, make_child, NULL);
	usleep(100000);
	say_wait("other thread's child/__WNOTHREAD", childs_child, __WNOTHREAD, 0);
	say_wait("other thread's child/plain", childs_child, 0, 0);
	pthread_join(maker, NULL);
	usleep(100000); // the join returns before the thread has left its children to others
	say_wait("gone thread's child/__WNOTHREAD", childs_child, __WNOTHREAD, 0);
	write(told[1], "", 1);
	waitpid(childs_child, NULL, 0);

	it = fork();
	if (it == 0) {
		pthread_t thread;
		pthread_create(&thread, NULL, exec_thread, NULL);
		pause();
	}
	int exec_pidfd = syscall(SYS_pidfd_open, it, 0);
	int status;
	waitpid(it, &status, 0);
	say("exec by a thread/its own number", WEXITSTATUS(status) == 1   ? "ESRCH"
					       : WEXITSTATUS(status) == 0 ? "0"
									  : "not run");
	say("reaped/pidfd", signalled(exec_pidfd));

	it = dead(SIGCHLD);
	int pidfd = syscall(SYS_pidfd_open, it, 0);
	say("zombie/pidfd", signalled(pidfd));
	say("zombie/its number anew", with_number(it) < 0 ? strerrorname_np(errno) : "it");
	waitpid(it, NULL, 0);
	pid_t again = with_number(it);
	say("reaped/its number anew", again < 0 ? strerrorname_np(errno) : again == it ? "it" : "another");
	say("reaped/pidfd with its number in use", signalled(pidfd));
	if (again > 0) {
		kill(again, SIGKILL);
		waitpid(again, NULL, 0);
	}
	say("end", ".");
	if (getpid() == 1) reboot(RB_POWER_OFF);
	return 0;
}
