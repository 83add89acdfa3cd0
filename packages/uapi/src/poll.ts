/** What poll(2) is asked for and tells. Linux: include/uapi/asm-generic/poll.h */
export const POLL = {
  POLLIN: 0x0001,
  POLLPRI: 0x0002,
  POLLOUT: 0x0004,
  POLLERR: 0x0008,
  POLLHUP: 0x0010,
  POLLNVAL: 0x0020,
  POLLRDNORM: 0x0040,
  POLLRDBAND: 0x0080,
  POLLWRNORM: 0x0100,
  POLLWRBAND: 0x0200,
  POLLMSG: 0x0400,
  POLLRDHUP: 0x2000,
} as const;

/**
 * Requests of ioctl(2): what every file takes, and PIDFD_GET_INFO with the structure's first size
 * in it. Linux: include/uapi/asm-generic/ioctls.h, include/uapi/linux/pidfd.h
 */
export const IOCTL = {
  FIONBIO: 0x5421,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
  PIDFD_GET_CGROUP_NAMESPACE: 0xff01,
  PIDFD_GET_IPC_NAMESPACE: 0xff02,
  PIDFD_GET_MNT_NAMESPACE: 0xff03,
  PIDFD_GET_NET_NAMESPACE: 0xff04,
  PIDFD_GET_PID_NAMESPACE: 0xff05,
  PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE: 0xff06,
  PIDFD_GET_TIME_NAMESPACE: 0xff07,
  PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE: 0xff08,
  PIDFD_GET_USER_NAMESPACE: 0xff09,
  PIDFD_GET_UTS_NAMESPACE: 0xff0a,
  PIDFD_GET_INFO: 0xc040_ff0b,
} as const;

/** What PIDFD_GET_INFO is asked for and tells. Linux: include/uapi/linux/pidfd.h */
export const PIDFD_INFO = {
  PIDFD_INFO_PID: 0x01,
  PIDFD_INFO_CREDS: 0x02,
  PIDFD_INFO_CGROUPID: 0x04,
  PIDFD_INFO_EXIT: 0x08,
  PIDFD_INFO_COREDUMP: 0x10,
  PIDFD_INFO_SUPPORTED_MASK: 0x20,
  PIDFD_INFO_COREDUMP_SIGNAL: 0x40,
  PIDFD_INFO_COREDUMP_CODE: 0x80,
} as const;

/** What becomes of a process' core dump. Linux: include/uapi/linux/pidfd.h */
export const PIDFD_COREDUMP = {
  PIDFD_COREDUMPED: 1,
  PIDFD_COREDUMP_SKIP: 2,
  PIDFD_COREDUMP_USER: 4,
  PIDFD_COREDUMP_ROOT: 8,
} as const;
